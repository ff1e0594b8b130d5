"""Loops that write and read blocks of front-coded terms. `dictionary` explains the bytes.

All work on addresses. Flat terms are their bytes one after the other and the 64-bit offset of each,
one more. Terms are compared eight bytes at a time: SLACK bytes behind the last must be readable.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.bits import trailing_zeros
from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u32,
    load_u64,
    store_i64,
    store_u8,
    store_u32,
)

__all__ = [
    "BLOCK",
    "SLACK",
    "common",
    "copy",
    "decode_blocks",
    "decoded_bytes",
    "encode_terms",
    "encoded_bytes",
    "entry",
]

BLOCK = 16
"""Terms of a block; the first is stored whole."""

SLACK = 8
"""Bytes behind the last term, and the last key, that are read and not used."""


@njit(cache=True, nogil=True)
def _varint(at):
    """Return the number of seven bits a byte, lowest first, at `at`; and where it ends."""
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
def _put_varint(at, value):
    while value >= 128:
        store_u8(at, np.uint8((value & 127) | 128))
        value >>= 7
        at += 1
    store_u8(at, np.uint8(value))
    return at + 1


@njit(cache=True, nogil=True)
def _varint_bytes(value):
    n = np.int64(1)
    while value >= 128:
        value >>= 7
        n += 1
    return n


@njit(cache=True, nogil=True)
def entry(heads, i, at):
    """Of term i of a block: bytes shared with the one before, bytes of its own, where these lie.

    heads : the block's address;  at : where the term before ends
    """
    head = np.int64(load_u8(heads + i))
    if i == 0:
        if head == 255:
            more, at = _varint(at)
            head += more
        return np.int64(0), head, at
    shared = head >> 4
    own = head & 15
    if shared == 15:
        more, at = _varint(at)
        shared += more
    if own == 15:
        more, at = _varint(at)
        own += more
    return shared, own, at


@njit(cache=True, nogil=True)
def common(a, b, limit):
    """How many of the first `limit` bytes at both addresses are the same."""
    n = np.int64(0)
    while n < limit:
        differs = load_u64(a + n) ^ load_u64(b + n)
        if differs != np.uint64(0):
            return min(n + (trailing_zeros(differs) >> 3), limit)
        n += 8
    return limit


@njit(cache=True, nogil=True)
def copy(source, target, size):
    for i in range(size):
        store_u8(target + i, load_u8(source + i))


@njit(cache=True, nogil=True)
def _split(blob, offsets, i):
    """Return how many bytes term i shares with the one before in its block, and has of its own.

    Own is -1 if the term is not greater than the one before.
    """
    start = load_i64(offsets + 8 * i)
    size = load_i64(offsets + 8 * i + 8) - start
    if i == 0:
        return np.int64(0), size
    before = load_i64(offsets + 8 * i - 8)
    length = start - before
    shared = common(blob + before, blob + start, min(length, size))
    if shared == size or (
        shared < length and load_u8(blob + start + shared) < load_u8(blob + before + shared)
    ):
        return shared, np.int64(-1)
    if i % BLOCK == 0:
        shared = np.int64(0)
    return shared, size - shared


@njit(cache=True, nogil=True)
def encoded_bytes(blob, offsets, terms):
    """Bytes that `encode_terms` will write; -1 - i if term i is not greater than the one before."""
    total = np.int64((terms + BLOCK - 1) // BLOCK * BLOCK)
    for i in range(terms):
        shared, own = _split(blob, offsets, i)
        if own < 0:
            return -1 - np.int64(i)
        most = 15 if i % BLOCK else 255
        if shared >= 15:
            total += _varint_bytes(shared - 15)
        if own >= most:
            total += _varint_bytes(own - most)
        total += own
    return total


@njit(cache=True, nogil=True)
def encode_terms(blob, offsets, terms, out, starts):
    """Write the blocks at `out`, and where each begins and the last ends at `starts` (u32)."""
    at = out
    heads = out
    for i in range(terms):
        shared, own = _split(blob, offsets, i)
        if i % BLOCK == 0:
            store_u32(starts + 4 * (i // BLOCK), np.uint32(at - out))
            heads = at
            at += BLOCK
            store_u8(heads, np.uint8(min(own, 255)))
            if own >= 255:
                at = _put_varint(at, own - 255)
        else:
            store_u8(heads + i % BLOCK, np.uint8((min(shared, 15) << 4) | min(own, 15)))
            if shared >= 15:
                at = _put_varint(at, shared - 15)
            if own >= 15:
                at = _put_varint(at, own - 15)
        copy(blob + load_i64(offsets + 8 * i) + shared, at, own)
        at += own
    store_u32(starts + 4 * ((terms + BLOCK - 1) // BLOCK), np.uint32(at - out))


@njit(cache=True, nogil=True)
def decoded_bytes(handle, first, end):
    """Bytes of the terms of blocks [first, end), written out."""
    terms = load_i64(handle + 24)
    total = np.int64(0)
    for block in range(first, end):
        heads = load_i64(handle) + np.int64(load_u32(load_i64(handle + 8) + 4 * block))
        at = heads + BLOCK
        for i in range(min(terms - block * BLOCK, BLOCK)):
            shared, own, at = entry(heads, i, at)
            total += shared + own
            at += own
    return total


@njit(cache=True, nogil=True)
def decode_blocks(handle, first, end, out, offsets):
    """Write the terms of blocks [first, end) to `out`, and their int64 offsets, one more."""
    terms = load_i64(handle + 24)
    before = np.int64(0)
    here = np.int64(0)
    for block in range(first, end):
        heads = load_i64(handle) + np.int64(load_u32(load_i64(handle + 8) + 4 * block))
        at = heads + BLOCK
        for i in range(min(terms - block * BLOCK, BLOCK)):
            store_i64(offsets, here)
            offsets += 8
            shared, own, at = entry(heads, i, at)
            copy(out + before, out + here, shared)
            copy(at, out + here + shared, own)
            at += own
            before = here
            here += shared + own
    store_i64(offsets, here)
