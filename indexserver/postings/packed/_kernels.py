"""Loops of the packed form: blocks of up to 128 ids and bytes; `packed` explains it.

Everything is given by address; the callers own the memory and its bounds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.blocks import BLOCK, unpack_bytes, unpack_ids
from alicorn.simd.extremes import largest_byte, smallest_byte
from alicorn.simd.memory import load_u8, load_u32, store_u8, store_u32

__all__ = ["hit_bytes", "packed_size", "read_packed", "write_packed"]


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
def packed_size(ids, hits, count):
    """Return the bytes that `write_packed` would write."""
    size = np.int64(0)
    before = np.int64(-1)
    done = np.int64(0)
    while done < count:
        n = min(BLOCK, count - done)
        size += 1 + (n * _gap_bits(ids + 4 * done, before, n) + 7) // 8
        if hits != 0:
            spread = largest_byte(hits + done, n) - smallest_byte(hits + done, n)
            size += 2 + (n * _width(spread) + 7) // 8
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
            low = smallest_byte(hits + done, n)
            width = _width(largest_byte(hits + done, n) - low)
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
def hit_bytes(address, end, count):
    """Return how many of the bytes of a list with HitData are HitData, the heads with it."""
    at = address
    total = np.int64(0)
    for done in range(0, count, BLOCK):
        if at + 3 > end:
            break
        n = min(BLOCK, count - done)
        size = 2 + (n * np.int64(load_u8(at + 1)) + 7) // 8
        at += 1 + size + (n * np.int64(load_u8(at)) + 7) // 8
        total += size
    return total


@njit(cache=True, nogil=True)
def _ascends(ids, count, before):
    """Return whether `count` ids ascend from the int64 `before` on."""
    for k in range(count):
        value = np.int64(load_u32(ids + 4 * k))
        if value <= before:
            return False
        before = value
    return True


@njit(cache=True, nogil=True)
def read_packed(address, end, count, has_hits, documents, ids, hits):
    """Decode a list; return the bytes that it takes, or -1 if it is none.

    That is: if it leads behind `end`, or has ids that do not ascend or are not below `documents`.

    end  : address behind what may be read, `SLACK` bytes before the end of the section
    ids  : address, room for count + `SLACK` uint32
    hits : address, room for count + `SLACK` uint8; untouched unless `has_hits`
    """
    at = address
    before = np.int64(-1)
    head = 3 if has_hits else 1
    for done in range(0, count, BLOCK):
        n = min(BLOCK, count - done)
        if at + head > end:
            return np.int64(-1)
        bits = np.int64(load_u8(at))
        width = np.int64(load_u8(at + 1)) if has_hits else np.int64(0)
        gaps = at + head
        numbers = gaps + (n * bits + 7) // 8
        behind = numbers + (n * width + 7) // 8
        if bits > 32 or width > 8 or behind > end:
            return np.int64(-1)
        unpack_ids(gaps, bits, np.uint32(before & 0xFFFFFFFF), n, ids + 4 * done)
        if has_hits:
            unpack_bytes(numbers, width, load_u8(at + 2), n, hits + done)
        # Narrow gaps add up to less than 2**32: their sum fell behind if it went round at all.
        if bits > 24 and not _ascends(ids + 4 * done, n, before):
            return np.int64(-1)
        last = np.int64(load_u32(ids + 4 * (done + n - 1)))
        if last <= before or last >= documents:
            return np.int64(-1)
        before = last
        at = behind
    return at - address
