"""A plan over a whole view: the first or the best of all matches, exactly.

Each segment is run by itself; what is kept of one is chosen by the order everywhere, and what is
kept of all is chosen again, so the answer does not depend on how documents are spread over
segments. Segments are run in the order of their first documents, and what was found bounds what
later ones need to look at: in static order the windows, in concept order the score.

When time runs out, the windows that were finished are the answer, and it says so. A window is
finished or not there at all, subtrahends included, so a partial answer is never wider than the
whole one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alicorn.documents.ordering import best_first, document_order
from alicorn.errors import DeadlineSpent
from indexserver.execution.answers import (
    CUT_DEADLINE,
    CUT_RETRIEVE_LIMIT,
    Candidates,
    Order,
    Retrieved,
    candidates_of,
    cuts_of,
)
from indexserver.execution.deadline import NO_DEADLINE, Deadline, TimeIsUp
from indexserver.execution.frames import frames_of
from indexserver.execution.nearest import resolve_nearest
from indexserver.execution.plan import EXTRACT_FIELDS, Plan
from indexserver.execution.segment_run import EVERYTHING, Frame, best_each
from indexserver.execution.soft_run import retrieve_soft
from indexserver.execution.split import best_of_frame
from indexserver.postings.forms import WINDOW
from indexserver.view import View

__all__ = [
    "CUT_DEADLINE",
    "CUT_RETRIEVE_LIMIT",
    "Candidates",
    "Order",
    "Retrieved",
    "first_of",
    "retrieve",
]


@dataclass(slots=True, eq=False)
class Found:
    """What segments gave so far."""

    pieces: list[tuple[int, npt.NDArray[np.uint32], npt.NDArray[np.int64]]]
    """(segment, local ids, scores)."""
    matched: int = 0
    exact: bool = True
    whole: bool = True


def retrieve(
    view: View,
    plan: Plan,
    *,
    order: Order,
    limit: int,
    deadline: Deadline = NO_DEADLINE,
    threads: int = 1,
) -> Retrieved:
    """Return the first or best ``limit`` matches of ``plan`` in ``view``.

    Parameters
    ----------
    limit : int
        At least 1.
    threads : int
        How many may share the windows of one segment, when there are many.

    Raises
    ------
    DeadlineSpent
        If the time was over before anything was found.
    """
    try:
        flag = deadline.cancel()
        cancel = flag.address
        frames = frames_of(view, plan, resolve_nearest(view, plan, deadline, flag), deadline)
        if plan.extract is not None:
            return _extracted(frames, plan.extract, limit, cancel, deadline)
        if plan.soft is not None:
            return retrieve_soft(frames, plan, order, limit, cancel)
        if order is Order.STATIC:
            found = _first(frames, limit, cancel, deadline)
        else:
            found = _best(frames, limit, cancel, deadline, threads)
    except TimeIsUp:
        raise DeadlineSpent("the time was over before anything was found: allow more") from None
    if not found.whole and not found.matched:
        raise DeadlineSpent("the time was over before anything was found: allow more")
    return Retrieved(
        _chosen(frames, found.pieces, order, limit),
        found.matched,
        found.exact and found.whole,
        cuts_of(limit, found.matched, whole=found.whole),
        tuple(frame.bound for frame in frames),
    )


def retrieve_many(
    view: View,
    plans: Sequence[Plan],
    *,
    limit: int,
    deadline: Deadline = NO_DEADLINE,
) -> list[Retrieved | None]:
    """Return the ``limit`` best matches of each of ``plans``, none of them soft or an `extract`.

    The same as `retrieve` in order `concept` one by one, in one kernel call: queries of a few
    microseconds gain nothing from threads, since each call takes as long again. None stands where
    the time was over.
    """
    found: list[Retrieved | None] = [None] * len(plans)
    flag = deadline.cancel()
    every = []
    try:
        for plan in plans:
            nearest = resolve_nearest(view, plan, deadline, flag)
            every.append(frames_of(view, plan, nearest, deadline))
    except TimeIsUp:
        pass  # what was bound in time may still be done
    done = best_each([frame for frames in every for frame in frames], limit, flag.address)
    at = 0
    for number, frames in enumerate(every):
        pieces = done[at : at + len(frames)]
        at += len(frames)
        if len(pieces) < len(frames):
            break
        matched = sum(piece.matched for piece in pieces)
        chosen = _chosen(
            frames,
            [(i, piece.locals, piece.scores) for i, piece in enumerate(pieces)],
            Order.CONCEPT,
            limit,
        )
        bounds = tuple(frame.bound for frame in frames)
        cuts = cuts_of(limit, matched, whole=True)
        found[number] = Retrieved(chosen, matched, True, cuts, bounds)
    return found


def first_of(
    frames: Sequence[Frame], limit: int, cancel: int
) -> tuple[
    npt.NDArray[np.intp], npt.NDArray[np.uint32], npt.NDArray[np.uint64], npt.NDArray[np.uint32]
]:
    """Return the first ``limit`` matches in DocId order: segments, local ids, ids, sort-keys."""
    if len(frames) == 1:
        locals_, _ = frames[0].ids(limit, cancel)
        columns = frames[0].bound.part.segment.columns
        segments = np.zeros(locals_.size, dtype=np.intp)
        return segments, locals_, columns["ids"][locals_], columns["sort_keys"][locals_]
    found = _first(frames, limit, cancel, NO_DEADLINE)
    together = candidates_of(frames, [(number, locals_) for number, locals_, _ in found.pieces])
    best = document_order(together.sort_keys, together.ids)[:limit]
    return (
        together.segments[best],
        together.locals[best],
        together.ids[best],
        together.sort_keys[best],
    )


def best_of(frames: Sequence[Frame], limit: int, cancel: int, threads: int) -> Candidates:
    """Return the ``limit`` best matches by concept score, best first."""
    if len(frames) == 1:
        best, _ = best_of_frame(frames[0], limit, cancel, threads=threads)
        return _chosen(frames, [(0, best.locals, best.scores)], Order.CONCEPT, limit)
    found = _best(frames, limit, cancel, NO_DEADLINE, threads)
    return _chosen(frames, found.pieces, Order.CONCEPT, limit)


def _in_order(frames: Sequence[Frame]) -> list[int]:
    """Return the positions of ``frames`` that can match, by their first documents."""
    able = [i for i, frame in enumerate(frames) if frame.windows]
    if len(able) < 2:
        return able
    return sorted(able, key=lambda i: _place(frames[i], 0))


def _place(frame: Frame, local: int) -> tuple[int, int]:
    """Return what orders documents: less comes first."""
    columns = frame.bound.part.segment.columns
    return -int(columns["sort_keys"][local]), int(columns["ids"][local])


def _first(frames: Sequence[Frame], limit: int, cancel: int, deadline: Deadline) -> Found:
    """Return the first ``limit`` of each segment that can be among the first of all."""
    found = Found([])
    wanted = limit + 1  # one more tells whether the limit cuts
    bound: tuple[int, int] | None = None
    for number in _in_order(frames):
        if deadline.spent:
            found.whole = False
            break
        frame = frames[number]
        end = frame.windows
        if bound is not None:
            # Whoever comes behind the last one that is wanted needs no look.
            keys = frame.bound.part.segment.columns["sort_keys"]
            better = int(np.searchsorted(-keys.astype(np.int64), bound[0], side="right"))
            end = min(end, -(-better // WINDOW))
            if not end:
                continue
        locals_, whole = frame.ids(wanted, cancel, 0, end)
        found.matched += locals_.size
        found.exact &= locals_.size < wanted and end == frame.windows
        found.pieces.append((number, locals_, np.empty(0, dtype=np.int64)))
        if not whole:
            found.whole = False
            break
        if locals_.size == wanted:
            last = _place(frame, int(locals_[-1]))
            bound = last if bound is None else min(bound, last)
    return found


def _best(
    frames: Sequence[Frame], limit: int, cancel: int, deadline: Deadline, threads: int
) -> Found:
    """Return the ``limit`` best of each segment that can be among the best of all."""
    found = Found([])
    floor = 0
    for number in _in_order(frames):
        if deadline.spent:
            found.whole = False
            break
        best, whole = best_of_frame(frames[number], limit, cancel, floor=floor, threads=threads)
        found.matched += best.matched
        found.exact &= best.exact
        found.pieces.append((number, best.locals, best.scores))
        if not whole:
            found.whole = False
            break
        floor = max(floor, _floor([scores for _, _, scores in found.pieces], limit))
    return found


def _floor(scores: Sequence[npt.NDArray[np.int64]], limit: int) -> int:
    """Return the score below which nothing is among the ``limit`` best; 0 while there are fewer."""
    if len(scores) == 1:
        return int(scores[0][-1]) if scores[0].size == limit else 0
    if sum(one.size for one in scores) < limit:
        return 0
    together = np.concatenate(scores)
    return int(np.partition(together, together.size - limit)[together.size - limit])


def _chosen(
    frames: Sequence[Frame],
    pieces: Sequence[tuple[int, npt.NDArray[np.uint32], npt.NDArray[np.int64]]],
    order: Order,
    limit: int,
) -> Candidates:
    """Return the first or best of the segments' pieces, with their concept scores."""
    if len(pieces) == 1:
        number, locals_, scores = pieces[0]
        locals_, scores = locals_[:limit], scores[:limit]
        columns = frames[number].bound.part.segment.columns
        found = Candidates(
            np.zeros(locals_.size, dtype=np.intp) + number,
            locals_,
            columns["ids"][locals_],
            columns["sort_keys"][locals_],
            scores,
        )
        chosen = found
    else:
        found = candidates_of(frames, [(number, locals_) for number, locals_, _ in pieces])
        if order is Order.STATIC:
            best = document_order(found.sort_keys, found.ids)[:limit]
            scores = np.empty(0, dtype=np.int64)
        else:
            scores = np.concatenate([np.empty(0, dtype=np.int64), *(s for _, _, s in pieces)])
            best = best_first(scores, found.sort_keys, found.ids)[:limit]
            scores = scores[best]
        chosen = Candidates(
            found.segments[best], found.locals[best], found.ids[best], found.sort_keys[best], scores
        )
    if order is Order.CONCEPT:
        return chosen
    return Candidates(
        chosen.segments,
        chosen.locals,
        chosen.ids,
        chosen.sort_keys,
        _scores_of(frames, chosen),
    )


def _scores_of(frames: Sequence[Frame], found: Candidates) -> npt.NDArray[np.int64]:
    """Return the concept score of each of ``found``."""
    scores = np.zeros(found.ids.size, dtype=np.int64)
    for number, frame in enumerate(frames):
        if not len(frame.bound.program.shares):
            continue
        here = np.flatnonzero(found.segments == number)
        if here.size:
            # Within a segment, DocId order is that of the local ids.
            scores[here] = frame.scores_of(found.locals[here])
    return scores


def _extracted(
    frames: Sequence[Frame], field: str, limit: int, cancel: int, deadline: Deadline
) -> Retrieved:
    """Return the distinct values of ``field`` over all matches, ascending; 0 is no value."""
    matched = 0
    whole = True
    values = [np.empty(0, dtype=np.uint64)]
    for number in _in_order(frames):
        if deadline.spent:
            whole = False
            break
        frame = frames[number]
        locals_, seen = frame.ids(EVERYTHING, cancel)
        matched += locals_.size
        values.append(frame.bound.part.segment.columns[EXTRACT_FIELDS[field]][locals_])
        if not seen:
            whole = False
            break
    if not whole and not matched:
        raise TimeIsUp
    distinct = np.unique(np.concatenate(values))
    distinct = distinct[distinct != 0]
    kept = distinct[:limit]
    candidates = Candidates(
        np.zeros(kept.size, dtype=np.intp),
        np.zeros(kept.size, dtype=np.uint32),
        kept,
        np.zeros(kept.size, dtype=np.uint32),
        np.zeros(kept.size, dtype=np.int64),
    )
    return Retrieved(
        candidates,
        matched,
        whole,
        cuts_of(limit, distinct.size, whole=whole),
        tuple(frame.bound for frame in frames),
        extracted=True,
    )
