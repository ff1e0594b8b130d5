"""Distances of many codes, and the nearest of them, by addresses.

The k nearest are found in one pass. `_enter` keeps a histogram of the distances found, and from it
the *bound*: the distance of the k-th nearest so far. Rows come in ascending order, so that a later
row must be nearer than the bound to enter; at an equal distance the earlier one stays. Blocks of
distances stay in the first-level cache, where 256 at a time are compared with the bound.

state : int64 (5,), by the names below;  counts : int64 (258,), found rows by distance
found : uint64 (state[CAPACITY],), distance << 32 | row
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from alicorn.simd.bits import popcount, trailing_zeros
from alicorn.simd.codes import (
    CODE,
    distance_at,
    distances_32,
    distances_128,
    distances_of_32,
)
from alicorn.simd.compare import any_below_256, below_64, flagged_64
from alicorn.simd.emit import emit_u32
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

__all__ = [
    "BLOCK",
    "CANCELLED",
    "distances_block",
    "distances_of",
    "gather_nearest",
    "ordered_into",
    "scan_nearest",
    "scan_within",
]

BLOCK: Final = 8192
"""Rows between two looks at the cancel flag; a multiple of 256."""

CANCELLED: Final = -1
"""What a kernel returns when the cancel flag was set."""

GATHER_COST: Final = 3
SCAN_COST: Final = 1
"""What a code costs by its number and in a row, relative to each other, where a choice between them
matters; measured figures are in `nearest`."""

HELD, BOUND, WITHIN, K, CAPACITY = range(5)
"""Rows found; the bound; how many of them are not above it; k; room in `found`."""


@njit(cache=True, nogil=True)
def distances_block(codes, first, rows, query, out):
    """Write the distances of `rows` codes from row `first` on.

    codes, query : addresses;  out : address of uint16 (rows,)
    """
    apart = (rows >> 7) << 5
    base = codes + CODE * first
    for row in range(0, apart, 32):
        distances_128(base + CODE * row, apart, query, out + 2 * row)
    row = 4 * apart
    while row + 32 <= rows:
        distances_32(base + CODE * row, query, out + 2 * row)
        row += 32
    while row < rows:
        store_u16(out + 2 * row, np.uint16(distance_at(base, row, query)))
        row += 1


@njit(cache=True, nogil=True)
def distances_of(codes, ids, count, query, out):
    """Write the distances of the codes by their numbers, asking ahead for their lines.

    codes, query : addresses;  ids : address of uint32 (count,);  out : address of uint16 (count,)
    """
    i = np.int64(0)
    while i + 32 <= count:
        # The last 32 have nothing after them to ask for, and ask for themselves.
        later = i + 32 if i + 64 <= count else i
        distances_of_32(codes, ids + 4 * i, ids + 4 * later, query, out + 2 * i)
        i += 32
    while i < count:
        row = np.int64(load_u32(ids + 4 * i))
        store_u16(out + 2 * i, np.uint16(distance_at(codes, row, query)))
        i += 1


@njit(cache=True, nogil=True)
def _padded(block, rows):
    """Fill up to a multiple of 256 with distances that are above every bound."""
    for row in range(rows, (rows + 255) & ~255):
        store_u16(block + 2 * row, np.uint16(0xFFFF))


@njit(cache=True, nogil=True)
def _flagged(flags, first, rows, flag):
    """Which of the 64 rows from `first` on have a bit of `flag`; those past `rows` have none."""
    if first + 64 <= rows:
        return flagged_64(flags + first, flag)
    bits = np.uint64(0)
    for row in range(first, rows):
        if load_u8(flags + row) & flag:
            bits |= np.uint64(1) << np.uint64(row - first)
    return bits


@njit(cache=True, nogil=True)
def _compact(state, counts, found):
    """Drop what was found above the bound, and at the bound what came after the k-th."""
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
def _enter(state, counts, found, distance, row):
    """Keep a row that is nearer than the bound, and lower the bound as far as k rows allow."""
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
        _compact(state, counts, found)


@njit(cache=True, nogil=True)
def _take_rows(state, counts, found, block, first, here, rows, mask, flags, flag):
    """Enter those of `here` rows from `first` on that are near, in `mask` and flagged."""
    _padded(block, here)
    at = np.int64(0)
    while at < here:
        bound = np.uint16(load_i64(state + 8 * BOUND))
        if at & 255 == 0 and not any_below_256(block + 2 * at, bound):
            at += 256
            continue
        bits = below_64(block + 2 * at, bound)
        if bits != 0 and mask != 0:
            bits &= load_u64(mask + (at >> 3))
        if bits != 0 and flags != 0:
            bits &= _flagged(flags, first + at, rows, flag)
        while bits != 0:
            row = at + trailing_zeros(bits)
            bits &= bits - np.uint64(1)
            distance = np.int64(load_u16(block + 2 * row))
            if distance < load_i64(state + 8 * BOUND):
                _enter(state, counts, found, distance, first + row)
        at += 64


@njit(cache=True, nogil=True)
def _take_chosen(state, counts, found, block, ids, count, live, flags, flag):
    """Enter those of `count` candidates that are near, live and flagged."""
    _padded(block, count)
    at = np.int64(0)
    while at < count:
        bound = np.uint16(load_i64(state + 8 * BOUND))
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
            if distance < load_i64(state + 8 * BOUND):
                _enter(state, counts, found, distance, row)
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
def scan_nearest(
    codes, rows, query, allowed, live, flags, flag, state, counts, found, block, mask, ids, cancel
):
    """Find the nearest of all rows, or of those in bitmaps; return 0 or `CANCELLED`.

    Blocks with few allowed rows are gathered by number, the others scanned.

    allowed, live : addresses of bitmaps, 0 is every row;  flags : address of uint8 (rows,) or 0
    block  : uint16 (BLOCK,);  mask : uint64 (BLOCK / 64,)
    ids    : uint32 (BLOCK + emit.SLACK,);  cancel : address of a uint8, or 0
    """
    waiting = np.int64(0)
    for first in range(0, rows, BLOCK):
        if cancel != 0 and load_u8(cancel) != 0:
            return CANCELLED
        if load_i64(state + 8 * BOUND) == 0:
            break
        here = min(BLOCK, rows - first)
        masked = np.int64(0)
        if allowed != 0 or live != 0:
            wanted = _masked(first, here, allowed, live, mask)
            few = wanted * GATHER_COST < here * SCAN_COST
            if waiting > 0 and (not few or waiting + wanted > BLOCK):
                distances_of(codes, ids, waiting, query, block)
                _take_chosen(state, counts, found, block, ids, waiting, 0, flags, flag)
                waiting = np.int64(0)
            if few:
                for at in range(0, here if wanted else 0, 64):
                    word = load_u64(mask + (at >> 3))
                    if word != 0:
                        waiting += emit_u32(word, np.uint32(first + at), ids + 4 * waiting)
                continue
            masked = mask
        distances_block(codes, first, here, query, block)
        _take_rows(state, counts, found, block, first, here, rows, masked, flags, flag)
    if waiting > 0:
        distances_of(codes, ids, waiting, query, block)
        _take_chosen(state, counts, found, block, ids, waiting, 0, flags, flag)
    return 0


@njit(cache=True, nogil=True)
def gather_nearest(
    codes, ids, count, query, live, flags, flag, state, counts, found, block, cancel
):
    """Find the nearest of the rows `ids` (uint32, ascending); return 0 or `CANCELLED`."""
    for first in range(0, count, BLOCK):
        if cancel != 0 and load_u8(cancel) != 0:
            return CANCELLED
        here = min(BLOCK, count - first)
        distances_of(codes, ids + 4 * first, here, query, block)
        _take_chosen(state, counts, found, block, ids + 4 * first, here, live, flags, flag)
    return 0


@njit(cache=True, nogil=True)
def ordered_into(state, counts, found, rows, distances):
    """Write the k nearest by ascending distance, then row; return how many there are.

    rows, distances : addresses of uint32 and uint16 (min(k, rows),);  `counts` is used up
    """
    _compact(state, counts, found)
    bound = load_i64(state + 8 * BOUND)
    start = np.int64(0)
    for distance in range(bound + 1):
        here = load_i64(counts + 8 * distance)
        store_i64(counts + 8 * distance, start)
        start += here
    held = load_i64(state + 8 * HELD)
    for i in range(held):
        entry = load_u64(found + 8 * i)
        distance = np.int64(entry >> np.uint64(32))
        place = load_i64(counts + 8 * distance)
        store_i64(counts + 8 * distance, place + 1)
        store_u32(rows + 4 * place, np.uint32(entry & np.uint64(0xFFFFFFFF)))
        store_u16(distances + 2 * place, np.uint16(distance))
    return held


@njit(cache=True, nogil=True)
def scan_within(codes, rows, query, radius, live, flags, flag, words, distances, block, cancel):
    """Write the bitmap of the rows within `radius` and, in their order, their distances.

    words  : address of uint64 (ceil(rows / 64),);  distances : address of uint16 (rows,)
    block  : uint16 (BLOCK,);  returns how many, or `CANCELLED`
    """
    count = np.int64(0)
    for first in range(0, rows, BLOCK):
        if cancel != 0 and load_u8(cancel) != 0:
            return np.int64(CANCELLED)
        here = min(BLOCK, rows - first)
        distances_block(codes, first, here, query, block)
        _padded(block, here)
        for at in range(0, here, 64):
            bits = below_64(block + 2 * at, np.uint16(radius + 1))
            if live != 0:
                bits &= load_u64(live + ((first + at) >> 3))
            if bits != 0 and flags != 0:
                bits &= _flagged(flags, first + at, rows, flag)
            store_u64(words + ((first + at) >> 3), bits)
            for _ in range(popcount(bits)):
                row = at + trailing_zeros(bits)
                bits &= bits - np.uint64(1)
                store_u16(distances + 2 * count, load_u16(block + 2 * row))
                count += 1
    return count
