"""Loops that write lists: the form of each, the bytes of each section, and the sections.

`encode` explains the bytes. Memory is given by address; the callers own it and its bounds.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u32,
    load_u64,
    store_i64,
    store_u8,
    store_u16,
    store_u32,
    store_u64,
)
from alicorn.simd.words import words_any
from indexserver.postings.directory._kernels import (
    GROUP,
    HAS_HITS,
    IN_PACKED,
    IN_WINDOWS,
    INLINE,
    INLINE_HITS,
    row_of_body,
)
from indexserver.postings.forms import (
    BITMAP_HITS,
    DENSE,
    EMPTY,
    PACKED,
    SHORT,
    SPARSE,
    SPARSE_COUNT,
)
from indexserver.postings.packed._kernels import packed_size, write_packed
from indexserver.postings.windows._kernels import (
    copy_bytes,
    dense_size,
    has_bitmap,
    padded,
    sparse_size,
    write_dense,
    write_sparse,
)

__all__ = ["plan_list", "plan_lists", "ram_sizes", "write_list", "write_lists"]

LONGEST_ENTRY: Final = 255
"""The size of an entry is one byte."""


@njit(cache=True, nogil=True)
def _varint_size(value):
    """Return the bytes of `value` at seven bits each."""
    size = np.int64(1)
    while value >= 128:
        value >>= 7
        size += 1
    return size


@njit(cache=True, nogil=True)
def _write_varint(value, out):
    """Write `value`, seven bits a byte, lowest first; return the address behind it."""
    while value >= 128:
        store_u8(out, np.uint8(value & 127 | 128))
        value >>= 7
        out += 1
    store_u8(out, np.uint8(value))
    return out + 1


@njit(cache=True, nogil=True)
def _write_offset(value, out):
    """Write 48 bits; return the address behind them."""
    store_u32(out, np.uint32(value & 0xFFFFFFFF))
    store_u16(out + 4, np.uint16(value >> 32))
    return out + 6


@njit(cache=True, nogil=True)
def _has_hits(hits, count):
    """Return whether one of `count` bytes is not 0."""
    if words_any(hits, count >> 3):
        return True
    for i in range(count & ~7, count):
        if load_u8(hits + i) != 0:
            return True
    return False


@njit(cache=True, nogil=True)
def _form_of(ids, count, windows, width):
    """Return the form of a list in memory: the smallest, but a bitmap wherever one pays."""
    if count == 0:
        return np.int64(EMPTY)
    if count >= SPARSE_COUNT or (count > BITMAP_HITS and has_bitmap(ids, count)):
        return np.int64(DENSE)
    if 3 * windows + 2 * count > width * count:
        return np.int64(SHORT)
    return np.int64(SPARSE)


@njit(cache=True, nogil=True)
def _inline_size(count, width, has_hits):
    """Return the bytes of a SHORT list's entry that holds the list itself."""
    kind = INLINE_HITS if has_hits else INLINE
    return _varint_size(count << 2 | kind) + count * (width + np.int64(has_hits))


@njit(cache=True, nogil=True)
def _entry_size(form, has_hits, count, width):
    """Return the bytes of a list's entry."""
    if form == EMPTY:
        return np.int64(0)
    if form == SHORT:
        size = _inline_size(count, width, has_hits)
        if size <= LONGEST_ENTRY:
            return size
    offsets = 2 if has_hits and form != PACKED else 1
    return _varint_size(count << 2) + 1 + 6 * offsets


@njit(cache=True, nogil=True)
def _is_inline(form, has_hits, count, width):
    """Return whether a list stands in its entry."""
    return form == SHORT and _inline_size(count, width, has_hits) <= LONGEST_ENTRY


@njit(cache=True, nogil=True)
def _body_size(form, ids, hits, count, documents, windows, width):
    """Return the bytes of a list that is not in its entry, without RAM forms' HitData."""
    if form == PACKED:
        return packed_size(ids, hits, count)
    if form == DENSE:
        return dense_size(ids, count, documents, windows, hits != 0)
    if form == SPARSE:
        return sparse_size(count, windows, hits != 0)
    return padded(width * count)


@njit(cache=True, nogil=True)
def plan_lists(offsets, lists, ids, hits, documents, windows, width, packed, flags, totals):
    """Choose the form of each list, and add up the bytes of the sections.

    offsets : address of uint64 (lists + 1,);  ids, hits : addresses of what they are offsets in
    packed  : address of uint8 (lists,), or 0;  flags : address of uint8 (lists,), written: form,
              and `HAS_HITS` << 2
    totals  : address of int64[4], written: bytes of entries, windows, hits and packed
    """
    sizes = np.zeros(4, dtype=np.int64)
    sizes[0] = GROUP * ((lists + GROUP - 1) // GROUP)
    for i in range(lists):
        start = np.int64(load_u64(offsets + 8 * i))
        count = np.int64(load_u64(offsets + 8 * i + 8)) - start
        its_ids = ids + 4 * start
        has_hits = _has_hits(hits + start, count)
        its_hits = hits + start if has_hits else np.int64(0)
        form = _form_of(its_ids, count, windows, width)
        if not (form == EMPTY or _is_inline(form, has_hits, count, width)):
            if packed != 0 and load_u8(packed + i) != 0:
                form = np.int64(PACKED)
            size = _body_size(form, its_ids, its_hits, count, documents, windows, width)
            if form == PACKED:
                sizes[3] += size
            else:
                sizes[1] += size
                sizes[2] += count if has_hits else 0
        sizes[0] += _entry_size(form, has_hits, count, width)
        store_u8(flags + i, np.uint8(form | (HAS_HITS << 2 if has_hits else 0)))
    for i in range(4):
        store_i64(totals + 8 * i, sizes[i])


@njit(cache=True, nogil=True)
def ram_sizes(offsets, lists, ids, hits, documents, windows, width, out):
    """Write to `out` (address of int64) the bytes of each list's RAM form outside its entry."""
    for i in range(lists):
        start = np.int64(load_u64(offsets + 8 * i))
        count = np.int64(load_u64(offsets + 8 * i + 8)) - start
        has_hits = _has_hits(hits + start, count)
        form = _form_of(ids + 4 * start, count, windows, width)
        size = np.int64(0)
        if not (form == EMPTY or _is_inline(form, has_hits, count, width)):
            its_hits = hits + start if has_hits else np.int64(0)
            size = _body_size(form, ids + 4 * start, its_hits, count, documents, windows, width)
            size += count if has_hits else 0
        store_i64(out + 8 * i, size)


@njit(cache=True, nogil=True)
def _write_ids(ids, count, width, out):
    """Write `count` ids of `width` bytes; return the address behind them."""
    for i in range(count):
        value = load_u32(ids + 4 * i)
        store_u16(out, np.uint16(value & np.uint32(0xFFFF)))
        if width == 3:
            store_u8(out + 2, np.uint8(value >> np.uint32(16)))
        elif width == 4:
            store_u16(out + 2, np.uint16(value >> np.uint32(16)))
        out += width
    return out


@njit(cache=True, nogil=True)
def _write_short(ids, count, width, out):
    """Write a SHORT list without its HitData; return the address behind it."""
    end = _write_ids(ids, count, width, out)
    for at in range(end, out + padded(width * count)):
        store_u8(at, np.uint8(0))
    return out + padded(width * count)


@njit(cache=True, nogil=True)
def _write_body(form, ids, hits, count, documents, windows, width, out):
    """Write a list of a RAM form without its HitData; return the address behind it."""
    if form == DENSE:
        return write_dense(ids, hits, count, documents, windows, out)
    if form == SPARSE:
        return write_sparse(ids, hits, count, windows, out)
    return _write_short(ids, count, width, out)


@njit(cache=True, nogil=True)
def plan_list(ids, hits, count, documents, windows, width):
    """Return the form in memory of one list, its bytes, and those of its HitData.

    Where there is no HitData the latter are the zeros that stand for the largest of each window.
    """
    form = _form_of(ids, count, windows, width)
    if form == EMPTY:
        return form, np.int64(0), np.int64(0)
    if _has_hits(hits, count):
        return form, _body_size(form, ids, hits, count, documents, windows, width), count
    none = np.int64(0)
    return form, _body_size(form, ids, none, count, documents, windows, width), windows


@njit(cache=True, nogil=True)
def write_list(form, ids, hits, count, documents, windows, width, out, row):
    """Write one list of a RAM form that is not EMPTY, as `plan_list` planned it, and its row."""
    has_hits = _has_hits(hits, count)
    its_hits = hits if has_hits else np.int64(0)
    end = _write_body(form, ids, its_hits, count, documents, windows, width, out)
    if has_hits:
        copy_bytes(end, hits, count)
    else:
        for window in range(windows):
            store_u8(end + window, np.uint8(0))
    row_of_body(form, count, out, end if has_hits else np.int64(0), end, windows, width, row)


@njit(cache=True, nogil=True)
def write_lists(offsets, lists, ids, hits, flags, places):
    """Write every section of the lists that `plan_lists` planned to `places`."""
    bases = load_i64(places)
    entries = load_i64(places + 8)
    windows_start = load_i64(places + 16)
    hits_start = load_i64(places + 24)
    packed_start = load_i64(places + 32)
    documents = load_i64(places + 48)
    windows = load_i64(places + 56)
    width = load_i64(places + 64)
    out = entries
    body = windows_start
    bytes_out = hits_start
    cold = packed_start
    sizes = out
    for i in range(lists):
        if i % GROUP == 0:
            store_u64(bases + 8 * (i // GROUP), np.uint64(out - entries))
            sizes = out
            store_u64(out, np.uint64(0))
            store_u64(out + 8, np.uint64(0))
            out += GROUP
        start = np.int64(load_u64(offsets + 8 * i))
        count = np.int64(load_u64(offsets + 8 * i + 8)) - start
        flag = np.int64(load_u8(flags + i))
        form = flag & 15
        has_hits = flag & (HAS_HITS << 2) != 0
        if form == EMPTY:
            continue
        its_ids = ids + 4 * start
        its_hits = hits + start if has_hits else np.int64(0)
        first = out
        if _is_inline(form, has_hits, count, width):
            out = _write_varint(count << 2 | (INLINE_HITS if has_hits else INLINE), out)
            out = _write_ids(its_ids, count, width, out)
            if has_hits:
                copy_bytes(out, its_hits, count)
                out += count
            store_u8(sizes + i % GROUP, np.uint8(out - first))
            continue
        out = _write_varint(count << 2 | (IN_PACKED if form == PACKED else IN_WINDOWS), out)
        store_u8(out, np.uint8((0 if form == PACKED else form) | (HAS_HITS if has_hits else 0)))
        if form == PACKED:
            out = _write_offset(cold - packed_start, out + 1)
            cold = write_packed(its_ids, its_hits, count, cold)
        else:
            out = _write_offset(body - windows_start, out + 1)
            if has_hits:
                out = _write_offset(bytes_out - hits_start, out)
                copy_bytes(bytes_out, its_hits, count)
                bytes_out += count
            body = _write_body(form, its_ids, its_hits, count, documents, windows, width, body)
        store_u8(sizes + i % GROUP, np.uint8(out - first))
