"""A list's part of one window, whatever form it has (`indexserver.postings.forms`).

Functions take addresses: `row` of a list, `cursor` of a SHORT list's place, `bitmap` of words. `w`
is the window, `first` its first document.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.documents.model import UNKNOWN_TIME
from alicorn.simd.bits import popcount
from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u16,
    load_u32,
    load_u64,
    store_i64,
    store_u64,
)
from indexserver.postings.forms import (
    BITMAP,
    DENSE,
    NEAR,
    RANGE,
    SPARSE,
    WORDS,
)

_ONE = np.uint64(1)
_63 = np.uint64(63)
_6 = np.uint64(6)


@njit(cache=True, nogil=True)
def bit_at(bitmap, number):
    """Return 1 if bit `number` of the words at `bitmap` is set, else 0."""
    word = load_u64(bitmap + 8 * (number >> 6))
    return np.int64((word >> (np.uint64(number) & _63)) & _ONE)


@njit(cache=True, nogil=True)
def set_bit(bitmap, number):
    """Set bit `number` of the words at `bitmap`."""
    at = bitmap + 8 * (number >> 6)
    store_u64(at, load_u64(at) | (_ONE << (np.uint64(number) & _63)))


@njit(cache=True, nogil=True)
def clear_bit(bitmap, number):
    """Clear bit `number` of the words at `bitmap`."""
    at = bitmap + 8 * (number >> 6)
    store_u64(at, load_u64(at) & ~(_ONE << (np.uint64(number) & _63)))


@njit(cache=True, nogil=True)
def short_id(row, place):
    """Return id number `place` of the SHORT or SCORED list at `row`."""
    width = load_i64(row + 48)
    value = np.int64(load_u32(load_i64(row + 16) + place * width))
    return value & ((np.int64(1) << (8 * width)) - 1)


@njit(cache=True, nogil=True)
def seek(row, cursor, first):
    """Move `cursor` to the SHORT list's first id that is not less than `first`; return its place.

    Cursors only move on. Gallops, so a skipped window costs nothing to speak of.
    """
    count = load_i64(row + 8)
    low = load_i64(cursor)
    if low >= count or short_id(row, low) >= first:
        return low
    step = np.int64(1)
    high = low + 1
    while high < count and short_id(row, high) < first:
        low = high
        step *= 2
        high += step
    if high > count:
        high = count
    low += 1
    while low < high:
        middle = (low + high) >> 1
        if short_id(row, middle) < first:
            low = middle + 1
        else:
            high = middle
    store_i64(cursor, low)
    return low


@njit(cache=True, nogil=True)
def short_end(row, place, end):
    """Return the place behind the SHORT list's last id that is less than `end`, from `place` on."""
    count = load_i64(row + 8)
    while place < count and short_id(row, place) < end:
        place += 1
    return place


@njit(cache=True, nogil=True)
def is_bitmap(row, form, w):
    """Whether the DENSE or BITMAP list at `row` has a bitmap for window `w`."""
    if form == BITMAP:
        return True
    return form == DENSE and (load_u32(load_i64(row + 24) + 8 * w + 4) & np.uint32(1)) != 0


@njit(cache=True, nogil=True)
def bitmap_at(row, form, w):
    """Return the address of that bitmap."""
    if form == BITMAP:
        return load_i64(row + 16) + w * (WORDS * 8)
    where = np.int64(load_u32(load_i64(row + 24) + 8 * w + 4))
    return load_i64(row + 16) + 8 * (where >> 1)


@njit(cache=True, nogil=True)
def window_hits(row, form, w):
    """Return the place of the first hit in window `w` of a SPARSE or DENSE list."""
    table = load_i64(row + 24)
    if form == SPARSE:
        return np.int64(load_u16(table + 2 * w))
    return np.int64(load_u32(table + 8 * w))


@njit(cache=True, nogil=True)
def offsets_at(row, form, w):
    """Return the address of the u16 offsets of window `w` of a SPARSE or DENSE list."""
    if form == SPARSE:
        return load_i64(row + 16) + 2 * window_hits(row, form, w)
    return bitmap_at(row, form, w)


@njit(cache=True, nogil=True)
def in_range(row, document):
    """Whether the column of the RANGE at `row` holds a value in [low, high) for `document`."""
    column = load_i64(row + 16)
    kind = load_i64(row + 48)
    if kind == 0:
        value = load_i64(column + 8 * document)
        if value == UNKNOWN_TIME:
            return False
    elif kind == 1:
        value = np.int64(load_u32(column + 4 * document))
    else:
        value = np.int64(load_u16(column + 2 * document))
    bounds = load_i64(row + 24)
    return load_i64(bounds) <= value < load_i64(bounds + 8)


@njit(cache=True, nogil=True)
def distance_of(row, document):
    """Return the Hamming distance of `document` for the NEAR at `row`, 257 if it has no code."""
    if (np.int64(load_u8(load_i64(row + 40) + document)) & load_i64(row + 32)) == 0:
        return np.int64(257)
    code = load_i64(row + 16) + 32 * document
    query = load_i64(row + 24)
    total = np.int64(0)
    for i in range(4):
        total += popcount(load_u64(code + 8 * i) ^ load_u64(query + 8 * i))
    return total


@njit(cache=True, nogil=True)
def computed(row, form, document):
    """Whether `document` is in the RANGE, NEAR or ALL at `row`."""
    if form == RANGE:
        return in_range(row, document)
    if form == NEAR:
        return distance_of(row, document) <= load_i64(row + 48)
    return True
