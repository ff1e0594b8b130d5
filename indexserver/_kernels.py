"""Loops of merging: sorted terms of several dictionaries, and posting lists onto others.

All work on addresses. A flat dictionary is its terms one after the other and the u64 offset of
each, one more; see `indexserver.postings.dictionary`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.memory import load_i64, load_u8, load_u32, store_i64, store_u8, store_u32

__all__ = ["add_lists", "count_alive", "gather_bytes", "move_tags", "number_terms"]


@njit(cache=True, nogil=True)
def _order(a, a_size, b, b_size):
    """Below, at or above 0 as the bytes at `a` are less than, the same as or above those at `b`."""
    for i in range(min(a_size, b_size)):
        differs = np.int64(load_u8(a + i)) - np.int64(load_u8(b + i))
        if differs != 0:
            return differs
    return a_size - b_size


@njit(cache=True, nogil=True)
def number_terms(parts, count, heads, numbers, sources):
    """Give the terms of several flat dictionaries their numbers in one; return how many.

    parts   : int64 (count, 3): addresses of bytes and offsets, and the number of terms
    heads   : int64 (count,), zeros; how far each part has come
    numbers : int64 (count,): where each part's terms get their numbers (int64 each)
    sources : int64, two for each term of all parts at most: where its bytes are, and how many
    """
    total = np.int64(0)
    while True:
        least = np.int64(-1)
        text = np.int64(0)
        size = np.int64(0)
        for p in range(count):
            at = load_i64(heads + 8 * p)
            if at == load_i64(parts + 24 * p + 16):
                continue
            offset = load_i64(parts + 24 * p + 8) + 8 * at
            here = load_i64(parts + 24 * p) + load_i64(offset)
            length = load_i64(offset + 8) - load_i64(offset)
            if least < 0 or _order(here, length, text, size) < 0:
                least, text, size = np.int64(p), here, length
        if least < 0:
            return total
        store_i64(sources + 16 * total, text)
        store_i64(sources + 16 * total + 8, size)
        for p in range(least, count):
            at = load_i64(heads + 8 * p)
            if at == load_i64(parts + 24 * p + 16):
                continue
            offset = load_i64(parts + 24 * p + 8) + 8 * at
            here = load_i64(parts + 24 * p) + load_i64(offset)
            if _order(here, load_i64(offset + 8) - load_i64(offset), text, size) == 0:
                store_i64(load_i64(numbers + 8 * p) + 8 * at, total)
                store_i64(heads + 8 * p, at + 1)
        total += 1


@njit(cache=True, nogil=True)
def gather_bytes(sources, count, out):
    """Write rows of bytes one after the other; `sources` (int64, two a row) has place and size."""
    for i in range(count):
        source = load_i64(sources + 16 * i)
        size = load_i64(sources + 16 * i + 8)
        for j in range(size):
            store_u8(out + j, load_u8(source + j))
        out += size


@njit(cache=True, nogil=True)
def count_alive(offsets, lists, ids, renumbered, numbers, counts):
    """Add the hits of each list that live to the count of its term.

    offsets    : int64 (lists + 1,), into ids (u32)
    renumbered : int64 (documents,): the new local id, -1 for the dead
    numbers    : int64 (lists,): the term of each list, -1 for one that is left out
    counts     : int64 (terms,)
    """
    for i in range(lists):
        term = load_i64(numbers + 8 * i)
        if term < 0:
            continue
        alive = np.int64(0)
        for j in range(load_i64(offsets + 8 * i), load_i64(offsets + 8 * i + 8)):
            if load_i64(renumbered + 8 * np.int64(load_u32(ids + 4 * j))) >= 0:
                alive += 1
        store_i64(counts + 8 * term, load_i64(counts + 8 * term) + alive)


@njit(cache=True, nogil=True)
def add_lists(offsets, lists, ids, hits, renumbered, numbers, starts, ends, out_ids, out_hits):
    """Merge lists, their dead left out and their ids made new, into those that are there already.

    Both are ascending, and new ids keep the order of the old ones, so each list is merged from its
    end, in place.

    starts, ends      : int64 (terms,): each term's list so far; `ends` is moved on
    out_ids, out_hits : u32 and u8
    """
    for i in range(lists):
        term = load_i64(numbers + 8 * i)
        if term < 0:
            continue
        first = load_i64(offsets + 8 * i)
        last = load_i64(offsets + 8 * i + 8)
        alive = np.int64(0)
        for j in range(first, last):
            if load_i64(renumbered + 8 * np.int64(load_u32(ids + 4 * j))) >= 0:
                alive += 1
        start = load_i64(starts + 8 * term)
        there = load_i64(ends + 8 * term)
        at = there + alive
        store_i64(ends + 8 * term, at)
        j = last - 1
        while j >= first:
            new = load_i64(renumbered + 8 * np.int64(load_u32(ids + 4 * j)))
            if new < 0:
                j -= 1
                continue
            at -= 1
            if there > start and np.int64(load_u32(out_ids + 4 * (there - 1))) > new:
                there -= 1
                store_u32(out_ids + 4 * at, load_u32(out_ids + 4 * there))
                store_u8(out_hits + at, load_u8(out_hits + there))
            else:
                store_u32(out_ids + 4 * at, np.uint32(new))
                store_u8(out_hits + at, load_u8(hits + j))
                j -= 1


@njit(cache=True, nogil=True)
def move_tags(
    offsets, documents, terms, levels, renumbered, numbers, back, starts, out_terms, out_levels
):
    """Write the tags of documents that live to their new places, with the new numbers of terms.

    offsets, terms, levels : int64, u32, u8: the flat tags of a segment
    renumbered             : int64 (documents,): the new local id, -1 for the dead
    numbers                : int64: the new number of each tag's term, counted as ever
    back                   : what new numbers are counted from
    starts                 : int64, by new local id
    """
    for i in range(documents):
        new = load_i64(renumbered + 8 * i)
        if new < 0:
            continue
        at = load_i64(starts + 8 * new)
        for j in range(load_i64(offsets + 8 * i), load_i64(offsets + 8 * i + 8)):
            number = load_i64(numbers + 8 * np.int64(load_u32(terms + 4 * j)))
            store_u32(out_terms + 4 * at, np.uint32(number - back))
            store_u8(out_levels + at, load_u8(levels + j))
            at += 1
