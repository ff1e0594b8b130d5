"""Walks through flattened trees (`TreeArrays`): loops over arrays, no checks, no allocation.

Throughout: n rows, F features, T trees, S splits. A node is a split when >= 0, else leaf ``~node``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# LightGBM's kZeroThreshold: what counts as zero where zero means missing.
_ZERO = np.float64(np.float32(1e-35))


@njit(cache=True, nogil=True, forceinline=True)
def _goes_left(x, threshold, decision):
    """Whether the float64 value ``x`` goes left at a split.

    NaN where nothing or zero is missing counts as 0, as in LightGBM's NumericalDecision. Takes
    numbers and no arrays: counting references to six arrays took 15 times as long as the walk.
    """
    kind = decision & 3
    if np.isnan(x):
        if kind == 2:
            return (decision & 4) != 0
        x = 0.0
    if kind == 1 and -_ZERO <= x <= _ZERO:
        return (decision & 4) != 0
    return x <= threshold


@njit(cache=True, nogil=True)
def score_into(rows, roots, split_feature, threshold, decision, left, right, leaf_value, out):
    """Write each row's sum of leaf values to ``out``, trees in order.

    rows : float32 (n, F); roots : int32 (T,); out : float64 (n,); the rest as in `TreeArrays`

    A tree meets all rows before the next one, so that its few splits stay in the first cache.
    Indices are unsigned: nobody looks whether they are negative.
    """
    for row in range(rows.shape[0]):
        out[row] = 0.0
    for tree in range(roots.size):
        for row in range(rows.shape[0]):
            node = np.int64(roots[tree])
            while node >= 0:
                split = np.uint64(node)
                x = np.float64(rows[np.uint64(row), np.uint64(split_feature[split])])
                goes_left = _goes_left(x, threshold[split], decision[split])
                node = np.int64(left[split] if goes_left else right[split])
            out[row] += leaf_value[np.uint64(~node)]


@njit(cache=True, nogil=True)
def contributions_into(
    row, roots, split_feature, threshold, decision, left, right, leaf_value, split_value, out
):
    """Add each step's change of value to the feature that decided it; return the sum of roots.

    row : float32 (F,); out : float64 (F,), zeros on entry
    """
    base = 0.0
    for tree in range(roots.size):
        node = roots[tree]
        value = split_value[node] if node >= 0 else leaf_value[~node]
        base += value
        while node >= 0:
            feature = split_feature[node]
            x = np.float64(row[feature])
            goes_left = _goes_left(x, threshold[node], decision[node])
            node = left[node] if goes_left else right[node]
            below = split_value[node] if node >= 0 else leaf_value[~node]
            out[feature] += below - value
            value = below
    return base
