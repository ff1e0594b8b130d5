"""Loops over the tags of documents. `tags` explains the bytes.

All work on addresses. Tags of many documents are flat: int64 offsets (documents + 1,), and beside
each other the u32 terms and the u8 confidence bytes, terms ascending in each document.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.memory import load_i64, load_u8, load_u32, store_i64, store_u8, store_u32

__all__ = ["count_tags", "decode_tags", "encode_tags", "encoded_sizes", "tags_of", "turn_around"]


@njit(cache=True, nogil=True)
def count_tags(ids, postings, counts):
    """Add 1 to the int64 of `counts` of each of the u32 `ids`."""
    for i in range(postings):
        at = counts + 8 * np.int64(load_u32(ids + 4 * i))
        store_i64(at, load_i64(at) + 1)


@njit(cache=True, nogil=True)
def turn_around(offsets, lists, ids, hits, ends, terms, levels):
    """Write each hit of the lists to its document: the number of the list, and the byte.

    offsets       : int64 (lists + 1,), into ids (u32) and hits (u8)
    ends          : int64 (documents,): where the next tag of a document goes; moved on
    terms, levels : u32 and u8
    """
    for number in range(lists):
        for i in range(load_i64(offsets + 8 * number), load_i64(offsets + 8 * number + 8)):
            end = ends + 8 * np.int64(load_u32(ids + 4 * i))
            at = load_i64(end)
            store_u32(terms + 4 * at, np.uint32(number))
            store_u8(levels + at, load_u8(hits + i))
            store_i64(end, at + 1)


@njit(cache=True, nogil=True)
def _varint_bytes(value):
    n = np.int64(1)
    while value >= 128:
        value >>= 7
        n += 1
    return n


@njit(cache=True, nogil=True)
def _put_varint(at, value):
    while value >= 128:
        store_u8(at, np.uint8((value & 127) | 128))
        value >>= 7
        at += 1
    store_u8(at, np.uint8(value))
    return at + 1


@njit(cache=True, nogil=True)
def _varint(at):
    """Return the number at `at`, and where it ends."""
    value = np.int64(0)
    shift = np.int64(0)
    byte = np.int64(load_u8(at))
    while byte >= 128:
        value |= (byte & 127) << shift
        shift += 7
        at += 1
        byte = np.int64(load_u8(at))
    return value | (byte << shift), at + 1


@njit(cache=True, nogil=True)
def encoded_sizes(offsets, documents, terms, sizes):
    """Write the bytes of each document's tags to `sizes` (int64)."""
    for i in range(documents):
        start = load_i64(offsets + 8 * i)
        end = load_i64(offsets + 8 * i + 8)
        size = np.int64(0)
        before = np.int64(-1)
        if end > start:
            size = _varint_bytes(end - start) + end - start
        for j in range(start, end):
            term = np.int64(load_u32(terms + 4 * j))
            size += _varint_bytes(term - before - 1)
            before = term
        store_i64(sizes + 8 * i, size)


@njit(cache=True, nogil=True)
def encode_tags(offsets, documents, terms, levels, out):
    """Write the tags of every document to `out`, one after the other."""
    at = out
    for i in range(documents):
        start = load_i64(offsets + 8 * i)
        end = load_i64(offsets + 8 * i + 8)
        if end > start:
            at = _put_varint(at, end - start)
        before = np.int64(-1)
        for j in range(start, end):
            term = np.int64(load_u32(terms + 4 * j))
            at = _put_varint(at, term - before - 1)
            before = term
        for j in range(start, end):
            store_u8(at, load_u8(levels + j))
            at += 1


@njit(cache=True, nogil=True)
def tags_of(at, terms, levels):
    """Write u32 terms and u8 bytes of the document whose tags begin at `at`; return how many."""
    count, at = _varint(at)
    term = np.int64(-1)
    for j in range(count):
        gap, at = _varint(at)
        term += gap + 1
        store_u32(terms + 4 * j, np.uint32(term))
    for j in range(count):
        store_u8(levels + j, load_u8(at + j))
    return count


@njit(cache=True, nogil=True)
def decode_tags(blob, starts, documents, offsets, terms, levels):
    """Write the tags of every document, flat; with `terms` 0 only their offsets.

    starts : int64 (documents + 1,), into the bytes at `blob`
    """
    total = np.int64(0)
    for i in range(documents):
        store_i64(offsets + 8 * i, total)
        start = load_i64(starts + 8 * i)
        if load_i64(starts + 8 * i + 8) > start:
            if terms:
                total += tags_of(blob + start, terms + 4 * total, levels + total)
            else:
                count, _ = _varint(blob + start)
                total += count
    store_i64(offsets + 8 * documents, total)
