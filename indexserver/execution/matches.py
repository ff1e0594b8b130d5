"""Matches: the documents of one segment that an operand contains, with exact scores.

Sorted arrays of local ids, since most lists are short and stay so under `and`; a union of much goes
through one dense row of the segment instead, which costs the same however many lists it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from indexserver.execution._kernels import (
    accumulate_lists,
    accumulate_matches,
    common_positions,
    missing_positions,
)
from indexserver.postings.segment import Postings
from indexserver.view import ListGroup, SegmentView

__all__ = ["Matches", "TermUnion", "exclude", "intersect", "unite", "unite_lists"]

LocalIds = npt.NDArray[np.uint32]
Scores = npt.NDArray[np.int64]

_NO_SCORES: Final = np.empty(0, dtype=np.int64)

# Below one hit in so many documents, sorting the hits is cheaper than a dense row.
_SPARSE: Final = 16


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Documents of one segment."""

    ids: LocalIds
    """Local ids, strictly increasing: DocId order."""
    scores: Scores | None = None
    """Beside ``ids``, in units of 1 / `CONCEPT_ONE`; None when all are 0."""
    hits: npt.NDArray[np.uint8] | None = None
    """Beside ``ids``, of a leaf over lists: the best HitData of each; else None."""

    def take(self, positions: npt.NDArray[np.intp]) -> Matches:
        """Return the matches at ``positions``, ascending, without their HitData."""
        return Matches(self.ids[positions], None if self.scores is None else self.scores[positions])


@dataclass(frozen=True, slots=True, eq=False)
class TermUnion:
    """The union of several terms' lists."""

    ids: LocalIds
    best: npt.NDArray[np.uint8]
    """The largest HitData of each document."""
    total: Scores
    """What its hits count together: bytes squared, or hits."""


def intersect(operands: Sequence[Matches]) -> Matches:
    """Return what is in all ``operands`` (at least one); scores add up. Shortest first."""
    by_size = sorted(operands, key=lambda operand: operand.ids.size)
    found = by_size[0]
    for other in by_size[1:]:
        in_few = np.empty(found.ids.size, dtype=np.int64)
        in_many = np.empty(found.ids.size, dtype=np.int64)
        n = common_positions(found.ids, other.ids, in_few, in_many)
        scores = None if found.scores is None else found.scores[in_few[:n]]
        if other.scores is not None:
            added = other.scores[in_many[:n]]
            scores = added if scores is None else scores + added
        found = Matches(found.ids[in_few[:n]], scores)
    return found


def exclude(first: Matches, others: Matches) -> Matches:
    """Return what is in ``first`` and not in ``others``, with the scores of ``first``."""
    out = np.empty(first.ids.size, dtype=np.int64)
    n = missing_positions(first.ids, others.ids, out)
    return first.take(out[:n])


def unite(operands: Sequence[Matches], documents: int) -> Matches:
    """Return what is in any of ``operands`` (at least one); scores add up.

    ``documents`` is the size of the segment.
    """
    if len(operands) == 1:
        return operands[0]
    scored = any(operand.scores is not None for operand in operands)
    if sum(operand.ids.size for operand in operands) * _SPARSE < documents:
        ids = np.concatenate([operand.ids for operand in operands])
        order, starts = _runs(ids)
        if not scored:
            return Matches(ids[order][starts])
        scores = np.concatenate(
            [_scores_or_zeros(operand.ids, operand.scores) for operand in operands]
        )
        return Matches(ids[order][starts], _sums(scores[order], starts))
    member = np.zeros(documents, dtype=np.bool_)
    total = np.zeros(documents if scored else 0, dtype=np.int64)
    for operand in operands:
        scores = _NO_SCORES if operand.scores is None else operand.scores
        accumulate_matches(operand.ids, scores, member, total)
    ids = np.flatnonzero(member).astype(np.uint32)
    return Matches(ids, total[ids] if scored else None)


def unite_lists(part: SegmentView, group: ListGroup, *, squared: bool) -> TermUnion:
    """Return the union of the lists in ``group``.

    With ``squared`` a hit counts its HitData squared, else 1.
    """
    segment = part.segment
    lists = [*(segment.list_at(term) for term in group.terms.tolist()), *group.changed]
    if len(lists) <= _SPARSE and sum(one.ids.size for one in lists) * _SPARSE < segment.documents:
        return _unite_few(lists, squared=squared)
    member = np.zeros(segment.documents, dtype=np.bool_)
    best = np.zeros(segment.documents, dtype=np.uint8)
    total = np.zeros(segment.documents, dtype=np.int64)
    for changed in lists:
        one = np.zeros(1, dtype=np.int64)
        bounds = np.array([0, changed.ids.size], dtype=np.uint64)
        accumulate_lists(one, bounds, changed.ids, changed.hits, squared, member, best, total)
    ids = np.flatnonzero(member).astype(np.uint32)
    return TermUnion(ids, best[ids], total[ids])


def _unite_few(lists: Sequence[Postings], *, squared: bool) -> TermUnion:
    if not lists:
        return TermUnion(
            np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.uint8), np.empty(0, dtype=np.int64)
        )
    all_ids = np.concatenate([one.ids for one in lists])
    order, starts = _runs(all_ids)
    hits = np.concatenate([one.hits for one in lists])[order]
    counts = hits.astype(np.int64) ** 2 if squared else np.ones(hits.size, dtype=np.int64)
    best = np.maximum.reduceat(hits, starts) if starts.size else hits
    return TermUnion(all_ids[order][starts], best, _sums(counts, starts))


def _runs(ids: LocalIds) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the order that sorts ``ids``, and where each distinct id begins in it."""
    order = np.argsort(ids, kind="stable")
    ordered = ids[order]
    first = np.ones(ids.size, dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return order, np.flatnonzero(first)


def _sums(values: Scores, starts: npt.NDArray[np.intp]) -> Scores:
    return np.add.reduceat(values, starts) if starts.size else values


def _scores_or_zeros(ids: LocalIds, scores: Scores | None) -> Scores:
    return np.zeros(ids.size, dtype=np.int64) if scores is None else scores
