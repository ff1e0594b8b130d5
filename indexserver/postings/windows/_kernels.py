"""Loops of the windowed forms, SPARSE and DENSE; `forms` explains their bytes.

Lists are given by address: ids are uint32, strictly increasing; `hits` is the address of their
HitData, or 0 where all of it is 0. The callers own the memory and its bounds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.bits import popcount
from alicorn.simd.emit import emit_u32
from alicorn.simd.extremes import largest_byte
from alicorn.simd.memory import (
    load_u8,
    load_u16,
    load_u32,
    load_u64,
    store_u8,
    store_u16,
    store_u32,
    store_u64,
)
from alicorn.simd.words import words_copy, words_zero
from indexserver.postings.forms import BITMAP_HITS, WINDOW, WINDOW_BITS, WORDS

__all__ = [
    "copy_bytes",
    "dense_size",
    "has_bitmap",
    "padded",
    "read_dense",
    "read_sparse",
    "sparse_size",
    "write_dense",
    "write_sparse",
]


@njit(cache=True, nogil=True)
def padded(size):
    """Return `size` rounded up to a multiple of 8."""
    return (size + 7) & ~7


@njit(cache=True, nogil=True)
def copy_bytes(target, source, size):
    """Copy `size` bytes that do not overlap."""
    words_copy(target, source, size >> 3)
    for i in range(size & ~7, size):
        store_u8(target + i, load_u8(source + i))


@njit(cache=True, nogil=True)
def _first_from(ids, start, end, bound):
    """Return the position in [start, end) of the first id that is not below `bound`, else end."""
    # A window holds no more hits than documents: the search need not look further.
    end = min(end, start + WINDOW)
    while start < end:
        middle = (start + end) >> 1
        if np.int64(load_u32(ids + 4 * middle)) < bound:
            start = middle + 1
        else:
            end = middle
    return start


@njit(cache=True, nogil=True)
def has_bitmap(ids, count):
    """Return whether a window has more than `BITMAP_HITS` of the `count` ids."""
    for i in range(count - BITMAP_HITS):
        first = load_u32(ids + 4 * i) >> np.uint32(WINDOW_BITS)
        if load_u32(ids + 4 * (i + BITMAP_HITS)) >> np.uint32(WINDOW_BITS) == first:
            return True
    return False


@njit(cache=True, nogil=True)
def _words_of(window, documents):
    """Return the words of a window: `WORDS`, but of the last one only what it needs."""
    return min(np.int64(WORDS), (documents - window * WINDOW + 63) >> 6)


@njit(cache=True, nogil=True)
def _body_size(hits, words):
    """Return the bytes of one window of DENSE with `hits` hits."""
    if hits > BITMAP_HITS:
        return 8 * words + padded(2 * ((words + 7) >> 3))
    return padded(2 * hits)


@njit(cache=True, nogil=True)
def sparse_size(count, windows, with_maxima):
    """Return the bytes of a SPARSE list, a multiple of 8."""
    return padded(2 * (windows + 1) + 2 * count + (windows if with_maxima else 0))


@njit(cache=True, nogil=True)
def dense_size(ids, count, documents, windows, with_maxima):
    """Return the bytes of a DENSE list, a multiple of 8."""
    size = 8 * (windows + 1)
    at = np.int64(0)
    for window in range(windows):
        end = _first_from(ids, at, count, (window + 1) * WINDOW)
        size += _body_size(end - at, _words_of(window, documents))
        at = end
    return size + (padded(windows) if with_maxima else 0)


@njit(cache=True, nogil=True)
def _write_offsets(ids, start, end, out):
    """Write the offsets in their window of the ids [start, end)."""
    for i in range(start, end):
        store_u16(out + 2 * (i - start), np.uint16(load_u32(ids + 4 * i) & np.uint32(WINDOW - 1)))


@njit(cache=True, nogil=True)
def _write_bitmap(ids, start, end, words, out):
    """Write the bitmap of the ids [start, end), all of one window, and its rank directory."""
    words_zero(out, words)
    held = np.int64(0)
    word = np.uint64(0)
    # The word is kept in a register and stored with every bit: read back from memory, each bit
    # would wait for the one before; stored when it is full, every word would be a wrong guess.
    for i in range(start, end):
        local = np.int64(load_u32(ids + 4 * i)) & (WINDOW - 1)
        word = word if local >> 6 == held else np.uint64(0)
        word |= np.uint64(1) << np.uint64(local & 63)
        held = local >> 6
        store_u64(out + 8 * held, word)
    directory = out + 8 * words
    groups = (words + 7) >> 3
    rank = np.int64(0)
    for group in range(groups):
        store_u16(directory + 2 * group, np.uint16(rank))
        for word in range(8 * group, min(8 * group + 8, words)):
            rank += popcount(load_u64(out + 8 * word))
    for at in range(directory + 2 * groups, directory + padded(2 * groups)):
        store_u8(at, np.uint8(0))


@njit(cache=True, nogil=True)
def write_sparse(ids, hits, count, windows, out):
    """Write a SPARSE list without its HitData to `out`; return the address behind it."""
    body = out + 2 * (windows + 1)
    maxima = body + 2 * count
    at = np.int64(0)
    for window in range(windows):
        store_u16(out + 2 * window, np.uint16(at))
        end = _first_from(ids, at, count, (window + 1) * WINDOW)
        if hits != 0:
            store_u8(maxima + window, np.uint8(largest_byte(hits + at, end - at)))
        at = end
    store_u16(out + 2 * windows, np.uint16(count))
    _write_offsets(ids, 0, count, body)
    end = out + sparse_size(count, windows, hits != 0)
    for at in range(maxima + (windows if hits != 0 else 0), end):
        store_u8(at, np.uint8(0))
    return end


@njit(cache=True, nogil=True)
def write_dense(ids, hits, count, documents, windows, out):
    """Write a DENSE list without its HitData to `out`; return the address behind it."""
    start = out + 8 * (windows + 1)
    body = start
    maxima = out + dense_size(ids, count, documents, windows, False)
    at = np.int64(0)
    for window in range(windows):
        end = _first_from(ids, at, count, (window + 1) * WINDOW)
        words = _words_of(window, documents)
        is_bitmap = end - at > BITMAP_HITS
        store_u32(out + 8 * window, np.uint32(at))
        where = ((body - start) >> 3) << 1 | np.int64(is_bitmap)
        store_u32(out + 8 * window + 4, np.uint32(where))
        if is_bitmap:
            _write_bitmap(ids, at, end, words, body)
        elif end > at:
            # The last eight bytes first: what the offsets leave of them is padding.
            store_u64(body + _body_size(end - at, words) - 8, np.uint64(0))
            _write_offsets(ids, at, end, body)
        body += _body_size(end - at, words)
        if hits != 0:
            store_u8(maxima + window, np.uint8(largest_byte(hits + at, end - at)))
        at = end
    store_u32(out + 8 * windows, np.uint32(count))
    store_u32(out + 8 * windows + 4, np.uint32(((body - start) >> 3) << 1))
    if hits == 0:
        return maxima
    for at in range(maxima + windows, maxima + padded(windows)):
        store_u8(at, np.uint8(0))
    return maxima + padded(windows)


@njit(cache=True, nogil=True)
def _read_offsets(source, size, window, out):
    """Write the ids of `size` offsets of a window to `out`."""
    base = np.uint32(window * WINDOW)
    for i in range(size):
        store_u32(out + 4 * i, np.uint32(base + np.uint32(load_u16(source + 2 * i))))


@njit(cache=True, nogil=True)
def read_sparse(table, ids, windows, out):
    """Write the ids of a SPARSE list to `out`."""
    for window in range(windows):
        start = np.int64(load_u16(table + 2 * window))
        end = np.int64(load_u16(table + 2 * window + 2))
        _read_offsets(ids + 2 * start, end - start, window, out + 4 * start)


@njit(cache=True, nogil=True)
def read_dense(table, ids, documents, windows, out):
    """Write the ids of a DENSE list to `out`, which has room for 128 more."""
    for window in range(windows):
        start = np.int64(load_u32(table + 8 * window))
        where = np.int64(load_u32(table + 8 * window + 4))
        end = np.int64(load_u32(table + 8 * window + 8))
        body = ids + 8 * (where >> 1)
        if where & 1 == 0:
            _read_offsets(body, end - start, window, out + 4 * start)
            continue
        at = out + 4 * start
        for word in range(_words_of(window, documents)):
            base = np.uint32(window * WINDOW + 64 * word)
            at += 4 * emit_u32(load_u64(body + 8 * word), base, at)
