"""Loops over what is sorted: hits of a list, and documents by id.

Lists are rows of `forms`, given by address.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.bits import popcount
from alicorn.simd.memory import load_i64, load_u8, load_u16, load_u32, load_u64
from indexserver.postings.forms import (
    ALL,
    BITMAP,
    COUNT,
    DENSE,
    EXTRA,
    FORM,
    HITS,
    IDS,
    SHORT,
    SPARSE,
    TABLE,
    WINDOW,
    WINDOW_BITS,
)

__all__ = ["find_ids", "hit_at"]


@njit(cache=True, nogil=True)
def find_ids(ids, by_id, wanted, out):
    """Write to `out` the row of each of `wanted` in `ids`, or -1.

    ids    : uint64 (n,);  by_id : uint32 (n,), rows in order of id
    wanted : uint64 (m,);  out   : int64 (m,)
    """
    for i in range(wanted.size):
        low = 0
        high = ids.size
        while low < high:
            middle = (low + high) // 2
            if ids[by_id[middle]] < wanted[i]:
                low = middle + 1
            else:
                high = middle
        out[i] = -1
        if low < ids.size and ids[by_id[low]] == wanted[i]:
            out[i] = by_id[low]


@njit(cache=True, nogil=True)
def _rank_of_offset(offsets, count, wanted):
    """Return the position of `wanted` among `count` u16 at `offsets`, or -1."""
    low = np.int64(0)
    size = count
    # Branchless: the half in which it lies is chosen by arithmetic, not by a guess of the CPU.
    while size > 1:
        half = size >> 1
        low += half if np.int64(load_u16(offsets + 2 * (low + half - 1))) < wanted else 0
        size -= half
    if size == 1 and np.int64(load_u16(offsets + 2 * low)) == wanted:
        return low
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _rank_of_id(ids, width, count, wanted):
    """Return the position of `wanted` among `count` ids of `width` bytes at `ids`, or -1."""
    # Four bytes can be read at every id; those behind it are masked away.
    mask = (np.int64(1) << (8 * width)) - 1
    low = np.int64(0)
    size = count
    while size > 1:
        half = size >> 1
        found = np.int64(load_u32(ids + width * (low + half - 1))) & mask
        low += half if found < wanted else 0
        size -= half
    if size == 1 and np.int64(load_u32(ids + width * low)) & mask == wanted:
        return low
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _rank_in_bitmap(words, count, offset):
    """Return how many bits below `offset` are set in a window's `count` words, or -1.

    -1 where bit `offset` itself is not; the rank directory stands behind the words.
    """
    at = offset >> 6
    word = load_u64(words + 8 * at)
    below = np.uint64(offset & 63)
    if (word >> below) & np.uint64(1) == 0:
        return np.int64(-1)
    group = at >> 3
    rank = np.int64(load_u16(words + 8 * count + 2 * group))
    for i in range(8 * group, at):
        rank += popcount(load_u64(words + 8 * i))
    return rank + popcount(word & ((np.uint64(1) << below) - np.uint64(1)))


@njit(cache=True, nogil=True)
def hit_at(row, local):
    """Return the HitData byte of document `local` in the list of `row`, or -1 if it has no hit.

    row : address of a row of form EMPTY, SHORT, SPARSE, DENSE, BITMAP or ALL;  local : int64
    """
    form = load_i64(row + 8 * FORM)
    ids = load_i64(row + 8 * IDS)
    hits = load_i64(row + 8 * HITS)
    window = local >> WINDOW_BITS
    offset = local & (WINDOW - 1)
    rank = np.int64(-1)
    if form == SHORT:
        rank = _rank_of_id(ids, load_i64(row + 8 * EXTRA), load_i64(row + 8 * COUNT), local)
    elif form == SPARSE:
        table = load_i64(row + 8 * TABLE) + 2 * window
        start = np.int64(load_u16(table))
        count = np.int64(load_u16(table + 2)) - start
        rank = _rank_of_offset(ids + 2 * start, count, offset)
        rank += start if rank >= 0 else 0
    elif form == DENSE:
        table = load_i64(row + 8 * TABLE) + 8 * window
        start = np.int64(load_u32(table))
        where = np.int64(load_u32(table + 4))
        body = ids + 8 * (where >> 1)
        if where & 1 != 0:
            # Up to 32 words take one more for their directory: 33 of what lies in between.
            size = (np.int64(load_u32(table + 12)) >> 1) - (where >> 1)
            rank = _rank_in_bitmap(body, size - (size + 32) // 33, offset)
        else:
            rank = _rank_of_offset(body, np.int64(load_u32(table + 8)) - start, offset)
        rank += start if rank >= 0 else 0
    elif form == BITMAP:
        word = load_u64(ids + 8 * (local >> 6))
        rank = local if (word >> np.uint64(local & 63)) & np.uint64(1) != 0 else np.int64(-1)
    elif form == ALL:
        return np.int64(0)
    if rank < 0:
        return np.int64(-1)
    return np.int64(load_u8(hits + rank)) if hits != 0 else np.int64(0)
