"""Buffers of (score, local id): addresses of uint64 and uint32, in ascending order of local ids."""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.memory import load_u32, load_u64, store_u32, store_u64

_SMALL = 16


@njit(cache=True, nogil=True)
def _sort_small(values, low, high):
    """Sort values[low:high] descending, few of them."""
    for i in range(low + 1, high):
        value = load_u64(values + 8 * i)
        j = i
        while j > low and load_u64(values + 8 * (j - 1)) < value:
            store_u64(values + 8 * j, load_u64(values + 8 * (j - 1)))
            j -= 1
        store_u64(values + 8 * j, value)


@njit(cache=True, nogil=True)
def kth_largest(values, count, k):
    """Return the k-th largest (from 1) of `count` uint64 at `values`, which are moved about.

    Quickselect with the median of three as pivot; equal values end on both sides, so runs of them
    do not make it quadratic.
    """
    low, high = np.int64(0), np.int64(count)
    wanted = np.int64(k - 1)
    while high - low > _SMALL:
        a = load_u64(values + 8 * low)
        b = load_u64(values + 8 * ((low + high) >> 1))
        c = load_u64(values + 8 * (high - 1))
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = low, high - 1
        while i <= j:
            while load_u64(values + 8 * i) > pivot:
                i += 1
            while load_u64(values + 8 * j) < pivot:
                j -= 1
            if i <= j:
                held = load_u64(values + 8 * i)
                store_u64(values + 8 * i, load_u64(values + 8 * j))
                store_u64(values + 8 * j, held)
                i += 1
                j -= 1
        if wanted <= j:
            high = j + 1
        elif wanted >= i:
            low = i
        else:
            return pivot
    _sort_small(values, low, high)
    return load_u64(values + 8 * wanted)


@njit(cache=True, nogil=True)
def cut_down(scores, locals_, size, limit, work):
    """Keep the `limit` best of `size` entries in their order; return the worst score of them.

    work : address of uint64, room for `size`;  size : at least `limit`
    """
    for i in range(size):
        store_u64(work + 8 * i, load_u64(scores + 8 * i))
    worst = kth_largest(work, size, limit)
    better = np.int64(0)
    for i in range(size):
        better += load_u64(scores + 8 * i) > worst
    ties = limit - better
    kept = np.int64(0)
    for i in range(size):
        score = load_u64(scores + 8 * i)
        tie = score == worst and ties > 0
        ties -= tie
        store_u64(scores + 8 * kept, score)
        store_u32(locals_ + 4 * kept, load_u32(locals_ + 4 * i))
        kept += score > worst or tie
    return worst


@njit(cache=True, nogil=True)
def sort_best(scores, locals_, size, work_scores, work_locals):
    """Sort entries by descending score; equal ones keep their order. A merge sort."""
    width = np.int64(_SMALL)
    start = np.int64(0)
    while start < size:
        end = min(start + width, size)
        for i in range(start + 1, end):
            score, local = load_u64(scores + 8 * i), load_u32(locals_ + 4 * i)
            j = i
            while j > start and load_u64(scores + 8 * (j - 1)) < score:
                store_u64(scores + 8 * j, load_u64(scores + 8 * (j - 1)))
                store_u32(locals_ + 4 * j, load_u32(locals_ + 4 * (j - 1)))
                j -= 1
            store_u64(scores + 8 * j, score)
            store_u32(locals_ + 4 * j, local)
        start = end
    from_scores, from_locals = scores, locals_
    to_scores, to_locals = work_scores, work_locals
    while width < size:
        start = np.int64(0)
        while start < size:
            middle, end = min(start + width, size), min(start + 2 * width, size)
            i, j = start, middle
            for k in range(start, end):
                left = i < middle and (
                    j >= end or load_u64(from_scores + 8 * i) >= load_u64(from_scores + 8 * j)
                )
                at = i if left else j
                store_u64(to_scores + 8 * k, load_u64(from_scores + 8 * at))
                store_u32(to_locals + 4 * k, load_u32(from_locals + 4 * at))
                i += left
                j += not left
            start = end
        from_scores, to_scores = to_scores, from_scores
        from_locals, to_locals = to_locals, from_locals
        width *= 2
    if from_scores != scores:
        for i in range(size):
            store_u64(scores + 8 * i, load_u64(from_scores + 8 * i))
            store_u32(locals_ + 4 * i, load_u32(from_locals + 4 * i))
