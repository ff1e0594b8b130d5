"""Walks through trees: loops over arrays and addresses, no checks, no allocation.

Throughout: n rows, F features, T trees, S splits. In the flattened trees (`TreeArrays`) a node is a
split when >= 0, else leaf ``~node``. Sums are in the forest's units, 2 ** -bits.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.memory import load_f32, load_i64, load_u32, store_i64, store_u8, store_u32
from alicorn.simd.trees import (
    LEAVES,
    REGISTERS,
    add_leaves,
    bin_of,
    place_of,
    recode,
    walk_tree,
)
from ranker.forest.decisions import (
    MISSING_KIND,
    MISSING_LEFT,
    NAN_IS_MISSING,
    ZERO,
    ZERO_IS_MISSING,
)

BLOCK = 64 * REGISTERS
"""Documents that walk together."""
_BINNED = 128
"""Rows that are binned together: of 16 features they are 8 KB."""
MISSING = 255
"""The bin of missing values where some splits send them left and some right."""

_NO_SIGN = np.uint32(0x7FFFFFFF)
_NAN = np.uint32(0x7F800001)
"""The first NaN: the bits of infinity and one."""
_SPLIT = 16
_RULE = 32
_FOUND = BLOCK
_SUMS = 4 * BLOCK


@njit(cache=True, nogil=True, forceinline=True)
def _goes_left(x, threshold, decision):
    """Whether the float64 value ``x`` goes left at a split.

    NaN where nothing or zero is missing counts as 0, as in LightGBM's NumericalDecision. Takes
    numbers and no arrays: counting references to six arrays took 15 times as long as the walk.
    """
    kind = decision & MISSING_KIND
    if np.isnan(x):
        if kind == NAN_IS_MISSING:
            return (decision & MISSING_LEFT) != 0
        x = 0.0
    if kind == ZERO_IS_MISSING and -ZERO <= x <= ZERO:
        return (decision & MISSING_LEFT) != 0
    return x <= threshold


@njit(cache=True, nogil=True)
def walk_into(rows, roots, split_feature, threshold, decision, left, right, units, out):
    """Write each row's sum of leaves to ``out``.

    rows : float32 (n, F); roots : int32 (T,); units : int64 (L,); out : int64 (n,); the rest as in
    `TreeArrays`

    A tree meets all rows before the next one, so that its few splits stay in the first cache.
    Indices are unsigned: nobody looks whether they are negative.
    """
    for row in range(rows.shape[0]):
        out[row] = 0
    for tree in range(roots.size):
        for row in range(rows.shape[0]):
            node = np.int64(roots[tree])
            while node >= 0:
                split = np.uint64(node)
                x = np.float64(rows[np.uint64(row), np.uint64(split_feature[split])])
                goes_left = _goes_left(x, threshold[split], decision[split])
                node = np.int64(left[split] if goes_left else right[split])
            out[row] += units[np.uint64(~node)]


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


@njit(cache=True, nogil=True)
def _bin_block(rows, documents, features, rules, bins, stride):
    """Write the bins of some rows; all but the counts and the stride are addresses.

    Arguments as in `bin_rows`. Few rows at a time: each is met once for every feature, and so it
    is still in the first cache.
    """
    for feature in range(features):
        rule = rules + _RULE * feature
        table, deep = load_i64(rule), load_i64(rule + 8)
        missing, low = load_i64(rule + 16), np.uint32(load_i64(rule + 24))
        at, out = rows + 4 * feature, bins + stride * feature
        for document in range(documents):
            number = bin_of(load_f32(at), table, deep)
            # Without its sign a float's bits are ordered as it is; those of NaN come after
            # infinity's. What is below `low` wraps around to the end, where NaN is.
            distance = np.uint32((load_u32(at) & _NO_SIGN) - low)
            absent = distance >= np.uint32(_NAN - low)
            store_u8(out + document, np.uint8(missing if absent else number))
            at += 4 * features


@njit(cache=True, nogil=True)
def bin_rows(rows, rules, bins):
    """Write the bins of all rows, feature by feature.

    rows  : float32 (n, F)
    rules : int64 (F, 4), see `Bins.rules`
    bins  : uint8 (F, stride), n at most stride
    """
    documents, features = rows.shape
    stride = bins.shape[1]
    rows_at, rules_at, bins_at = rows.ctypes.data, rules.ctypes.data, bins.ctypes.data
    for first in range(0, documents, _BINNED):
        here = min(_BINNED, documents - first)
        at = rows_at + 4 * features * first
        _bin_block(at, here, features, rules_at, bins_at + first, stride)


@njit(cache=True, nogil=True)
def _score_block(plan, bins, stride, documents, room, out):
    """Write the sums of at most `BLOCK` documents; all but stride and count are addresses.

    plan, out : as in `score_bins`
    bins      : of the block's first document; readable up to a multiple of 64 documents
    room      : as `room_bytes` tells, a multiple of 64
    """
    splits, first_split = load_i64(plan), load_i64(plan + 8)
    leaves, trees = load_i64(plan + 16), load_i64(plan + 24)
    second, seconds = load_i64(plan + 32), load_i64(plan + 40)
    features, base = load_i64(plan + 48), load_i64(plan + 56)
    found, sums = room, room + _FOUND
    copies = room + _FOUND + _SUMS + BLOCK * features
    columns = copies + BLOCK * seconds
    registers = (documents + 63) >> 6
    for feature in range(features):
        store_i64(columns + 8 * feature, bins + feature * stride)
    for number in range(seconds):
        source = bins + load_i64(second + 8 * number) * stride
        copy = copies + BLOCK * number
        recode(source, MISSING, 0, registers, copy)
        store_i64(columns + 8 * (features + number), copy)
    for document in range(64 * registers):
        store_u32(sums + 4 * document, np.uint32(0))
    begin = load_i64(first_split)
    for tree in range(trees):
        end = load_i64(first_split + 8 * (tree + 1))
        walk_tree(splits + _SPLIT * begin, end - begin, columns, registers, found)
        add_leaves(found, registers, leaves + 4 * LEAVES * tree, sums)
        begin = end
    for document in range(documents):
        distance = np.int32(load_u32(sums + 4 * place_of(document)))
        store_i64(out + 8 * document, base + np.int64(distance))


@njit(cache=True, nogil=True)
def score_bins(plan, bins, room, out):
    """Write the sum of leaves of each document whose features are binned.

    plan : int64 (8,), see `Layout.plan`
    bins : uint8 (F, stride), n rounded up to 64 at most stride
    room : uint8, `room_bytes` long
    out  : int64 (n,)
    """
    documents, stride = out.size, bins.shape[1]
    plan_at, bins_at, out_at = plan.ctypes.data, bins.ctypes.data, out.ctypes.data
    room_at = (room.ctypes.data + 63) & ~63
    for first in range(0, documents, BLOCK):
        here = min(BLOCK, documents - first)
        _score_block(plan_at, bins_at + first, stride, here, room_at, out_at + 8 * first)


@njit(cache=True, nogil=True)
def score_rows(plan, rules, rows, room, out):
    """Write the sum of leaves of each row, binned a block at a time.

    Arguments as in `bin_rows` and `score_bins`.
    """
    documents, features = rows.shape
    plan_at, rules_at, rows_at, out_at = (
        plan.ctypes.data,
        rules.ctypes.data,
        rows.ctypes.data,
        out.ctypes.data,
    )
    room_at = (room.ctypes.data + 63) & ~63
    bins = room_at + _FOUND + _SUMS
    for first in range(0, documents, BLOCK):
        here = min(BLOCK, documents - first)
        for some in range(0, here, _BINNED):
            at = rows_at + 4 * features * (first + some)
            _bin_block(at, min(_BINNED, here - some), features, rules_at, bins + some, BLOCK)
        _score_block(plan_at, bins, BLOCK, here, room_at, out_at + 8 * first)


def room_bytes(features: int, seconds: int) -> int:
    """Return how much working room a walk needs, in bytes.

    From the first multiple of 64: found, sums, bins of the features, second columns,
    addresses of all columns. All but the last are multiples of 64, so that registers are loaded
    from one cache line each.
    """
    return 64 + _FOUND + _SUMS + (BLOCK + 8) * (features + seconds)


@njit(cache=True, nogil=True)
def round_to(units, bits, kept):
    """Turn units of 2 ** -bits into units of 2 ** -kept in place, a half to the even one."""
    if bits <= kept:
        for i in range(units.size):
            units[i] <<= kept - bits
        return
    shift = bits - kept
    half = np.int64(1) << (shift - 1)
    for i in range(units.size):
        floor = units[i] >> shift
        rest = units[i] - (floor << shift)
        units[i] = floor + np.int64(rest > half or (rest == half and floor & 1 == 1))
