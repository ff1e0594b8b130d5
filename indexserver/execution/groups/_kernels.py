"""Loops that unite lists of any stored form; everything goes by address.

`rows` are rows of `indexserver.postings.forms`, one behind the other. `bits` is u64[ceil(documents
/ 64) + 8]; `best` u8[documents] and `sums` u64[documents], or 0 where they are not asked for. All
of them begin as zeros and may be added to in several calls.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.bits import popcount, trailing_zeros
from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u16,
    load_u32,
    load_u64,
    prefetch,
    store_u8,
    store_u64,
)
from indexserver.postings.forms import (
    DENSE,
    EMPTY,
    PACKED,
    SHORT,
    SPARSE,
    WINDOW,
    WINDOW_BITS,
    WORDS,
)

_ONE = np.uint64(1)
_AHEAD = 16
_63 = np.uint64(63)


@njit(cache=True, nogil=True)
def _add(document, byte, bits, best, sums, squared, top):
    """Add one hit; return the larger of `top` and the document's sum so far."""
    at = bits + 8 * (document >> 6)
    store_u64(at, load_u64(at) | (_ONE << (np.uint64(document) & _63)))
    if best != 0 and byte > np.int64(load_u8(best + document)):
        store_u8(best + document, np.uint8(byte))
    if sums == 0:
        return top
    points = byte * byte if squared else np.int64(1)
    total = np.int64(load_u64(sums + 8 * document)) + points
    store_u64(sums + 8 * document, np.uint64(total))
    return max(top, total)


@njit(cache=True, nogil=True)
def _byte(hits, place):
    return np.int64(load_u8(hits + place)) if hits != 0 else np.int64(0)


@njit(cache=True, nogil=True)
def _add_short(row, bits, best, sums, squared, top):
    width = load_i64(row + 48)
    mask = (np.int64(1) << (8 * width)) - 1
    ids = load_i64(row + 16)
    hits = load_i64(row + 32)
    for i in range(load_i64(row + 8)):
        document = np.int64(load_u32(ids + i * width)) & mask
        top = _add(document, _byte(hits, i), bits, best, sums, squared, top)
    return top


@njit(cache=True, nogil=True)
def _add_offsets(offsets, count, first, hits, place, bits, best, sums, squared, top):
    for i in range(count):
        document = first + np.int64(load_u16(offsets + 2 * i))
        top = _add(document, _byte(hits, place + i), bits, best, sums, squared, top)
    return top


@njit(cache=True, nogil=True)
def _add_bitmap(words, count, first, hits, place, bits, best, sums, squared, top):
    """Add the hits of `count` words, the first of them hit number `place` of its list."""
    for i in range(count):
        word = load_u64(words + 8 * i)
        if word == np.uint64(0):
            continue
        if best == 0 and sums == 0:
            at = bits + 8 * ((first >> 6) + i)
            store_u64(at, load_u64(at) | word)
            place += popcount(word)
            continue
        while word != np.uint64(0):
            document = first + 64 * i + trailing_zeros(word)
            word &= word - _ONE
            top = _add(document, _byte(hits, place), bits, best, sums, squared, top)
            place += 1
    return top


@njit(cache=True, nogil=True)
def _add_windows(row, form, documents, bits, best, sums, squared, top):
    ids = load_i64(row + 16)
    table = load_i64(row + 24)
    hits = load_i64(row + 32)
    for w in range((documents + WINDOW - 1) >> WINDOW_BITS):
        first = w * WINDOW
        if form == SPARSE:
            place = np.int64(load_u16(table + 2 * w))
            count = np.int64(load_u16(table + 2 * w + 2)) - place
            top = _add_offsets(
                ids + 2 * place, count, first, hits, place, bits, best, sums, squared, top
            )
            continue
        place = np.int64(load_u32(table + 8 * w))
        count = np.int64(load_u32(table + 8 * w + 8)) - place
        where = np.int64(load_u32(table + 8 * w + 4))
        at = ids + 8 * (where >> 1)
        if count == 0:
            continue
        if where & 1:
            words = min(WORDS, (documents - first + 63) >> 6)
            top = _add_bitmap(at, words, first, hits, place, bits, best, sums, squared, top)
        else:
            top = _add_offsets(at, count, first, hits, place, bits, best, sums, squared, top)
    return top


@njit(cache=True, nogil=True)
def unite_rows(rows, count, documents, bits, best, sums, squared, top):
    """Add `count` lists; return the largest sum of any document, `top` if none passes it.

    squared : a hit adds its byte squared to the sum if true, else 1
    """
    for i in range(count):
        row = rows + 64 * i
        if i + _AHEAD < count:
            # Short lists lie anywhere: each is a line that the caches have not.
            prefetch(load_i64(row + 64 * _AHEAD + 16))
        form = load_i64(row)
        if form == SHORT:
            top = _add_short(row, bits, best, sums, squared, top)
        elif form == SPARSE or form == DENSE:
            top = _add_windows(row, form, documents, bits, best, sums, squared, top)
    return top


@njit(cache=True, nogil=True)
def count_bits(bits, words):
    """Return how many bits of `words` words are set."""
    total = np.int64(0)
    for i in range(words):
        total += popcount(load_u64(bits + 8 * i))
    return total


@njit(cache=True, nogil=True)
def survey(rows, count):
    """Return how many of `count` lists have hits, the last of them, how many are cold, all hits."""
    filled, last, cold, hits = np.int64(0), np.int64(-1), np.int64(0), np.int64(0)
    for i in range(count):
        form = load_i64(rows + 64 * i)
        if form == EMPTY:
            continue
        filled += 1
        last = i
        cold += form == PACKED
        hits += load_i64(rows + 64 * i + 8)
    return filled, last, cold, hits
