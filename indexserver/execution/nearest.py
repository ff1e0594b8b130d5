"""`nn :k`: the k nearest documents of a shard, before anything else of the plan runs.

Which documents are the k nearest is the whole shard's affair, and siblings must never change it; so
they are found first, over all segments of the view, and then stand in the plan like a posting list.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.ordering import best_first
from alicorn.errors import DeadlineSpent
from alicorn.query.limits import CODE_BITS
from indexserver.embeddings.nearest import Nearest as Found
from indexserver.embeddings.nearest import nearest
from indexserver.execution.deadline import Cancel, Deadline, TimeIsUp
from indexserver.execution.frames import frames_of
from indexserver.execution.neighbours import Neighbours
from indexserver.execution.plan import Nearest, Plan
from indexserver.execution.segment_run import EVERYTHING
from indexserver.postings.columns import HAS_JOINT, HAS_VISUAL
from indexserver.view import SegmentView, View

__all__ = ["resolve_nearest"]


_FLAGS: Final = {"visual": HAS_VISUAL, "joint": HAS_JOINT}


def resolve_nearest(
    view: View, plan: Plan, deadline: Deadline, cancel: Cancel
) -> tuple[dict[int, Neighbours], ...]:
    """Return for each segment of ``view`` what every `nn :k` of ``plan`` found in it, by leaf.

    Empty without such a leaf.

    Raises
    ------
    TimeIsUp
        If the time was over: the nearest of a part are no part of the nearest.
    """
    if not plan.nearest:
        return ()
    found: tuple[dict[int, Neighbours], ...] = tuple({} for _ in view.segments)
    for wanted in plan.nearest:
        for number, neighbours in enumerate(_neighbours(view, wanted, deadline, cancel)):
            found[number][wanted.leaf] = neighbours
    return found


def _neighbours(
    view: View, wanted: Nearest, deadline: Deadline, cancel: Cancel
) -> list[Neighbours]:
    allowed = _allowed(view, wanted.within, deadline, cancel)
    locals_, distances, keys, ids, segments = [], [], [], [], []
    at_most = CODE_BITS
    for number, part in enumerate(view.segments):
        near = _of_segment(part, wanted, allowed[number], at_most, cancel)
        columns = part.segment.columns
        locals_.append(near.locals)
        distances.append(near.distances)
        keys.append(columns["sort_keys"][near.locals])
        ids.append(columns["ids"][near.locals])
        segments.append(np.full(near.locals.size, number, dtype=np.intp))
        so_far = np.sort(np.concatenate(distances))
        if so_far.size >= wanted.k:
            at_most = int(so_far[wanted.k - 1])
    if not segments:
        return []
    together = np.concatenate(distances).astype(np.int64)
    best = best_first(-together, np.concatenate(keys), np.concatenate(ids))[: wanted.k]
    segment, local = np.concatenate(segments)[best], np.concatenate(locals_)[best]
    points = wanted.points[together[best]]
    result = []
    for number in range(len(view.segments)):
        here = np.flatnonzero(segment == number)
        here = here[np.argsort(local[here])]
        result.append(Neighbours(local[here], points[here]))
    return result


def _allowed(
    view: View, within: Plan | None, deadline: Deadline, cancel: Cancel
) -> list[npt.NDArray[np.uint32] | None]:
    """Return the hits of ``within`` in each segment; None allows every document."""
    if within is None:
        return [None] * len(view.segments)
    frames = frames_of(view, within, resolve_nearest(view, within, deadline, cancel), deadline)
    found: list[npt.NDArray[np.uint32] | None] = []
    for frame in frames:
        locals_, whole = frame.ids(EVERYTHING, cancel.address)
        if not whole:
            raise TimeIsUp
        found.append(locals_)
    return found


def _of_segment(
    part: SegmentView,
    wanted: Nearest,
    allowed: npt.NDArray[np.uint32] | None,
    at_most: int,
    cancel: Cancel,
) -> Found:
    codes = part.segment.columns.get(wanted.space)
    if codes is None:  # a segment in which no document has a joint code
        return Found(np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.uint16))
    try:
        return nearest(
            wanted.code,
            codes,
            wanted.k,
            flags=part.segment.columns["flags"],
            flag=_FLAGS[wanted.space],
            live_words=part.live_words,
            allowed=allowed,
            at_most=at_most,
            cancel=cancel.flag,
        )
    except DeadlineSpent:
        raise TimeIsUp from None
