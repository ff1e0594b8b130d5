"""Loops that verify the lists of a segment, so that no kernel is led outside of it.

A section's checksum says that it is what was written; this says that what was written are lists.
It reads every id of the forms in memory once. Cold lists are verified when they are thawed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from alicorn.simd.bits import popcount
from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u16,
    load_u32,
    load_u64,
    store_i64,
)
from indexserver.postings.directory._kernels import (
    GROUP,
    HAS_HITS,
    IN_PACKED,
    IN_WINDOWS,
    INLINE_HITS,
    read_offset,
    read_varint,
)
from indexserver.postings.forms import (
    BITMAP_HITS,
    DENSE,
    SHORT,
    SPARSE,
    SPARSE_COUNT,
    WINDOW,
    WORDS,
)
from indexserver.postings.windows._kernels import padded, sparse_size

__all__ = ["BASES", "ENTRIES", "HIT_BYTES", "PACKED_LISTS", "SOUND", "WINDOWS", "check_lists"]

SOUND: Final = 0
BASES: Final = 1
ENTRIES: Final = 2
WINDOWS: Final = 3
HIT_BYTES: Final = 4
PACKED_LISTS: Final = 5
"""What `check_lists` answers: the section that is wrong."""


@njit(cache=True, nogil=True)
def _are_ids(source, count, width, documents):
    """Return whether `count` ids of `width` bytes ascend and are all below `documents`."""
    before = np.int64(-1)
    for i in range(count):
        at = source + width * i
        value = np.int64(load_u16(at))
        if width == 3:
            value |= np.int64(load_u8(at + 2)) << 16
        elif width == 4:
            value |= np.int64(load_u16(at + 2)) << 16
        if value <= before:
            return False
        before = value
    return before < documents


@njit(cache=True, nogil=True)
def _are_offsets(source, count, limit):
    """Return whether `count` u16 ascend and are all below `limit`."""
    before = np.int64(-1)
    for i in range(count):
        value = np.int64(load_u16(source + 2 * i))
        if value <= before:
            return False
        before = value
    return before < limit


@njit(cache=True, nogil=True)
def _is_bitmap(source, words, hits, limit):
    """Return whether `words` words have `hits` bits, all below `limit`, and a true directory."""
    directory = source + 8 * words
    rank = np.int64(0)
    for word in range(words):
        if word & 7 == 0 and np.int64(load_u16(directory + 2 * (word >> 3))) != rank:
            return False
        rank += popcount(load_u64(source + 8 * word))
    if limit & 63 and load_u64(source + 8 * (words - 1)) >> np.uint64(limit & 63) != 0:
        return False
    return rank == hits


@njit(cache=True, nogil=True)
def _is_sparse(table, room, count, documents, windows, with_maxima):
    """Return whether a SPARSE list of `count` hits lies in the `room` bytes at `table`."""
    if (
        sparse_size(count, windows, with_maxima) > room
        or count >= SPARSE_COUNT
        or load_u16(table) != 0
    ):
        return False
    if np.int64(load_u16(table + 2 * windows)) != count:
        return False
    ids = table + 2 * (windows + 1)
    at = np.int64(0)
    for window in range(windows):
        end = np.int64(load_u16(table + 2 * window + 2))
        limit = min(np.int64(WINDOW), documents - window * WINDOW)
        if end < at or end > count or not _are_offsets(ids + 2 * at, end - at, limit):
            return False
        at = end
    return True


@njit(cache=True, nogil=True)
def _is_dense(table, room, count, documents, windows, with_maxima):
    """Return whether a DENSE list of `count` hits lies in the `room` bytes at `table`."""
    head = 8 * (windows + 1)
    if head > room or load_u32(table) != 0:
        return False
    at = np.int64(0)
    where = np.int64(0)
    for window in range(windows):
        found = np.int64(load_u32(table + 8 * window + 4))
        end = np.int64(load_u32(table + 8 * window + 8))
        limit = min(np.int64(WINDOW), documents - window * WINDOW)
        hits = end - at
        if hits < 0 or hits > limit:
            return False
        is_bitmap = hits > BITMAP_HITS
        if found != (where >> 3) << 1 | np.int64(is_bitmap):
            return False
        words = min(np.int64(WORDS), (limit + 63) >> 6)
        size = padded(2 * hits)
        if is_bitmap:
            size = 8 * words + padded(2 * ((words + 7) >> 3))
        if head + where + size > room:
            return False
        body = table + head + where
        if is_bitmap:
            if not _is_bitmap(body, words, hits, limit):
                return False
        elif not _are_offsets(body, hits, limit):
            return False
        where += size
        at = end
    if head + where + (padded(windows) if with_maxima else 0) > room:
        return False
    last = table + 8 * windows
    return at == count and np.int64(load_u32(last + 4)) == (where >> 3) << 1


@njit(cache=True, nogil=True)
def _check_entry(places, ends, at, size):
    """Return what is wrong with the entry of `size` bytes at `at`, its kind and its hits."""
    documents = load_i64(places + 48)
    windows = load_i64(places + 56)
    width = load_i64(places + 64)
    head, behind = read_varint(at)
    kind = head & 3
    count = head >> 2
    if head < 0 or count == 0 or count > documents:
        return ENTRIES, kind, count
    if kind <= INLINE_HITS:
        needed = behind - at + count * (width + (1 if kind == INLINE_HITS else 0))
        if size != needed or not _are_ids(behind, count, width, documents):
            return ENTRIES, kind, count
        return SOUND, kind, count
    flags = np.int64(load_u8(behind))
    has_hits = flags & HAS_HITS != 0
    form = flags & 3
    offsets = 2 if has_hits and kind == IN_WINDOWS else 1
    if size != behind - at + 1 + 6 * offsets or flags > 7 or (kind == IN_PACKED and form != 0):
        return ENTRIES, kind, count
    offset = read_offset(behind + 1)
    if kind == IN_PACKED:
        return (SOUND if offset < load_i64(ends + 32) else PACKED_LISTS), kind, count
    if has_hits and read_offset(behind + 7) + count > load_i64(ends + 24):
        return HIT_BYTES, kind, count
    room = load_i64(ends + 16) - offset
    table = load_i64(places + 16) + offset
    if form == SHORT:
        sound = padded(width * count) <= room and _are_ids(table, count, width, documents)
    elif room < 8:
        sound = False
    elif form == SPARSE:
        sound = _is_sparse(table, room, count, documents, windows, has_hits)
    else:
        sound = form == DENSE and _is_dense(table, room, count, documents, windows, has_hits)
    return (SOUND if sound else WINDOWS), kind, count


@njit(cache=True, nogil=True)
def check_lists(places, ends, totals):
    """Return which section is wrong, or `SOUND`, and the list at which it shows.

    places : as everywhere;  ends : address of int64[5], the bytes of each section that may be used
    totals : address of int64[3], written: bytes of ids and of HitData in entries, and of groups
    """
    lists = load_i64(places + 72)
    entries = load_i64(places + 8)
    end = load_i64(ends + 8)
    at = np.int64(0)
    id_bytes = np.int64(0)
    hit_bytes = np.int64(0)
    for first in range(0, lists, GROUP):
        if load_i64(load_i64(places) + 8 * (first // GROUP)) != at:
            return BASES, first
        group = entries + at
        at += GROUP
        if at > end:
            return ENTRIES, first
        for place in range(GROUP):
            size = np.int64(load_u8(group + place))
            if size == 0:
                continue
            if first + place >= lists or at + size > end:
                return ENTRIES, first + place
            wrong, kind, count = _check_entry(places, ends, entries + at, size)
            if wrong != SOUND:
                return wrong, first + place
            if kind <= INLINE_HITS:
                id_bytes += count * load_i64(places + 64)
                hit_bytes += count if kind == INLINE_HITS else 0
            at += size
    store_i64(totals, id_bytes)
    store_i64(totals + 8, hit_bytes)
    return (SOUND if at == end else ENTRIES), lists
