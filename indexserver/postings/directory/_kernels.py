"""Loops over the list directory: writing it, and rows of it; `encode` explains its bytes.

Memory is given by address and unchecked: what is read was verified when it was opened.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u16,
    load_u32,
    load_u64,
    prefetch,
    store_i64,
    store_u8,
    store_u16,
    store_u32,
    store_u64,
)
from alicorn.simd.words import words_any
from indexserver.postings.forms import (
    BITMAP_HITS,
    COLUMNS_OF_A_ROW,
    COUNT,
    DENSE,
    EMPTY,
    EXTRA,
    FORM,
    HITS,
    IDS,
    MAXIMA,
    PACKED,
    SHORT,
    SPARSE,
    SPARSE_COUNT,
    TABLE,
)
from indexserver.postings.packed._kernels import hit_bytes, packed_size, read_packed, write_packed
from indexserver.postings.windows._kernels import (
    copy_bytes,
    dense_size,
    has_bitmap,
    padded,
    read_dense,
    read_sparse,
    sparse_size,
    write_dense,
    write_sparse,
)

__all__ = [
    "GROUP",
    "HAS_HITS",
    "INLINE",
    "INLINE_HITS",
    "IN_PACKED",
    "IN_WINDOWS",
    "PLACES",
    "counts_into",
    "packed_hit_bytes",
    "plan_list",
    "plan_lists",
    "ram_sizes",
    "read_list",
    "read_lists",
    "read_offset",
    "read_varint",
    "row_into",
    "row_of",
    "rows_of",
    "write_list",
    "write_lists",
]

GROUP: Final = 16
"""Lists that share one base address; their sizes stand before them."""

INLINE: Final = 0
INLINE_HITS: Final = 1
IN_WINDOWS: Final = 2
IN_PACKED: Final = 3
"""Kinds of entry, the two lowest bits of its first number."""

HAS_HITS: Final = 4
"""In the flags of an entry, beside the form: some HitData byte is not 0."""

LONGEST_ENTRY: Final = 255
"""The size of an entry is one byte."""

PLACES: Final = 11
"""int64: addresses of bases, entries, windows, hits, packed, zeros; documents, windows, id bytes,
lists; the address behind the packed lists. The argument `places` is the address of these."""


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
def read_varint(address):
    """Return the number at `address` and the address behind it; ten bytes are read at most."""
    value = np.int64(0)
    for place in range(10):
        byte = np.int64(load_u8(address + place))
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value, address + place + 1
    return np.int64(-1), address


@njit(cache=True, nogil=True)
def _write_offset(value, out):
    """Write 48 bits; return the address behind them."""
    store_u32(out, np.uint32(value & 0xFFFFFFFF))
    store_u16(out + 4, np.uint16(value >> 32))
    return out + 6


@njit(cache=True, nogil=True)
def read_offset(address):
    """Return the 48 bits at `address`."""
    return np.int64(load_u32(address)) | np.int64(load_u16(address + 4)) << 32


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
    _row_of_body(form, count, out, end if has_hits else np.int64(0), end, windows, width, row)


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


@njit(cache=True, nogil=True)
def _sum_of_bytes(word):
    """Return the sum of the eight bytes of `word`."""
    even = np.uint64(0x00FF00FF00FF00FF)
    pairs = (word & even) + ((word >> np.uint64(8)) & even)
    return np.int64((pairs * np.uint64(0x0001000100010001)) >> np.uint64(48))


@njit(cache=True, nogil=True)
def _entry_at(group, place):
    """Return the address of entry `place` of the group at `group`."""
    below = load_u64(group)
    above = load_u64(group + 8)
    if place < 8:
        above = np.uint64(0)
        below &= (np.uint64(1) << np.uint64(8 * place)) - np.uint64(1)
    else:
        above &= (np.uint64(1) << np.uint64(8 * (place - 8))) - np.uint64(1)
    return group + GROUP + _sum_of_bytes(below) + _sum_of_bytes(above)


@njit(cache=True, nogil=True)
def _row_of_body(form, count, body, hits, zeros, windows, width, row):
    """Write the row of a list of a RAM form at `body`, of which all columns are 0 before.

    zeros : address of `windows` zeros, for lists without HitData
    """
    store_i64(row + 8 * FORM, form)
    store_i64(row + 8 * COUNT, count)
    store_i64(row + 8 * HITS, hits)
    if form == SHORT:
        store_i64(row + 8 * IDS, body)
        store_i64(row + 8 * EXTRA, width)
        return
    start = body + (2 if form == SPARSE else 8) * (windows + 1)
    # Where all bytes are 0 nothing is stored, and the largest of every window is 0 all the same.
    maxima = zeros
    if hits != 0 and form == SPARSE:
        maxima = start + 2 * count
    elif hits != 0:
        maxima = start + 8 * (np.int64(load_u32(start - 4)) >> 1)
    store_i64(row + 8 * IDS, start)
    store_i64(row + 8 * TABLE, body)
    store_i64(row + 8 * MAXIMA, maxima)


@njit(cache=True, nogil=True)
def row_into(places, number, row):
    """Write the row of list `number` to `row`; that of an empty list where there is none."""
    for column in range(COLUMNS_OF_A_ROW):
        store_i64(row + 8 * column, np.int64(0))
    if number < 0 or number >= load_i64(places + 72):
        return
    group = load_i64(places + 8) + load_i64(load_i64(places) + 8 * (number // GROUP))
    place = number % GROUP
    if load_u8(group + place) == 0:
        return
    head, at = read_varint(_entry_at(group, place))
    kind = head & 3
    count = head >> 2
    store_i64(row + 8 * COUNT, count)
    width = load_i64(places + 64)
    if kind <= INLINE_HITS:
        store_i64(row + 8 * FORM, np.int64(SHORT))
        store_i64(row + 8 * IDS, at)
        store_i64(row + 8 * EXTRA, width)
        if kind == INLINE_HITS:
            store_i64(row + 8 * HITS, at + width * count)
        return
    flags = np.int64(load_u8(at))
    has_hits = flags & HAS_HITS != 0
    offset = read_offset(at + 1)
    if kind == IN_PACKED:
        store_i64(row + 8 * FORM, np.int64(PACKED))
        store_i64(row + 8 * IDS, load_i64(places + 32) + offset)
        store_i64(row + 8 * EXTRA, np.int64(has_hits))
        return
    hits = load_i64(places + 24) + read_offset(at + 7) if has_hits else np.int64(0)
    body = load_i64(places + 16) + offset
    zeros = load_i64(places + 40)
    _row_of_body(flags & 3, count, body, hits, zeros, load_i64(places + 56), width, row)


@njit(cache=True, nogil=True)
def row_of(places, number):
    """Return the row of list `number`, int64 (8,); that of an empty list where there is none."""
    row = np.empty(COLUMNS_OF_A_ROW, dtype=np.int64)
    row_into(places, number, np.int64(row.ctypes.data))
    return row


@njit(cache=True, nogil=True)
def rows_of(places, numbers):
    """Return the rows, int64 (n, 8), of the lists `numbers`, int64 (n,).

    Lists lie anywhere: a batch of bases, and then of entries, is fetched ahead of its use.
    """
    rows = np.empty((numbers.size, COLUMNS_OF_A_ROW), dtype=np.int64)
    out = np.int64(rows.ctypes.data)
    bases = load_i64(places)
    entries = load_i64(places + 8)
    lists = load_i64(places + 72)
    for start in range(0, numbers.size, 32):
        end = min(start + 32, numbers.size)
        for number in numbers[start:end]:
            if 0 <= number < lists:
                prefetch(bases + 8 * (number // GROUP))
        for number in numbers[start:end]:
            if 0 <= number < lists:
                prefetch(entries + load_i64(bases + 8 * (number // GROUP)))
        for number in numbers[start:end]:
            row_into(places, number, out)
            out += 8 * COLUMNS_OF_A_ROW
    return rows


@njit(cache=True, nogil=True)
def counts_into(places, out):
    """Write the hits of every list to `out`, address of int64."""
    bases = load_i64(places)
    entries = load_i64(places + 8)
    group = entries
    at = entries
    for i in range(load_i64(places + 72)):
        if i % GROUP == 0:
            group = entries + load_i64(bases + 8 * (i // GROUP))
            at = group + GROUP
        size = np.int64(load_u8(group + i % GROUP))
        count = np.int64(0)
        if size != 0:
            head, _ = read_varint(at)
            count = head >> 2
        store_i64(out + 8 * i, count)
        at += size


@njit(cache=True, nogil=True)
def _read_short(source, count, width, out):
    """Write `count` ids of `width` bytes to `out`, as uint32."""
    for i in range(count):
        value = np.uint32(load_u16(source))
        if width == 3:
            value |= np.uint32(load_u8(source + 2)) << np.uint32(16)
        elif width == 4:
            value |= np.uint32(load_u16(source + 2)) << np.uint32(16)
        store_u32(out + 4 * i, np.uint32(value))
        source += width


@njit(cache=True, nogil=True)
def read_list(row, documents, windows, end, ids, hits):
    """Decode the list of `row`, of a form that a segment stores.

    Returns the bytes of a PACKED list, -1 if it is damaged, and 0 for the other forms.

    end       : address behind what may be read of packed lists
    ids, hits : addresses, room for 128 more than the list has
    """
    form = load_i64(row + 8 * FORM)
    count = load_i64(row + 8 * COUNT)
    source = load_i64(row + 8 * IDS)
    bytes_at = load_i64(row + 8 * HITS)
    size = np.int64(0)
    if form == PACKED:
        has_hits = load_i64(row + 8 * EXTRA) != 0
        size = read_packed(source, end, count, has_hits, documents, ids, hits)
        if has_hits:
            return size
    elif form == SHORT:
        _read_short(source, count, load_i64(row + 8 * EXTRA), ids)
    elif form == SPARSE:
        read_sparse(load_i64(row + 8 * TABLE), source, windows, ids)
    elif form == DENSE:
        read_dense(load_i64(row + 8 * TABLE), source, documents, windows, ids)
    if bytes_at != 0:
        copy_bytes(hits, bytes_at, count)
    else:
        for i in range(count):
            store_u8(hits + i, np.uint8(0))
    return size


@njit(cache=True, nogil=True)
def read_lists(places, ids, hits):
    """Decode every list, one behind the other, as `read_list` does.

    Returns the number of the first that is damaged, or -1.
    """
    columns = np.zeros(COLUMNS_OF_A_ROW, dtype=np.int64)
    row = np.int64(columns.ctypes.data)
    documents = load_i64(places + 48)
    windows = load_i64(places + 56)
    end = load_i64(places + 80)
    for number in range(load_i64(places + 72)):
        row_into(places, number, row)
        if read_list(row, documents, windows, end, ids, hits) < 0:
            return number
        ids += 4 * columns[COUNT]
        hits += columns[COUNT]
    return np.int64(-1)


@njit(cache=True, nogil=True)
def packed_hit_bytes(places):
    """Return the bytes of HitData of every packed list."""
    columns = np.zeros(COLUMNS_OF_A_ROW, dtype=np.int64)
    total = np.int64(0)
    for number in range(load_i64(places + 72)):
        row_into(places, number, np.int64(columns.ctypes.data))
        if columns[FORM] == PACKED and columns[EXTRA] != 0:
            total += hit_bytes(columns[IDS], load_i64(places + 80), columns[COUNT])
    return total
