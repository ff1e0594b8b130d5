"""Distances of many codes, by addresses: of a run of rows, of rows by number, within a radius."""

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
from alicorn.simd.compare import below_64, flagged_64
from alicorn.simd.memory import load_u8, load_u16, load_u32, load_u64, store_u16, store_u64

__all__ = [
    "BLOCK",
    "CANCELLED",
    "distances_block",
    "distances_of",
    "flagged",
    "pad",
    "scan_within",
]

BLOCK: Final = 8192
"""Rows whose distances are in the first-level cache at once, and between two looks at the cancel
flag; a multiple of 256."""

CANCELLED: Final = -1
"""What a kernel returns when the cancel flag was set."""


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
def pad(block, rows):
    """Fill up to a multiple of 256 with distances that are above every bound."""
    for row in range(rows, (rows + 255) & ~255):
        store_u16(block + 2 * row, np.uint16(0xFFFF))


@njit(cache=True, nogil=True)
def flagged(flags, first, rows, flag):
    """Which of the 64 rows from `first` on have a bit of `flag`; those past `rows` have none."""
    if first + 64 <= rows:
        return flagged_64(flags + first, flag)
    bits = np.uint64(0)
    for row in range(first, rows):
        if load_u8(flags + row) & flag:
            bits |= np.uint64(1) << np.uint64(row - first)
    return bits


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
        pad(block, here)
        for at in range(0, here, 64):
            bits = below_64(block + 2 * at, np.uint16(radius + 1))
            if live != 0:
                bits &= load_u64(live + ((first + at) >> 3))
            if bits != 0 and flags != 0:
                bits &= flagged(flags, first + at, rows, flag)
            store_u64(words + ((first + at) >> 3), bits)
            for _ in range(popcount(bits)):
                row = at + trailing_zeros(bits)
                bits &= bits - np.uint64(1)
                store_u16(distances + 2 * count, load_u16(block + 2 * row))
                count += 1
    return count
