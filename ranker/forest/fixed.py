"""Leaf values as integers, so that a sum does not depend on the order of its trees.

Each leaf is rounded once to a multiple of 2 ** -bits, and from then on everything is exact: the
plain walk, the walk of 64 documents a register and any way of splitting the trees give the same
number. `bits` is as large as 32-bit sums allow. They hold a leaf's distance to the middle of its
tree's leaves, since the middles of all trees are one constant of the forest:

    leaves -0.5, 0.0, 1.0 at 4 bits      units -8, 0, 16; middle 4; distances -12, -4, 12

The rounding moves a score by at most trees / 2 ** (bits + 1): with 300 trees whose scores spread
over 30 it is 27 bits and 1.1e-6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alicorn.errors import ConfigError
from ranker.forest.model import TreeArrays

__all__ = ["FixedLeaves", "fix_leaves"]

_MOST_BITS: Final = 40
"""Enough for any model; a forest of one leaf would else have no bound."""
_SPREAD: Final = 2**31
"""What sums of distances stay below, in units: they are int32."""
_EXACT: Final = 2**52
"""What sums stay below, in units: so large they are still exact as float64."""
_REACH: Final = 2.0**46
"""What scores stay below: in 1 / 65,536 they are int64. No ranker comes near."""


@dataclass(frozen=True, slots=True, eq=False)
class FixedLeaves:
    """Leaf values in units of 2 ** -bits; L leaves, T trees."""

    bits: int
    units: NDArray[np.int64]
    """(L,): the rounded values."""
    middles: NDArray[np.int64]
    """(T,): halfway between a tree's least and largest leaf, floored."""

    @property
    def base(self) -> int:
        """Sum of the middles: the score of a document at distance 0 in every tree."""
        return int(self.middles.sum())


def fix_leaves(trees: TreeArrays) -> FixedLeaves:
    """Round the leaves of ``trees`` as finely as sums of 32 bits allow.

    Raises
    ------
    ConfigError
        If scores may reach 2 ** 46, which leaves no room for fractions.
    """
    starts = trees.first_leaf[:-1]
    least = np.minimum.reduceat(trees.leaf_value, starts)
    largest = np.maximum.reduceat(trees.leaf_value, starts)
    spread = float((largest - least).sum()) / 2
    reach = float(np.maximum(np.abs(least), np.abs(largest)).sum())
    if reach >= _REACH:
        raise ConfigError(f"scores may reach {reach:.3g}, served are those below 2 ** 46")
    bits = _MOST_BITS
    # Roundings, of a leaf and of the middle, add up to one unit a tree.
    while spread * 2.0**bits + starts.size >= _SPREAD or reach * 2.0**bits + starts.size >= _EXACT:
        bits -= 1
    units = np.rint(trees.leaf_value * 2.0**bits).astype(np.int64)
    ends = np.minimum.reduceat(units, starts) + np.maximum.reduceat(units, starts)
    return FixedLeaves(bits, units, ends >> 1)
