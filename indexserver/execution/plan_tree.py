"""Nodes of a plan: leaves that read lists or columns, and how they combine.

A document's score is a sum over leaves. Where an `and` stands below an `or`, its leaves count only
for documents that the whole `and` holds: in ``(or (and A B) C)`` a document with A and C scores C
alone. Such an `and` is a *gate*; `Leaf.gate` names the nearest one above a leaf, and gates below
gates form chains (`Plan.gates`). The `and`s from the root down need none: what is a match at all
holds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from alicorn.documents.hitdata import BYTE_ONE
from alicorn.query import Ids, Prefix, Term
from alicorn.query.limits import CODE_BITS
from indexserver.execution.normalise import LeafExpr

__all__ = ["NO_GATE", "Combination", "IdArray", "Leaf", "PlanNode", "Scoring", "distance_points"]

IdArray: TypeAlias = npt.NDArray[np.uint64]

NO_GATE: Final = -1


class Scoring(Enum):
    """What a hit of a leaf is worth, in units of 1 / `CONCEPT_ONE`."""

    NOTHING = "nothing"
    CONFIDENCE = "confidence"
    """weight * byte * byte."""
    CONSTANT = "constant"
    """weight * `BYTE_ONE`."""
    DISTANCE = "distance"
    """Of `nn`: `distance_points`."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """An operand that reads posting lists or columns."""

    number: int
    """Position among the plan's leaves."""
    expr: LeafExpr
    """Without weight and marks."""
    weight: int
    """Product of the weights on its path, in 1/10,000; 0 in a subtrahend."""
    scoring: Scoring
    positive: bool
    """False in a subtrahend."""
    gate: int = NO_GATE
    """Position among `Plan.gates` of what must hold a document for the leaf to count."""
    ids: IdArray | None = None
    """Of `ids`: the request's array, strictly increasing."""
    key: bytes = b""
    """Of a term: its key in dictionaries."""
    points: npt.NDArray[np.int64] | None = None
    """Of `nn`: `distance_points`. Kernels read them by address, as long as the plan lives."""

    @property
    def edge(self) -> str | None:
        """Edge type of the lists it reads, if it reads any."""
        return self.expr.edge if isinstance(self.expr, Term | Prefix | Ids) else None

    @property
    def counts(self) -> bool:
        """Whether it can add to a score."""
        return self.scoring is not Scoring.NOTHING and self.weight > 0


@dataclass(frozen=True, slots=True, eq=False)
class Combination:
    """An `and` with subtrahends, or an `or`; an `or` of nothing holds nothing."""

    number: int
    """Position among the plan's combinations."""
    kind: Literal["and", "or"]
    operands: tuple[PlanNode, ...]
    negated: tuple[PlanNode, ...] = ()
    """Subtrahends of an `and`."""
    gate: int = NO_GATE
    """Position among `Plan.gates` if it is one."""
    atom: int = -1
    """Position among the atoms of `SoftPlan` if it is one."""
    keeps: bool = False
    """Whether it or something below it is a gate or an atom, so that its hits are kept."""


PlanNode: TypeAlias = Leaf | Combination


@lru_cache(maxsize=256)
def distance_points(weight: int) -> npt.NDArray[np.int64]:
    """Return what `nn` with ``weight`` (1/10,000) is worth at each distance of 0 to 256 bits.

    weight * `BYTE_ONE` * (1 - distance / 256), each floored once; int64 (257,).
    """
    whole = weight * BYTE_ONE
    points = [whole * (CODE_BITS - bits) // CODE_BITS for bits in range(CODE_BITS + 1)]
    table = np.array(points, dtype=np.int64)
    table.setflags(write=False)
    return table
