"""Plans: an expression checked for this shard, with the weight of every path worked out.

The weights on the way from the root to a leaf multiply as exact rationals and are floored to
1/10,000 once, so how an expression is nested changes no score. With weights 0.5 and 0.0003 on the
path the leaf's weight is floor(1.5) = 1 in 1/10,000, not the 1 or 2 that rounding at each step
might give.

A leaf's share in a document's score, in units of 1 / `CONCEPT_ONE`:

    tag (HitData is a confidence)        weight * byte * byte
    edge without HitData, weight written weight * 65,025
    everything else                      0

`text:` scores nothing here; BM25 is its score. Subtrahends score nothing. The sum over all leaves
is at most 2^62 or the request is refused, so int64 cannot overflow, whatever a document holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from alicorn.documents.hitdata import BYTE_ONE, WEIGHT_ONE
from alicorn.documents.schema import edges_of
from alicorn.errors import BadRequest, Unsupported
from alicorn.query import (
    All,
    And,
    Difference,
    Expr,
    Ids,
    Or,
    Prefix,
    Range,
    Term,
    operator_name,
)
from indexserver.postings.columns import RANGE_FIELDS

__all__ = [
    "MAX_SCORE",
    "Combination",
    "Leaf",
    "Plan",
    "PlanNode",
    "Scoring",
    "compile_plan",
]

MAX_SCORE: Final = 1 << 62
"""Bound of every concept score, in units of 1 / `CONCEPT_ONE`."""

IdArray: TypeAlias = npt.NDArray[np.uint64]


class Scoring(Enum):
    """What a hit of a leaf is worth."""

    NOTHING = "nothing"
    CONFIDENCE = "confidence"
    """weight * byte * byte."""
    CONSTANT = "constant"
    """weight * `BYTE_ONE`."""


_ASKED: Final = frozenset({"tag", "text"})


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """An operand that reads posting lists or columns."""

    number: int
    """Position among the plan's leaves."""
    expr: Term | Prefix | Range | Ids | All
    weight: int
    """Product of the weights on its path, in 1/10,000."""
    scoring: Scoring
    positive: bool
    """False in a subtrahend."""
    ids: IdArray | None = None
    """Of `ids`: the request's array, strictly increasing."""

    @property
    def edge(self) -> str | None:
        """Edge type of the lists it reads, if it reads any."""
        return self.expr.edge if isinstance(self.expr, Term | Prefix | Ids) else None


@dataclass(frozen=True, slots=True, eq=False)
class Combination:
    """`and`, `or` or `difference` of operands."""

    expr: And | Or | Difference
    operands: tuple[PlanNode, ...]


PlanNode: TypeAlias = Leaf | Combination


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What the executor runs."""

    root: PlanNode
    leaves: tuple[Leaf, ...]
    """In the order of the text."""

    @property
    def asked_leaves(self) -> tuple[Leaf, ...]:
        """The tags and words outside subtrahends, in the order of the text.

        What is looked for; the other leaves are conditions on whose photo it is, and when.
        """
        return tuple(leaf for leaf in self.leaves if leaf.positive and leaf.edge in _ASKED)


def compile_plan(
    expr: Expr, id_arrays: Sequence[IdArray] = (), *, vertical: str = "photos"
) -> Plan:
    """Return the plan of ``expr``.

    Parameters
    ----------
    expr : Expr
        At most 64 levels deep (`alicorn.query.check_placement`).
    id_arrays : sequence of uint64 arrays
        What `ids` refers to; each strictly increasing.
    vertical : str
        Whose edge types say what HitData means.

    Raises
    ------
    Unsupported
        If an operator is not served; names it.
    BadRequest
        If an array or field is unknown, an array is not increasing, or weights are too large.
    """
    compiler = _Compiler(id_arrays, vertical)
    root = compiler.node(expr, numerator=1, factors=0, positive=True)
    bound = sum(
        leaf.weight * BYTE_ONE * (1 if leaf.ids is None else leaf.ids.size)
        for leaf in compiler.leaves
        if leaf.scoring is not Scoring.NOTHING
    )
    if bound > MAX_SCORE:
        raise BadRequest(
            f"weights allow scores up to {bound}, needed at most {MAX_SCORE}: use smaller weights"
        )
    return Plan(root, tuple(compiler.leaves))


class _Compiler:
    """Walks the tree once and numbers the leaves."""

    def __init__(self, id_arrays: Sequence[IdArray], vertical: str) -> None:
        self.leaves: list[Leaf] = []
        self._id_arrays = id_arrays
        self._edges = edges_of(vertical)

    def node(self, expr: Expr, *, numerator: int, factors: int, positive: bool) -> PlanNode:
        """Plan ``expr`` below a path whose weight is numerator / WEIGHT_ONE ** factors."""
        if expr.weight != WEIGHT_ONE:
            numerator, factors = numerator * expr.weight, factors + 1
        match expr:
            case And() | Or():
                return Combination(
                    expr,
                    tuple(
                        self.node(operand, numerator=numerator, factors=factors, positive=positive)
                        for operand in expr.operands
                    ),
                )
            case Difference():
                return Combination(
                    expr,
                    tuple(
                        self.node(
                            operand,
                            numerator=numerator,
                            factors=factors,
                            positive=positive and i == 0,
                        )
                        for i, operand in enumerate(expr.operands)
                    ),
                )
            case Term() | Prefix() | Range() | Ids() | All():
                return self._leaf(expr, numerator * WEIGHT_ONE // WEIGHT_ONE**factors, positive)
            case _:
                raise Unsupported(f"operator {operator_name(expr)} is not served yet")

    def _leaf(
        self, expr: Term | Prefix | Range | Ids | All, weight: int, positive: bool
    ) -> PlanNode:
        if isinstance(expr, Range) and expr.field not in RANGE_FIELDS:
            known = ", ".join(sorted(RANGE_FIELDS))
            raise BadRequest(f"unknown field '{expr.field}' of range; known are {known}")
        leaf = Leaf(
            number=len(self.leaves),
            expr=expr,
            weight=weight,
            scoring=self._scoring(expr) if positive else Scoring.NOTHING,
            positive=positive,
            ids=self._array(expr.array) if isinstance(expr, Ids) else None,
        )
        self.leaves.append(leaf)
        return leaf

    def _scoring(self, expr: Term | Prefix | Range | Ids | All) -> Scoring:
        if not isinstance(expr, Term | Prefix | Ids):
            return Scoring.NOTHING
        edge = self._edges.get(expr.edge)
        hitdata = "none" if edge is None else edge.hitdata
        if hitdata == "confidence":
            return Scoring.CONFIDENCE
        if hitdata == "none" and expr.weighted:
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
