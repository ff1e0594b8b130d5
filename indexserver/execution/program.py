"""Programs: a plan over one segment as a short list of steps for the window kernels.

Slots hold sets of a window's documents; leaves are rows of lists. The result is left in slot 0:

    (and tag:rare tag:often (or tag:a tag:b))       0  LOAD         slot 0  leaf rare
                                                    1  IF_EMPTY     slot 0  to 8
                                                    2  AND          slot 0  leaf often
                                                    3  IF_EMPTY     slot 0  to 8
                                                    4  LOAD_BITMAP  slot 1  leaf a
                                                    5  OR           slot 1  leaf b
                                                    6  AND_SLOT     slot 0  slot 1

(without 1 where ``rare`` is the *driver*, since windows without its hits are skipped). What is
empty in this segment drops its branch; what holds every document says nothing below `and`. The
operand of an `and` with the least to read comes first, then lists by length, then what must be
worked out, by what that costs; subtrahends come last. So an `or` below an `and` is not touched in a
window where the operands before it have nothing in common.

Gates and atoms (`plan_tree`, `soft_plan`) have slots of their own, which are empty before each
window and read after it. A gate inside a gate is cut down to the outer one at the outer one's end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = [
    "AND",
    "ANDNOT",
    "ANDNOT_SLOT",
    "AND_SLOT",
    "BY_DISTANCE",
    "CLEAR",
    "CLEAR_BITMAP",
    "CONSTANT",
    "IF_EMPTY",
    "LOAD",
    "LOAD_BITMAP",
    "OR",
    "OR_SLOT",
    "SQUARED_BYTE",
    "STORED",
    "SUM",
    "Program",
    "Shares",
]

LOAD: Final = 0
"""slot := leaf."""
LOAD_BITMAP: Final = 1
"""slot := leaf, as a bitmap."""
AND: Final = 2
ANDNOT: Final = 3
OR: Final = 4
"""With a leaf; OR needs a bitmap."""
AND_SLOT: Final = 5
ANDNOT_SLOT: Final = 6
OR_SLOT: Final = 7
"""With another slot; OR_SLOT needs a bitmap in the first."""
IF_EMPTY: Final = 8
"""Go on at the target if the slot is empty."""
CLEAR: Final = 9
CLEAR_BITMAP: Final = 10
"""slot := nothing."""

SQUARED_BYTE: Final = 1
"""multiplier * byte * byte."""
CONSTANT: Final = 2
"""multiplier."""
SUM: Final = 3
"""multiplier * the document's sum, of a BITMAP."""
BY_DISTANCE: Final = 4
"""By Hamming distance; the multiplier is the address of int64[257]."""
STORED: Final = 5
"""What a SCORED list has beside its ids."""

Shares = npt.NDArray[np.int64]
"""Shape (k, 4), rows (leaf, kind, multiplier, gate's slot or -1): what leaves add to scores."""


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """What a kernel runs over each window."""

    ops: npt.NDArray[np.int32]
    """Shape (n, 4), rows (code, slot, leaf or other slot, target); empty if nothing can match."""
    slots: int
    kept: npt.NDArray[np.int32]
    """Slots that are read after the run and emptied before it: gates and atoms."""
    driver: int
    """Leaf without whose hits a window has none, the shortest there is; or -1."""
    shares: Shares
    scale: int
    """A document's exact score is the sum of its shares times this."""
    bound_score: int
    """No document's sum can pass it, those of ``gated`` counted."""
    atoms: npt.NDArray[np.int32]
    """Of each atom of the plan its position in ``kept``; -1 if nothing is in it here."""
    gated: tuple[tuple[int, Shares], ...] = ()
    """(gate that the soft operators decide, shares below it and no nearer such gate)."""

    @property
    def wide(self) -> bool:
        """Whether sums need more than 32 bits."""
        return self.bound_score >= 1 << 32
