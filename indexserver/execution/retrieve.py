"""A plan over a whole view: the best or the first of all matches.

Segments are evaluated one by one, each exactly; what is kept of one is chosen by the order
everywhere, and what is kept of all is chosen again. So the answer does not depend on how documents
are spread over segments. When time runs out, the segments that were finished are the answer, and it
says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.ordering import best_first, document_order
from alicorn.errors import DeadlineSpent, Unsupported
from indexserver.execution.deadline import NO_DEADLINE, Deadline, TimeIsUp
from indexserver.execution.evaluate import Evaluation
from indexserver.execution.matches import Matches
from indexserver.execution.plan import Plan
from indexserver.view import View

__all__ = ["CUT_DEADLINE", "CUT_RETRIEVE_LIMIT", "Candidates", "Order", "Retrieved", "retrieve"]

CUT_RETRIEVE_LIMIT: Final = "retrieve-limit"
CUT_DEADLINE: Final = "deadline"


class Order(Enum):
    """How hits are retrieved."""

    STATIC = "static"
    """The first in DocId order: sort-key descending, id ascending."""
    CONCEPT = "concept"
    """The best by concept score."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Retrieved documents, parallel arrays, in the order that was asked for."""

    segments: npt.NDArray[np.intp]
    """Position of each one's segment in the evaluations."""
    locals: npt.NDArray[np.uint32]
    ids: npt.NDArray[np.uint64]
    sort_keys: npt.NDArray[np.uint32]
    concept_scores: npt.NDArray[np.int64]
    """In units of 1 / `CONCEPT_ONE`."""


@dataclass(frozen=True, slots=True, eq=False)
class Retrieved:
    """What a plan found."""

    candidates: Candidates
    matched: int
    """Documents that matched, in the segments that were finished."""
    cuts: tuple[str, ...]
    """Which limits cut, in alphabetical order; empty when none did."""
    evaluations: tuple[Evaluation, ...]
    """One a segment that was finished."""


def retrieve(
    view: View, plan: Plan, *, order: Order, limit: int, deadline: Deadline = NO_DEADLINE
) -> Retrieved:
    """Return the first or best ``limit`` matches of ``plan`` in ``view``.

    Parameters
    ----------
    limit : int
        At least 1.

    Raises
    ------
    DeadlineSpent
        If the time was over before anything was found, or within a subtrahend.
    """
    if plan.soft is not None or plan.extract is not None:
        operator = "extract" if plan.soft is None else "weak-and or strong-or"
        raise Unsupported(f"operator {operator} is not served yet")
    evaluations, pieces = [], []
    matched = 0
    cut_short = False
    for part in view.segments:
        evaluation = Evaluation(part, deadline)
        try:
            matches = evaluation.run(plan.root)
        except TimeIsUp:
            cut_short = True
            break
        matched += matches.ids.size
        pieces.append(_kept(matches, order, limit))
        evaluations.append(evaluation)
    if cut_short and not matched:
        raise DeadlineSpent("the time was over before anything was found: allow more")
    cuts = [CUT_DEADLINE] if cut_short else []
    if matched > limit:
        cuts.append(CUT_RETRIEVE_LIMIT)
    candidates = _best_of_all(evaluations, pieces, order, limit)
    return Retrieved(candidates, matched, tuple(cuts), tuple(evaluations))


def _kept(matches: Matches, order: Order, limit: int) -> Matches:
    """Return the ``limit`` of one segment's matches that may be among the best of all."""
    if matches.ids.size <= limit:
        return matches
    if order is Order.STATIC or matches.scores is None:
        return matches.take(np.arange(limit))
    # Ties are kept in DocId order, which is that of the local ids.
    scores = matches.scores
    least = np.partition(scores, scores.size - limit)[scores.size - limit]
    kept = scores > least
    ties = np.flatnonzero(scores == least)
    kept[ties[: limit - np.count_nonzero(kept)]] = True
    return matches.take(np.flatnonzero(kept))


def _best_of_all(
    evaluations: Sequence[Evaluation], pieces: Sequence[Matches], order: Order, limit: int
) -> Candidates:
    columns = [evaluation.part.segment.columns for evaluation in evaluations]
    numbers = [np.full(p.ids.size, i, dtype=np.intp) for i, p in enumerate(pieces)]
    zeros = [np.zeros(p.ids.size, dtype=np.int64) if p.scores is None else p.scores for p in pieces]
    found = Candidates(
        segments=np.concatenate([np.empty(0, dtype=np.intp), *numbers]),
        locals=np.concatenate([np.empty(0, dtype=np.uint32), *(p.ids for p in pieces)]),
        ids=np.concatenate(
            [np.empty(0, dtype=np.uint64)]
            + [c["ids"][p.ids] for c, p in zip(columns, pieces, strict=True)]
        ),
        sort_keys=np.concatenate(
            [np.empty(0, dtype=np.uint32)]
            + [c["sort_keys"][p.ids] for c, p in zip(columns, pieces, strict=True)]
        ),
        concept_scores=np.concatenate([np.empty(0, dtype=np.int64), *zeros]),
    )
    if order is Order.STATIC:
        best = document_order(found.sort_keys, found.ids)[:limit]
    else:
        best = best_first(found.concept_scores, found.sort_keys, found.ids)[:limit]
    return Candidates(
        segments=found.segments[best],
        locals=found.locals[best],
        ids=found.ids[best],
        sort_keys=found.sort_keys[best],
        concept_scores=found.concept_scores[best],
    )
