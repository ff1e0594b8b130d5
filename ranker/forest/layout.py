"""Trees laid out for `alicorn.simd.trees`: splits in pre-order, leaves from left to right.

A split is four uint32: the number of its column, then its bin, the first leaf below it and the
first leaf below its right child, each as four equal bytes. Columns are the F features, and behind
them a second column of each feature whose missing values some splits send left and some right: the
splits that send them left read that one (`bins.py`). A tree of one leaf has no splits and no row
here, since its value is the forest's base already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alicorn.simd.memory import address_of
from alicorn.simd.trees import LEAVES
from ranker.forest.aligned import aligned_empty
from ranker.forest.bins import Bins, round_down
from ranker.forest.decisions import MISSING_LEFT
from ranker.forest.fixed import FixedLeaves
from ranker.forest.model import TreeArrays

__all__ = ["Layout", "lay_out"]

_FOUR_BYTES: Final = 0x01010101


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """T trees of more than one leaf, S splits; a second column for each of E features."""

    splits: NDArray[np.uint32]
    """(S, 4): tree by tree, in pre-order."""
    first_split: NDArray[np.int64]
    """(T + 1,): where each tree's splits begin; the last is S."""
    leaves: NDArray[np.int32]
    """(T, LEAVES): each leaf's distance to the middle of its tree, from left to right."""
    second: NDArray[np.int64]
    """(E,): the features that have a second column, ascending."""
    plan: NDArray[np.int64]
    """(8,), as the kernels read it: addresses of ``splits``, ``first_split`` and ``leaves``, T,
    address of ``second``, E, F, the forest's base."""


def lay_out(trees: TreeArrays, leaves: FixedLeaves, bins: Bins) -> Layout | None:
    """Lay out ``trees``; None where one has more than `LEAVES` leaves."""
    sizes = np.diff(trees.first_leaf)
    if sizes.max() > LEAVES:
        return None
    column = _columns(trees, bins)
    bin_of = _bins_of_splits(trees, bins)
    splits: list[tuple[int, int, int, int]] = []
    starts = [0]
    table = aligned_empty((int((sizes > 1).sum()), LEAVES), np.int32)
    table[:] = 0
    for tree in np.flatnonzero(sizes > 1).tolist():
        walk = _PreOrder(trees)
        walk.visit(int(trees.roots[tree]))
        splits += [(column[at], bin_of[at], first, right) for at, first, right in walk.splits]
        distances = leaves.units[walk.leaves] - leaves.middles[tree]
        table[len(starts) - 1, : distances.size] = distances
        starts.append(len(splits))
    laid = np.array(splits, dtype=np.uint32).reshape(-1, 4)
    laid[:, 1:] *= np.uint32(_FOUR_BYTES)
    first_split = np.array(starts, dtype=np.int64)
    second = np.flatnonzero(bins.both_ways).astype(np.int64)
    plan = (
        *(address_of(laid), address_of(first_split), address_of(table), table.shape[0]),
        *(address_of(second), second.size, bins.features, leaves.base),
    )
    return Layout(laid, first_split, table, second, np.array(plan, dtype=np.int64))


class _PreOrder:
    """One tree's splits, each before those below it, and its leaves from left to right."""

    def __init__(self, trees: TreeArrays) -> None:
        self._trees = trees
        self.splits: list[tuple[int, int, int]] = []
        """Split, first leaf below it, first leaf below its right child."""
        self.leaves: list[int] = []

    def visit(self, node: int) -> None:
        """Add what is at and below ``node``; at most as deep as a tree has leaves."""
        if node < 0:
            self.leaves.append(~node)
            return
        at, first = len(self.splits), len(self.leaves)
        self.splits.append((node, first, first))
        self.visit(int(self._trees.left[node]))
        self.splits[at] = (node, first, len(self.leaves))
        self.visit(int(self._trees.right[node]))


def _columns(trees: TreeArrays, bins: Bins) -> list[int]:
    """Return the column that each split reads."""
    second = bins.both_ways[trees.split_feature] & ((trees.decision & MISSING_LEFT) != 0)
    behind = bins.features + np.cumsum(bins.both_ways) - 1
    columns: list[int] = np.where(second, behind[trees.split_feature], trees.split_feature).tolist()
    return columns


def _bins_of_splits(trees: TreeArrays, bins: Bins) -> list[int]:
    """Return each split's threshold as a bin: values of greater bins are above it."""
    out = np.empty(trees.split_feature.size, dtype=np.int64)
    rounded = round_down(trees.threshold)
    for feature, thresholds in enumerate(bins.thresholds):
        asked = trees.split_feature == feature
        out[asked] = np.searchsorted(thresholds, rounded[asked])
    bins_of_splits: list[int] = out.tolist()
    return bins_of_splits
