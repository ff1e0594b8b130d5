"""Leaves of a plan: what is checked of each, and what its hits are worth.

A leaf's share in a document's score, in units of 1 / `CONCEPT_ONE`:

    tag (HitData is a confidence)        weight * byte * byte
    edge without HitData, weight written weight * 65,025
    word (text:), weight written         weight * 65,025
    nn                                   weight * 65,025 * (256 - distance) / 256, floored
    everything else                      0

A `text:` term counts what it is worth to have the word, however often, and only if the request
says so: that is how long queries retrieve by words (docs/decisions/014). What words say of the
order is BM25's affair. Subtrahends score nothing. The sum over all leaves is at most 2^62 or the
request is refused, so int64 cannot overflow, whatever a document holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from alicorn.documents.hitdata import BYTE_ONE
from alicorn.documents.schema import edges_of
from alicorn.errors import BadRequest
from alicorn.query import Ids, Nn, Prefix, Range, Term
from indexserver.execution.normalise import LeafExpr, Operand
from indexserver.execution.plan_tree import IdArray, Leaf, Scoring, distance_points
from indexserver.postings.columns import RANGE_FIELDS
from indexserver.postings.dictionary import term_key

__all__ = ["MAX_SCORE", "LeafReader"]

MAX_SCORE: Final = 1 << 62
"""Bound of every concept score, in units of 1 / `CONCEPT_ONE`."""


class LeafReader:
    """Checks and numbers the leaves of one plan."""

    def __init__(self, id_arrays: Sequence[IdArray], vertical: str, *, scores: bool) -> None:
        self.leaves: list[Leaf] = []
        self.counting = 0
        """Leaves so far that count."""
        self._id_arrays = id_arrays
        self._edges = edges_of(vertical)
        self._scores = scores

    def read(self, operand: Operand, gate: int, *, silent: bool = False) -> Leaf:
        """Return the next leaf; a ``silent`` one stands in no tree and does not count."""
        expr = operand.expr
        if isinstance(expr, Range) and expr.field not in RANGE_FIELDS:
            known = ", ".join(sorted(RANGE_FIELDS))
            raise BadRequest(f"unknown field '{expr.field}' of range; known are {known}")
        scores = self._scores and operand.positive and not silent
        scoring = self._scoring(expr) if scores else Scoring.NOTHING
        leaf = Leaf(
            number=len(self.leaves),
            expr=expr,
            weight=operand.weight,
            scoring=scoring,
            positive=operand.positive,
            gate=gate,
            ids=self._array(expr.array) if isinstance(expr, Ids) else None,
            key=term_key(expr.edge, expr.value) if isinstance(expr, Term) else b"",
            points=distance_points(operand.weight) if scoring is Scoring.DISTANCE else None,
        )
        self.leaves.append(leaf)
        self.counting += leaf.counts
        return leaf

    def _scoring(self, expr: LeafExpr) -> Scoring:
        if isinstance(expr, Nn):
            return Scoring.DISTANCE
        if not isinstance(expr, Term | Prefix | Ids):
            return Scoring.NOTHING
        edge = self._edges.get(expr.edge)
        hitdata = "none" if edge is None else edge.hitdata
        if hitdata == "confidence":
            return Scoring.CONFIDENCE
        counted = hitdata == "none" or isinstance(expr, Term)
        if counted and expr.weighted:
            return Scoring.CONSTANT
        return Scoring.NOTHING

    def _array(self, number: int) -> IdArray:
        if number >= len(self._id_arrays):
            raise BadRequest(
                f"ids refers to array @{number}, found {len(self._id_arrays)} in the request"
            )
        array = self._id_arrays[number]
        if np.any(array[1:] <= array[:-1]):
            raise BadRequest(f"ids of array @{number} must be strictly increasing")
        return array

    def check_bound(self) -> None:
        """Refuse weights that could give a score above `MAX_SCORE`."""
        bound = sum(
            leaf.weight * BYTE_ONE * (1 if leaf.ids is None else leaf.ids.size)
            for leaf in self.leaves
            if leaf.counts
        )
        if bound > MAX_SCORE:
            raise BadRequest(
                f"weights allow scores up to {bound}, needed at most {MAX_SCORE}: "
                "use smaller weights"
            )
