"""Loops of the packed form: blocks of up to 128 ids and bytes; `packed` explains it.

Everything is given by address; the callers own the memory and its bounds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.blocks import BLOCK, unpack_bytes, unpack_ids
from alicorn.simd.memory import load_u8, load_u32, store_u8, store_u32

__all__ = ["packed_size", "read_packed", "walk_packed", "write_packed"]


@njit(cache=True, nogil=True)
def _width(value):
    """Return the bits of `value`, an int64 from 0."""
    bits = np.int64(0)
    while value >> bits != 0:
        bits += 1
    return bits


@njit(cache=True, nogil=True)
def _gap_bits(ids, before, size):
    """Return the bits of the widest gap of `size` ids at `ids` behind the id `before`."""
    every = np.int64(0)
    for k in range(size):
        value = np.int64(load_u32(ids + 4 * k))
        every |= value - before - 1
        before = value
    return _width(every)


@njit(cache=True, nogil=True)
def _range_of(hits, size):
    """Return the smallest and the largest of `size` bytes at `hits`."""
    low = np.int64(255)
    high = np.int64(0)
    for k in range(size):
        value = np.int64(load_u8(hits + k))
        low = min(low, value)
        high = max(high, value)
    return low, high


@njit(cache=True, nogil=True)
def packed_size(ids, hits, count):
    """Return the bytes that `write_packed` would write."""
    size = np.int64(0)
    before = np.int64(-1)
    done = np.int64(0)
    while done < count:
        n = min(BLOCK, count - done)
        size += 1 + (n * _gap_bits(ids + 4 * done, before, n) + 7) // 8
        if hits != 0:
            low, high = _range_of(hits + done, n)
            size += 2 + (n * _width(high - low) + 7) // 8
        done += n
        before = np.int64(load_u32(ids + 4 * (done - 1)))
    return size


@njit(cache=True, nogil=True)
def _write_gaps(ids, before, size, bits, out):
    """Write `size` gaps of `bits` bits to `out`; return the address behind them."""
    held = np.uint64(0)
    filled = np.int64(0)
    for k in range(size):
        value = np.int64(load_u32(ids + 4 * k))
        held |= np.uint64(value - before - 1) << np.uint64(filled)
        before = value
        filled += bits
        if filled >= 32:
            store_u32(out, np.uint32(held & np.uint64(0xFFFFFFFF)))
            held >>= np.uint64(32)
            filled -= 32
            out += 4
    return _write_rest(held, filled, out)


@njit(cache=True, nogil=True)
def _write_bytes(hits, low, size, bits, out):
    """Write `size` bytes, `low` taken off each, in `bits` bits; return the address behind them."""
    held = np.uint64(0)
    filled = np.int64(0)
    for k in range(size):
        held |= np.uint64(np.int64(load_u8(hits + k)) - low) << np.uint64(filled)
        filled += bits
        if filled >= 32:
            store_u32(out, np.uint32(held & np.uint64(0xFFFFFFFF)))
            held >>= np.uint64(32)
            filled -= 32
            out += 4
    return _write_rest(held, filled, out)


@njit(cache=True, nogil=True)
def _write_rest(held, filled, out):
    """Write the bytes of the last `filled` bits; return the address behind them."""
    while filled > 0:
        store_u8(out, np.uint8(held & np.uint64(0xFF)))
        held >>= np.uint64(8)
        filled -= 8
        out += 1
    return out


@njit(cache=True, nogil=True)
def write_packed(ids, hits, count, out):
    """Write a list to `out`; return the address behind it.

    ids : address of uint32, strictly increasing;  hits : address of uint8, or 0 where all are 0
    """
    before = np.int64(-1)
    done = np.int64(0)
    while done < count:
        n = min(BLOCK, count - done)
        bits = _gap_bits(ids + 4 * done, before, n)
        store_u8(out, np.uint8(bits))
        out += 1
        width = np.int64(0)
        low = np.int64(0)
        if hits != 0:
            low, high = _range_of(hits + done, n)
            width = _width(high - low)
            store_u8(out, np.uint8(width))
            store_u8(out + 1, np.uint8(low))
            out += 2
        out = _write_gaps(ids + 4 * done, before, n, bits, out)
        if hits != 0:
            out = _write_bytes(hits + done, low, n, width, out)
        done += n
        before = np.int64(load_u32(ids + 4 * (done - 1)))
    return out


@njit(cache=True, nogil=True)
def walk_packed(address, end, count, has_hits):
    """Return the bytes of a list and how many of them are HitData; -1, -1 if it is no list.

    Looks at the head of each block alone; `end` is the address behind what may be read.
    """
    at = address
    hit_bytes = np.int64(0)
    done = np.int64(0)
    head = 3 if has_hits else 1
    while done < count:
        if at + head > end:
            return np.int64(-1), np.int64(-1)
        n = min(BLOCK, count - done)
        bits = np.int64(load_u8(at))
        width = np.int64(load_u8(at + 1)) if has_hits else np.int64(0)
        if bits > 32 or width > 8:
            return np.int64(-1), np.int64(-1)
        at += head + (n * bits + 7) // 8 + (n * width + 7) // 8
        hit_bytes += head - 1 + (n * width + 7) // 8
        done += n
    if at > end:
        return np.int64(-1), np.int64(-1)
    return at - address, hit_bytes


@njit(cache=True, nogil=True)
def read_packed(address, count, has_hits, ids, hits):
    """Decode a list; return the address behind it.

    ids  : address, room for count + `BLOCK` uint32
    hits : address, room for count + `BLOCK` uint8; untouched unless `has_hits`
    """
    at = address
    before = np.uint32(0xFFFFFFFF)
    done = np.int64(0)
    while done < count:
        n = min(BLOCK, count - done)
        bits = np.int64(load_u8(at))
        if has_hits:
            width = np.int64(load_u8(at + 1))
            low = load_u8(at + 2)
            at += 3
            unpack_ids(at, bits, before, ids + 4 * done)
            at += (n * bits + 7) // 8
            unpack_bytes(at, width, low, hits + done)
            at += (n * width + 7) // 8
        else:
            unpack_ids(at + 1, bits, before, ids + 4 * done)
            at += 1 + (n * bits + 7) // 8
        done += n
        before = load_u32(ids + 4 * (done - 1))
    return at
