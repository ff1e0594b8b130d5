"""The k nearest codes, in one pass, by addresses.

The k nearest are found in one pass. `_enter` keeps a histogram of the distances found, and from it
the *bound*: the distance of the k-th nearest so far. Rows come in ascending order, so that a later
row must be nearer than the bound to enter; at an equal distance the earlier one stays. Blocks of
distances stay in the first-level cache, where 256 at a time are compared with the bound.

A search works in one piece of memory, `work`, of which the parts below start at fixed offsets:

state : int64 (5,), by the names below      counts : int64 (258,), found rows by distance
mask  : uint64 (BLOCK / 64,)                block  : uint16 (BLOCK,), distances
ids   : uint32 (BLOCK + emit.SLACK,)        found  : uint64 (capacity,), distance << 32 | row
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from alicorn.simd.bits import trailing_zeros
from alicorn.simd.compare import any_below_256, below_64
from alicorn.simd.emit import SLACK, emit_u32
from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u16,
    load_u32,
    load_u64,
    store_i64,
    store_u16,
    store_u32,
    store_u64,
)
from alicorn.simd.words import words_and, words_copy, words_count
from indexserver.embeddings._kernels import (
    BLOCK,
    CANCELLED,
    distances_block,
    distances_of,
    flagged,
    pad,
)

__all__ = ["GATHER_COST", "SCAN_COST", "WORK", "gather_nearest", "scan_nearest"]

GATHER_COST: Final = 3
SCAN_COST: Final = 1
"""What a code costs by its number and in a row, relative to each other, where a choice between them
matters; measured figures are in `nearest`."""

HELD, BOUND, WITHIN, K, CAPACITY = range(5)
"""Rows found; the bound; how many of them are not above it; k; room in `found`."""

_COUNTS: Final = 64
_MASK: Final = _COUNTS + 8 * 264
_BLOCK: Final = _MASK + BLOCK // 8
_IDS: Final = _BLOCK + 2 * BLOCK
WORK: Final = _IDS + 4 * (BLOCK + SLACK)
"""Bytes of `work` before `found`, which takes 8 more a row of its capacity."""


@njit(cache=True, nogil=True)
def _begin(work, k, bound, capacity):
    """Prepare for finding the k nearest below `bound`."""
    for at in range(0, _MASK, 8):
        store_i64(work + at, np.int64(0))
    store_i64(work + 8 * BOUND, bound)
    store_i64(work + 8 * K, k)
    store_i64(work + 8 * CAPACITY, capacity)


@njit(cache=True, nogil=True)
def _compact(work):
    """Drop what was found above the bound, and at the bound what came after the k-th."""
    state, counts, found = work, work + _COUNTS, work + WORK
    bound = load_i64(state + 8 * BOUND)
    room = load_i64(state + 8 * K) - load_i64(state + 8 * WITHIN) + load_i64(counts + 8 * bound)
    kept = np.int64(0)
    kept_at_bound = np.int64(0)
    for i in range(load_i64(state + 8 * HELD)):
        entry = load_u64(found + 8 * i)
        distance = np.int64(entry >> np.uint64(32))
        if distance < bound or (distance == bound and kept_at_bound < room):
            kept_at_bound += np.int64(distance == bound)
            store_u64(found + 8 * kept, entry)
            kept += 1
    store_i64(counts + 8 * bound, kept_at_bound)
    store_i64(state + 8 * WITHIN, kept)
    store_i64(state + 8 * HELD, kept)


@njit(cache=True, nogil=True)
def _enter(work, distance, row):
    """Keep a row that is nearer than the bound, and lower the bound as far as k rows allow."""
    state, counts, found = work, work + _COUNTS, work + WORK
    held = load_i64(state + 8 * HELD)
    store_u64(found + 8 * held, (np.uint64(distance) << np.uint64(32)) | np.uint64(row))
    store_i64(state + 8 * HELD, held + 1)
    store_i64(counts + 8 * distance, load_i64(counts + 8 * distance) + 1)
    bound = load_i64(state + 8 * BOUND)
    within = load_i64(state + 8 * WITHIN) + 1
    k = load_i64(state + 8 * K)
    while within - load_i64(counts + 8 * bound) >= k:
        within -= load_i64(counts + 8 * bound)
        bound -= 1
    store_i64(state + 8 * BOUND, bound)
    store_i64(state + 8 * WITHIN, within)
    if held + 1 == load_i64(state + 8 * CAPACITY):
        _compact(work)


@njit(cache=True, nogil=True)
def _take_rows(work, first, here, rows, masked, flags, flag):
    """Enter those of the block's `here` rows from `first` on that are near and may be found."""
    block, mask = work + _BLOCK, work + _MASK
    pad(block, here)
    at = np.int64(0)
    while at < here:
        bound = np.uint16(load_i64(work + 8 * BOUND))
        if at & 255 == 0 and not any_below_256(block + 2 * at, bound):
            at += 256
            continue
        bits = below_64(block + 2 * at, bound)
        if bits != 0 and masked:
            bits &= load_u64(mask + (at >> 3))
        if bits != 0 and flags != 0:
            bits &= flagged(flags, first + at, rows, flag)
        while bits != 0:
            row = at + trailing_zeros(bits)
            bits &= bits - np.uint64(1)
            distance = np.int64(load_u16(block + 2 * row))
            if distance < load_i64(work + 8 * BOUND):
                _enter(work, distance, first + row)
        at += 64


@njit(cache=True, nogil=True)
def _take_chosen(codes, ids, count, query, live, flags, flag, work):
    """Enter those of at most `BLOCK` candidates that are near, live and flagged."""
    block = work + _BLOCK
    distances_of(codes, ids, count, query, block)
    pad(block, count)
    at = np.int64(0)
    while at < count:
        bound = np.uint16(load_i64(work + 8 * BOUND))
        if at & 255 == 0 and not any_below_256(block + 2 * at, bound):
            at += 256
            continue
        bits = below_64(block + 2 * at, bound)
        while bits != 0:
            i = at + trailing_zeros(bits)
            bits &= bits - np.uint64(1)
            row = np.int64(load_u32(ids + 4 * i))
            if live != 0:
                word = load_u64(live + 8 * (row >> 6))
                if (word >> np.uint64(row & 63)) & np.uint64(1) == 0:
                    continue
            if flags != 0 and load_u8(flags + row) & flag == 0:
                continue
            distance = np.int64(load_u16(block + 2 * i))
            if distance < load_i64(work + 8 * BOUND):
                _enter(work, distance, row)
        at += 64


@njit(cache=True, nogil=True)
def _masked(first, here, allowed, live, mask):
    """Write the bitmap of the rows that may be found to `mask`; return how many there are.

    allowed, live : addresses of whole bitmaps, 0 is every row, not both 0
    """
    words = (here + 63) >> 6
    offset = first >> 3
    if allowed != 0:
        words_copy(mask, allowed + offset, words)
        if live != 0:
            words_and(mask, live + offset, words)
    else:
        words_copy(mask, live + offset, words)
    if here & 63:
        last = mask + 8 * (words - 1)
        store_u64(last, load_u64(last) & ((np.uint64(1) << np.uint64(here & 63)) - np.uint64(1)))
    return words_count(mask, words)


@njit(cache=True, nogil=True)
def _order(work, rows, distances):
    """Write the k nearest by ascending distance, then row; return how many there are."""
    _compact(work)
    counts, found = work + _COUNTS, work + WORK
    start = np.int64(0)
    for distance in range(load_i64(work + 8 * BOUND) + 1):
        here = load_i64(counts + 8 * distance)
        store_i64(counts + 8 * distance, start)
        start += here
    held = load_i64(work + 8 * HELD)
    for i in range(held):
        entry = load_u64(found + 8 * i)
        distance = np.int64(entry >> np.uint64(32))
        place = load_i64(counts + 8 * distance)
        store_i64(counts + 8 * distance, place + 1)
        store_u32(rows + 4 * place, np.uint32(entry & np.uint64(0xFFFFFFFF)))
        store_u16(distances + 2 * place, np.uint16(distance))
    return held


@njit(cache=True, nogil=True)
def scan_nearest(
    codes,
    rows,
    query,
    allowed,
    live,
    flags,
    flag,
    k,
    bound,
    capacity,
    work,
    out_rows,
    out_distances,
    cancel,
):
    """Write the k nearest of all rows, or of those in bitmaps; return how many, or `CANCELLED`.

    Blocks with few allowed rows are gathered by number, the others scanned.

    allowed, live : addresses of bitmaps, 0 is every row;  flags : address of uint8 (rows,) or 0
    flag     : uint8;  bound : the least distance that is too far;  capacity : more than 2 k
    out_rows : uint32 (min(k, rows),);  out_distances : uint16, the same;  cancel : uint8, or 0
    """
    _begin(work, k, bound, capacity)
    mask, block, ids = work + _MASK, work + _BLOCK, work + _IDS
    masked = allowed != 0 or live != 0
    waiting = np.int64(0)
    for first in range(0, rows, BLOCK):
        if cancel != 0 and load_u8(cancel) != 0:
            return np.int64(CANCELLED)
        if load_i64(work + 8 * BOUND) == 0:
            break
        here = min(BLOCK, rows - first)
        if masked:
            wanted = _masked(first, here, allowed, live, mask)
            few = wanted * GATHER_COST < here * SCAN_COST
            if waiting > 0 and (not few or waiting + wanted > BLOCK):
                _take_chosen(codes, ids, waiting, query, 0, flags, flag, work)
                waiting = np.int64(0)
            if few:
                for at in range(0, here if wanted else 0, 64):
                    word = load_u64(mask + (at >> 3))
                    if word != 0:
                        waiting += emit_u32(word, np.uint32(first + at), ids + 4 * waiting)
                continue
        distances_block(codes, first, here, query, block)
        _take_rows(work, first, here, rows, masked, flags, flag)
    if waiting > 0:
        _take_chosen(codes, ids, waiting, query, 0, flags, flag, work)
    return _order(work, out_rows, out_distances)


@njit(cache=True, nogil=True)
def gather_nearest(
    codes,
    ids,
    count,
    query,
    live,
    flags,
    flag,
    k,
    bound,
    capacity,
    work,
    out_rows,
    out_distances,
    cancel,
):
    """Write the k nearest of the rows `ids` (uint32, ascending); otherwise as `scan_nearest`."""
    _begin(work, k, bound, capacity)
    for first in range(0, count, BLOCK):
        if cancel != 0 and load_u8(cancel) != 0:
            return np.int64(CANCELLED)
        here = min(BLOCK, count - first)
        _take_chosen(codes, ids + 4 * first, here, query, live, flags, flag, work)
    return _order(work, out_rows, out_distances)
