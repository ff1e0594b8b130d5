"""Walks through flattened trees (`TreeArrays`): loops over arrays, no checks, no allocation.

Throughout: n rows, F features, T trees, S splits. A node is a split when >= 0, else leaf ``~node``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# LightGBM's kZeroThreshold: what counts as zero where zero means missing.
_ZERO = np.float64(np.float32(1e-35))


@njit(cache=True, nogil=True)
def _child(x, split, threshold, decision, left, right):
    """Where the float64 value ``x`` goes at ``split``.

    NaN where nothing or zero is missing counts as 0, as in LightGBM's NumericalDecision.
    """
    kind = decision[split] & 3
    if np.isnan(x):
        if kind == 2:
            return left[split] if decision[split] & 4 else right[split]
        x = 0.0
    if kind == 1 and -_ZERO <= x <= _ZERO:
        return left[split] if decision[split] & 4 else right[split]
    return left[split] if x <= threshold[split] else right[split]


@njit(cache=True, nogil=True)
def score_into(rows, roots, split_feature, threshold, decision, left, right, leaf_value, out):
    """Write each row's sum of leaf values to ``out``, trees in order.

    rows : float32 (n, F); roots : int32 (T,); out : float64 (n,); the rest as in `TreeArrays`
    """
    for row in range(rows.shape[0]):
        total = 0.0
        for tree in range(roots.size):
            node = roots[tree]
            while node >= 0:
                x = np.float64(rows[row, split_feature[node]])
                node = _child(x, node, threshold, decision, left, right)
            total += leaf_value[~node]
        out[row] = total


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
            node = _child(np.float64(row[feature]), node, threshold, decision, left, right)
            below = split_value[node] if node >= 0 else leaf_value[~node]
            out[feature] += below - value
            value = below
    return base
