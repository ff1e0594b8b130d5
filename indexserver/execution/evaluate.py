"""A plan over one segment: every operator, exactly.

Liveness is asked once, of the root: every operator decides document by document, so documents that
are dead cannot change what the living ones get.

A subtrahend that is cut short would widen what is found, so running out of time in one makes the
whole request fail; anywhere else it drops this segment only.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from alicorn.documents.hitdata import BYTE_ONE
from alicorn.documents.model import UNKNOWN_TIME
from alicorn.errors import DeadlineSpent, Unsupported
from alicorn.query import All, Ids, Nn, Prefix, Range, Term
from indexserver.execution.deadline import NO_DEADLINE, Deadline, TimeIsUp
from indexserver.execution.matches import Matches, exclude, intersect, unite, unite_lists
from indexserver.execution.plan import Combination, Leaf, PlanNode, Scoring
from indexserver.postings.columns import RANGE_FIELDS
from indexserver.postings.dictionary import term_key
from indexserver.view import SegmentView

__all__ = ["Evaluation"]

_EMPTY: Final = Matches(np.empty(0, dtype=np.uint32))


class Evaluation:
    """Evaluates plans over one segment, and keeps what each leaf matched.

    Features ask for the leaves again (`leaf`), so they are read once a query.
    """

    def __init__(self, part: SegmentView, deadline: Deadline = NO_DEADLINE) -> None:
        self.part = part
        self._deadline = deadline
        self._leaves: dict[int, Matches] = {}

    def run(self, root: PlanNode) -> Matches:
        """Return the live matches of the plan at ``root``.

        Raises
        ------
        TimeIsUp
            If the deadline passed; nothing of this segment may be used.
        DeadlineSpent
            If it passed in a subtrahend.
        """
        found = self._node(root)
        self._deadline.check()
        if self.part.live is None:
            return found
        return found.take(np.flatnonzero(self.part.live[found.ids]))

    def leaf(self, leaf: Leaf) -> Matches:
        """Return what ``leaf`` matches, dead documents included."""
        if leaf.number not in self._leaves:
            self._leaves[leaf.number] = self._read(leaf)
        return self._leaves[leaf.number]

    def _node(self, node: PlanNode) -> Matches:
        self._deadline.check()
        if isinstance(node, Leaf):
            return self.leaf(node)
        if node.kind == "and":
            return self._without(self._and(node), node)
        if not node.operands:
            return _EMPTY
        return unite([self._node(o) for o in node.operands], self.part.segment.documents)

    def _and(self, node: Combination) -> Matches:
        # Leaves first: they are cheap, and an empty one saves the rest.
        operands = sorted(node.operands, key=lambda operand: isinstance(operand, Combination))
        found = []
        for operand in operands:
            matches = self._node(operand)
            if not matches.ids.size:
                return _EMPTY
            found.append(matches)
        return intersect(found)

    def _without(self, found: Matches, node: Combination) -> Matches:
        for operand in node.negated:
            try:
                found = exclude(found, self._node(operand))
            except TimeIsUp:
                raise DeadlineSpent(
                    "the time was over within a subtrahend of difference: allow more"
                ) from None
        return found

    def _read(self, leaf: Leaf) -> Matches:
        segment = self.part.segment
        match leaf.expr:
            case Term(edge=edge, value=value):
                ids, hits = self.part.list_of(term_key(edge, value))
                counts = hits.astype(np.int64) ** 2
            case Prefix(edge=edge, value=value):
                group = self.part.lists_of_prefix(edge, value)
                union = unite_lists(self.part, group, squared=True)
                # The best of its terms, not their sum.
                ids, hits, counts = union.ids, union.best, union.best.astype(np.int64) ** 2
            case Ids(edge=edge):
                assert leaf.ids is not None
                group = self.part.lists_of_numbers(edge, leaf.ids)
                squared = leaf.scoring is Scoring.CONFIDENCE
                union = unite_lists(self.part, group, squared=squared)
                ids, hits, counts = union.ids, union.best, union.total
                if leaf.scoring is Scoring.CONSTANT:
                    return Matches(ids, counts * (leaf.weight * BYTE_ONE), hits)
            case Range(field=name, low=low, high=high):
                return Matches(_in_range(self.part, name, low, high))
            case All():
                return Matches(np.arange(segment.documents, dtype=np.uint32))
            case Nn():
                raise Unsupported("operator nn is not served yet")
        match leaf.scoring:
            case Scoring.DISTANCE:
                raise AssertionError(leaf)
            case Scoring.CONFIDENCE:
                return Matches(ids, counts * leaf.weight, hits)
            case Scoring.CONSTANT:
                return Matches(ids, np.full(ids.size, leaf.weight * BYTE_ONE), hits)
            case Scoring.NOTHING:
                return Matches(ids, None, hits)


def _in_range(part: SegmentView, name: str, low: int | None, high: int | None) -> np.ndarray:
    """Return the local ids whose field is in [low, high); an unknown time is in no range."""
    column = part.segment.columns[RANGE_FIELDS[name]].astype(np.int64)
    inside = column != UNKNOWN_TIME
    if low is not None:
        inside &= column >= low
    if high is not None:
        inside &= column < high
    return np.flatnonzero(inside).astype(np.uint32)
