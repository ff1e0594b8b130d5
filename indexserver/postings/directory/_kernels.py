"""Loops over the list directory: rows of lists, and lists decoded; `encode` explains its bytes.

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
    store_u32,
)
from indexserver.postings.forms import (
    COLUMNS_OF_A_ROW,
    COUNT,
    DENSE,
    EXTRA,
    FORM,
    HITS,
    IDS,
    MAXIMA,
    PACKED,
    SHORT,
    SPARSE,
    TABLE,
)
from indexserver.postings.packed._kernels import hit_bytes, read_packed
from indexserver.postings.windows._kernels import copy_bytes, read_dense, read_sparse

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
    "read_list",
    "read_lists",
    "read_offset",
    "read_varint",
    "row_of",
    "row_of_body",
    "rows_of",
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

PLACES: Final = 11
"""int64: addresses of bases, entries, windows, hits, packed, zeros; documents, windows, id bytes,
lists; the address behind the packed lists. The argument `places` is the address of these."""


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
def read_offset(address):
    """Return the 48 bits at `address`."""
    return np.int64(load_u32(address)) | np.int64(load_u16(address + 4)) << 32


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
def row_of_body(form, count, body, hits, zeros, windows, width, row):
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
    row_of_body(flags & 3, count, body, hits, zeros, load_i64(places + 56), width, row)


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
