"""Plans with `weak-and` or `strong-or` over a view: the first or the best of all hits.

`indexserver.execution.soft` visits the candidates of all segments in DocId order and says which are
hits, which share each one can serve, and where its leaves count. Here places are given away and the
answer is put in the request's order.

In static order the visit ends as soon as the rest cannot change the answer; in concept order every
candidate is visited, since the last one may be the best.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alicorn.documents.ordering import best_first, document_order
from indexserver.execution.answers import Candidates, Order, Retrieved, candidates_of, cuts_of
from indexserver.execution.deadline import TimeIsUp
from indexserver.execution.plan import Plan
from indexserver.execution.segment_run import Frame
from indexserver.execution.soft.places import keep
from indexserver.execution.soft.points import points_of
from indexserver.execution.soft.visit import Pass

__all__ = ["retrieve_soft"]


def retrieve_soft(
    frames: Sequence[Frame], plan: Plan, order: Order, limit: int, cancel: int
) -> Retrieved:
    """Return the first or best ``limit`` hits of ``plan``, whose ``soft`` is not None.

    Parameters
    ----------
    frames : sequence of Frame
        One a segment of the view, in its order.
    limit : int
        At least 1; what `:optional-weight` is a part of.
    cancel : int
        Address of the cancel flag. Once it is set, the hits found so far are the answer: all of a
        prefix of the shard's documents in DocId order.

    Raises
    ------
    TimeIsUp
        If the time was over before anything was found.
    """
    static = order is Order.STATIC
    walk = Pass(frames, plan, limit, cancel, first=static)
    while walk.advance():
        if static and walk.matched > limit and keep(walk.hits(), walk.quotas, limit).settled:
            break
    if not walk.whole and not walk.matched:
        raise TimeIsUp
    hits = walk.hits()
    if static:
        kept = keep(hits, walk.quotas, limit)
        points = points_of(frames, walk.gates, hits, kept.positions)
    else:
        every = points_of(frames, walk.gates, hits, np.arange(hits.size))
        kept = keep(hits, walk.quotas, limit, every)
        points = every[kept.positions]
    segments, locals_ = hits.segments[kept.positions], hits.locals[kept.positions]
    pieces = [(number, np.flatnonzero(segments == number)) for number in range(len(frames))]
    found = candidates_of(frames, [(number, locals_[here]) for number, here in pieces])
    together = np.concatenate([np.empty(0, dtype=np.intp), *(here for _, here in pieces)])
    found = found._replace(concept_scores=points[together])
    # Where the visit of the first hits ends depends on how documents lie in segments.
    cut = static and walk.matched > limit
    return Retrieved(
        _in_order(found, static=static),
        limit + 1 if cut else walk.matched,
        walk.exact and not cut,
        cuts_of(limit, walk.matched, whole=walk.whole),
        tuple(frame.bound for frame in frames),
        kept.unmet,
    )


def _in_order(found: Candidates, *, static: bool) -> Candidates:
    """Return ``found`` in the request's order."""
    if static:
        order = document_order(found.sort_keys, found.ids)
    else:
        order = best_first(found.concept_scores, found.sort_keys, found.ids)
    return Candidates(
        found.segments[order],
        found.locals[order],
        found.ids[order],
        found.sort_keys[order],
        found.concept_scores[order],
    )
