"""What is left for the sequential pass when an expression holds `weak-and` or `strong-or`.

Whether a document is a hit then depends on the hits before it, so such a plan has two parts. Its
`Plan.root` is an ordinary tree whose hits are a superset; and a *skeleton* says, for each of those,
whether it is a hit, from whether it is in some *atoms*: the largest parts without a soft operator,
evaluated beside the superset, that it does not already imply. For

    (and tag:dog (weak-and tag:sea (term tag:sun :optional-hits 3) (or tag:a tag:b)[0.9]))

the superset is ``(and tag:dog tag:sea)``, the atoms are ``tag:sun`` and ``(or tag:a tag:b)``, and
the skeleton is one `weak-and` of two marked operands.

The skeleton is two small tables. Nodes stand behind their operands, so one walk over the table
settles all of them for a document; the last node is the root.

    nodes     int64 (n, 6)   KIND, FIRST, COUNT, NEEDS_ONE, ATOM, GATE
    operands  int64 (m,)     node numbers; those of node i are FIRST to FIRST + COUNT

    ATOM_NODE   the document is in atom ATOM
    AND         it is in all operands
    WEAK_AND    it is in every operand without a mark or whose budget is spent, and, if NEEDS_ONE,
                in one operand at least (otherwise the superset or another operand sees to that)
    STRONG_OR   it is in an operand

A node with GATE other than -1 decides whether leaves below it count (`plan_tree`). Their shares are
not among the program's own but beside it (`Program.gated`): they count for the hits that are in the
gate's node, and in those of the gates above it, when the hit is visited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from indexserver.execution.normalise import NO_MARK, Mark
from indexserver.execution.plan_tree import Combination

__all__ = [
    "AND",
    "ATOM",
    "ATOM_NODE",
    "COUNT",
    "FIRST",
    "GATE",
    "KIND",
    "NEEDS_ONE",
    "STRONG_OR",
    "WEAK_AND",
    "SoftPlan",
]

KIND: Final = 0
FIRST: Final = 1
COUNT: Final = 2
NEEDS_ONE: Final = 3
ATOM: Final = 4
GATE: Final = 5
"""Columns of `SoftPlan.nodes`."""

ATOM_NODE: Final = 0
AND: Final = 1
WEAK_AND: Final = 2
STRONG_OR: Final = 3
"""Kinds of nodes."""


@dataclass(frozen=True, slots=True, eq=False)
class SoftPlan:
    """The skeleton of the soft operators over their atoms."""

    atoms: tuple[Combination, ...]
    extras: tuple[Combination, ...]
    """Those of ``atoms`` that are no part of the superset."""
    nodes: npt.NDArray[np.int64]
    """Shape (n, 6), operands before what they belong to."""
    operands: npt.NDArray[np.int64]
    """Shape (m,), positions in ``nodes``."""
    marks: tuple[Mark, ...]
    """Beside ``operands``."""
    shares: tuple[int, ...]
    """Positions in ``operands`` of those with a share of `strong-or`, in the order in which the
    text has them; a share of 0 is one."""

    gates: frozenset[int] = frozenset()
    """Those of `Plan.gates` that nodes decide."""

    def quotas(self, limit: int) -> npt.NDArray[np.int64]:
        """Return what each operand's mark grants at the retrieve limit: hits; -1 unmarked.

        Below `weak-and` the hits that may miss it, below `strong-or` the hits kept for it.
        """
        granted = [-1 if mark == NO_MARK else mark.quota(limit) for mark in self.marks]
        return np.array(granted, dtype=np.int64)
