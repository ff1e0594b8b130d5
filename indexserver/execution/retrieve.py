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

import numpy as np

from alicorn.errors import DeadlineSpent
from indexserver.execution.answers import (
    CUT_DEADLINE,
    CUT_RETRIEVE_LIMIT,
    Candidates,
    Order,
    Retrieved,
    cuts_of,
)
from indexserver.execution.deadline import NO_DEADLINE, Deadline, TimeIsUp
from indexserver.execution.frames import view_frame_of
from indexserver.execution.nearest import resolve_nearest
from indexserver.execution.plan import EXTRACT_FIELDS, Plan
from indexserver.execution.segment_run import EVERYTHING, Frame
from indexserver.execution.soft_run import retrieve_soft
from indexserver.execution.split import best_shared
from indexserver.execution.view_run import ViewFrame, best_each
from indexserver.view import View

__all__ = [
    "CUT_DEADLINE",
    "CUT_RETRIEVE_LIMIT",
    "Candidates",
    "Order",
    "Retrieved",
    "retrieve",
    "retrieve_many",
]


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
    flag = deadline.cancel()
    cancel = flag.address
    try:
        bound = view_frame_of(view, plan, resolve_nearest(view, plan, deadline, flag), deadline)
        if plan.extract is not None:
            return _extracted(bound, plan.extract, limit, cancel, deadline)
        if plan.soft is not None:
            return retrieve_soft(bound.frames, plan, order, limit, cancel)
    except TimeIsUp:
        raise DeadlineSpent("the time was over before anything was found: allow more") from None
    if order is Order.STATIC:
        # One more tells whether the limit cuts.
        found = bound.first(limit + 1, cancel, deadline)
    elif threads > 1:
        found = best_shared(bound, limit, cancel, threads)
    else:
        found = bound.best(limit, cancel, deadline)
    if not found.whole and not found.matched:
        raise DeadlineSpent("the time was over before anything was found: allow more")
    candidates = found.candidates
    if order is Order.STATIC:
        candidates = _scored(bound.frames, candidates.cut(limit))
    return Retrieved(
        candidates,
        found.matched,
        found.exact,
        cuts_of(limit, found.matched, whole=found.whole),
        tuple(frame.bound for frame in bound.frames),
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
            every.append(view_frame_of(view, plan, nearest, deadline))
    except TimeIsUp:
        pass  # what was bound in time may still be done
    done = best_each(every, limit, flag.address)
    for number, (bound, hits) in enumerate(zip(every, done, strict=False)):
        found[number] = Retrieved(
            hits.candidates,
            hits.matched,
            True,
            cuts_of(limit, hits.matched, whole=True),
            tuple(frame.bound for frame in bound.frames),
        )
    return found


def _scored(frames: Sequence[Frame], found: Candidates) -> Candidates:
    """Return ``found`` with the concept score of each."""
    scores = np.zeros(found.ids.size, dtype=np.int64)
    for number, frame in enumerate(frames):
        if not len(frame.bound.program.shares):
            continue
        here = np.flatnonzero(found.segments == number)
        if here.size:
            # Within a segment, DocId order is that of the local ids.
            scores[here] = frame.scores_of(found.locals[here])
    return found._replace(concept_scores=scores)


def _extracted(
    bound: ViewFrame, field: str, limit: int, cancel: int, deadline: Deadline
) -> Retrieved:
    """Return the distinct values of ``field`` over all matches, ascending; 0 is no value."""
    matched = 0
    whole = True
    values = [np.empty(0, dtype=np.uint64)]
    for number in bound.able:
        if deadline.spent:
            whole = False
            break
        frame = bound.frames[number]
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
        tuple(frame.bound for frame in bound.frames),
        extracted=True,
    )
