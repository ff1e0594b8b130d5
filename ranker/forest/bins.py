"""Feature values as bytes: how many of a feature's thresholds are below the value.

A split asks ``x <= threshold``, so the thresholds that the trees ask of a feature are all there is
to know of it. LightGBM itself trains on at most 255 bins a feature. Thresholds are float64 in the
file and values are float32, so thresholds are rounded down to float32 once: no float32 lies between
a number and its rounding, and the comparison stays the same.

    thresholds 0.5, 2.0      0.5 -> 0      0.7 -> 1      2.0 -> 1      inf -> 2

Missing values get the bin that sends them where LightGBM's NumericalDecision does:

    nothing is missing          NaN counts as 0: the bin of 0
    all splits send it left     bin 0, which is above no threshold
    all splits send it right    the last bin, which is above all of them
    some left, some right       255, which is above all; splits that send it left read a second
                                column, where it is 0 (`layout.py`)

What is missing is NaN, or NaN and everything within 1e-35 of 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alicorn.simd.memory import address_of
from alicorn.simd.trees import PIVOTS, THRESHOLDS
from ranker.forest import _kernels
from ranker.forest.aligned import LINE, aligned_empty
from ranker.forest.decisions import (
    MISSING_KIND,
    MISSING_LEFT,
    NOTHING_IS_MISSING,
    ZERO,
    ZERO_IS_MISSING,
)
from ranker.forest.model import TreeArrays

__all__ = ["Bins", "bins_of", "empty_bins", "round_down"]


class _Feature(NamedTuple):
    """Thresholds, bin of missing values, where others begin, whether missing ones go both ways."""

    thresholds: NDArray[np.float32]
    missing: int
    low: int
    both_ways: bool


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Bins:
    """How the values of each of F features become bytes."""

    thresholds: tuple[NDArray[np.float32], ...]
    """One array a feature, ascending, at most 255; float64 thresholds rounded down."""
    table: NDArray[np.float32]
    """(F, PIVOTS + THRESHOLDS): the thresholds as `alicorn.simd.trees.bin_of` reads them."""
    rules: NDArray[np.int64]
    """(F, 4): address of the feature's row of ``table``, whether the search in it needs the
    pivots, the bin of missing values, the bits of the least absolute value that is not missing."""
    both_ways: NDArray[np.bool_]
    """(F,): whether some splits send missing values left and some right."""

    @property
    def features(self) -> int:
        """Return F."""
        return len(self.thresholds)

    def bin_rows(self, rows: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Return the bins of ``rows``, feature by feature.

        Parameters
        ----------
        rows : float32, shape (n, F), C-contiguous

        Returns
        -------
        uint8, shape (F, n rounded up to 64)
            The bins of row i are column i; columns from n on are unspecified.
        """
        return self._binned(rows, self.rules)

    def bin_column(self, feature: int, values: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Return the bins of ``values`` (n,) of one feature, (n,) in the same order."""
        column = np.ascontiguousarray(values, dtype=np.float32)[:, np.newaxis]
        return self._binned(column, self.rules[feature : feature + 1])[0, : column.shape[0]]

    def of_features(self, features: NDArray[np.int64]) -> Bins:
        """Return the bins of some ``features`` alone, in that order; rows then have just those."""
        return Bins(
            thresholds=tuple(self.thresholds[feature] for feature in features.tolist()),
            table=self.table,
            rules=np.ascontiguousarray(self.rules[features]),
            both_ways=self.both_ways[features],
        )

    def _binned(self, rows: NDArray[np.float32], rules: NDArray[np.int64]) -> NDArray[np.uint8]:
        documents, features = rows.shape
        out = empty_bins(features, documents)
        _kernels.bin_rows(rows, rules, out)
        return out


def empty_bins(features: int, documents: int) -> NDArray[np.uint8]:
    """Return room for the bins of ``documents``: (features, documents rounded up to 64), aligned.

    >>> empty_bins(16, 100).shape
    (16, 128)
    """
    return aligned_empty((features, -(-documents // LINE) * LINE), np.uint8)


def bins_of(trees: TreeArrays) -> Bins | None:
    """Return the bins of what ``trees`` ask; None where bytes cannot hold it.

    That is a feature of more than 255 thresholds (254 where missing values need a bin of their
    own), or one of which different splits call different things missing. LightGBM trains neither,
    unless a model is trained on from one of other data.
    """
    found = [_feature(trees, feature) for feature in range(trees.features)]
    bins = [one for one in found if one is not None]
    if len(bins) < len(found):
        return None
    table = aligned_empty((len(bins), PIVOTS + THRESHOLDS), np.float32)
    table[:] = np.inf
    for row, (thresholds, *_) in zip(table, bins, strict=True):
        row[PIVOTS : PIVOTS + thresholds.size] = thresholds
        row[:PIVOTS] = row[PIVOTS + 15 :: 16]
    rules = np.array(
        [
            (address_of(row), one.thresholds.size > PIVOTS, one.missing, one.low)
            for row, one in zip(table, bins, strict=True)
        ],
        dtype=np.int64,
    )
    return Bins(
        thresholds=tuple(one.thresholds for one in bins),
        table=table,
        rules=rules,
        both_ways=np.array([one.both_ways for one in bins], dtype=np.bool_),
    )


def round_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the largest float32 that is no more than each of ``thresholds``."""
    with np.errstate(over="ignore"):
        nearest = thresholds.astype(np.float32)
    below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest.astype(np.float64) > thresholds, below, nearest)


def _feature(trees: TreeArrays, feature: int) -> _Feature | None:
    asked = trees.split_feature == feature
    thresholds = np.unique(round_down(trees.threshold[asked]))
    kinds = np.unique(trees.decision[asked] & MISSING_KIND)
    if kinds.size > 1:
        return None
    kind = int(kinds[0]) if kinds.size else NOTHING_IS_MISSING
    goes_left = (trees.decision[asked] & MISSING_LEFT) != 0
    both_ways = False
    if kind == NOTHING_IS_MISSING:
        missing = int(np.searchsorted(thresholds, 0.0))
    elif goes_left.all():
        missing = 0
    elif not goes_left.any():
        missing = thresholds.size
    else:
        both_ways, missing = True, _kernels.MISSING
    if thresholds.size > THRESHOLDS - 1 - both_ways:
        return None
    low = int(ZERO.view(np.uint32)) + 1 if kind == ZERO_IS_MISSING else 0
    return _Feature(thresholds, missing, low, both_ways)
