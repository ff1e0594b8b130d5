"""Loops that find terms through the hash directory. `dictionary` explains the bytes.

All work on addresses. A dictionary is known by the address of its handle, int64[6]: where its
terms, the starts of its blocks and its slots lie, then the counts of terms and slots, and how many
bits of a slot are a term's number. Keys are an address and a size; SLACK bytes behind the last must
be readable.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u32,
    load_u64,
    prefetch,
    store_i64,
    store_u8,
    store_u32,
    store_u64,
)
from indexserver.postings.terms.coding._kernels import BLOCK, common, copy, entry

__all__ = [
    "GROUP",
    "SCRATCH",
    "fill_slots",
    "find_key",
    "find_keys",
    "find_numbers",
    "hash_bytes",
    "lower_bound",
]

GROUP = 32
"""Keys looked up together, so that their cache misses overlap."""

SCRATCH = 8 * (3 * GROUP + GROUP + 1)
"""Bytes of scratch that `find_keys` needs; `find_numbers` needs room for GROUP keys behind it."""

_P1 = np.uint64(0x9E3779B185EBCA87)
_P2 = np.uint64(0xC2B2AE3D27D4EB4F)
_P3 = np.uint64(0x165667B19E3779F9)
_P4 = np.uint64(0x85EBCA77C2B2AE63)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_LOW_NIBBLES = np.uint64(0x0F0F0F0F0F0F0F0F)
_ONES = np.uint64(0x0101010101010101)
_SIXTEENS = np.uint64(0x1010101010101010)


@njit(cache=True, nogil=True)
def _mixed(h, word):
    """One round of XXH64 for eight bytes."""
    word *= _P2
    word = (word << np.uint64(31)) | (word >> np.uint64(33))
    h ^= word * _P1
    return ((h << np.uint64(27)) | (h >> np.uint64(37))) * _P1 + _P4


@njit(cache=True, nogil=True)
def hash_bytes(key, size):
    """Return the hash of the `size` bytes at `key`: rounds and end of XXH64.

    Unlike there, every eight bytes are a round, and the last are filled up with zeros: short keys
    are all there is, and this is two rounds for most.
    """
    h = np.uint64(size) * _P3
    end = key + size
    while key + 8 <= end:
        h = _mixed(h, load_u64(key))
        key += 8
    if key < end:
        h = _mixed(h, load_u64(key) & (_ALL >> np.uint64(64 - 8 * (end - key))))
    h = (h ^ (h >> np.uint64(33))) * _P2
    h = (h ^ (h >> np.uint64(29))) * _P3
    return h ^ (h >> np.uint64(32))


@njit(cache=True, nogil=True)
def _home(hashed, capacity):
    """Return the slot where a search for a hash begins: its upper half, scaled to the slots."""
    return np.int64(((hashed >> np.uint64(32)) * np.uint64(capacity)) >> np.uint64(32))


@njit(cache=True, nogil=True)
def _mark(hashed, bits):
    """Return what the upper bits of a slot keep of a hash."""
    return np.int64(hashed & np.uint64((1 << (32 - bits)) - 1))


@njit(cache=True, nogil=True)
def fill_slots(blob, offsets, terms, slots, capacity, bits):
    """Put each term into the first free slot from its home on; `slots` (u32) are zeros."""
    for i in range(terms):
        start = load_i64(offsets + 8 * i)
        hashed = hash_bytes(blob + start, load_i64(offsets + 8 * i + 8) - start)
        at = _home(hashed, capacity)
        while load_u32(slots + 4 * at) != 0:
            at += 1
            if at == capacity:
                at = np.int64(0)
        store_u32(slots + 4 * at, np.uint32((_mark(hashed, bits) << bits) | (i + 1)))


@njit(cache=True, nogil=True)
def _is_walked_to(heads, last, key, size):
    """Whether term `last` of a block is the key, for any block.

    The terms are walked with `same`, the bytes that the key has in common with the one before: a
    term that shares more with it has no more in common with the key, one that shares less has
    that much.
    """
    at = heads + BLOCK
    same = np.int64(0)
    shared = np.int64(0)
    own = np.int64(0)
    for i in range(last + 1):
        shared, own, at = entry(heads, i, at)
        if shared <= same:
            same = shared + common(at, key + shared, min(own, size - shared))
        at += own
    return same == size and shared + own == size


@njit(cache=True, nogil=True)
def _has_escape(word):
    """Whether a nibble of the uint64 `word` is 15."""
    low = (word & _LOW_NIBBLES) + _ONES
    high = ((word >> np.uint64(4)) & _LOW_NIBBLES) + _ONES
    return ((low | high) & _SIXTEENS) != np.uint64(0)


@njit(cache=True, nogil=True)
def _own_bytes(low, high, end):
    """Return the sum of `own` of terms 1 to `end` (at most 15), exclusive; none is escaped."""
    if end <= 8:
        low &= (_ALL >> np.uint64(64 - 8 * end)) & _LOW_NIBBLES
        return np.int64((low * _ONES) >> np.uint64(56))
    low &= _LOW_NIBBLES
    high &= (_ALL >> np.uint64(128 - 8 * end)) & _LOW_NIBBLES
    return np.int64(((low + high) * _ONES) >> np.uint64(56))


@njit(cache=True, nogil=True)
def _is_key(handle, number, key, size):
    """Whether term `number` is the key.

    Its own bytes come first; then, from the back, those of each term before it that it has its
    first bytes from.
    """
    starts = load_i64(handle + 8)
    heads = load_i64(handle) + np.int64(load_u32(starts + 4 * (number // BLOCK)))
    first = np.int64(load_u8(heads))
    last = number % BLOCK
    low = load_u64(heads) & ~np.uint64(255)
    high = load_u64(heads + 8)
    if first == 255 or _has_escape(low) or _has_escape(high):
        return _is_walked_to(heads, last, key, size)
    texts = heads + BLOCK
    if last == 0:
        return first == size and common(texts, key, size) == size
    head = np.int64(load_u8(heads + last))
    need = head >> 4
    own = head & 15
    if need + own != size:
        return False
    texts += first
    if common(texts + _own_bytes(low, high, last), key + need, own) != own:
        return False
    i = last - 1
    while i > 0:
        shared = np.int64(load_u8(heads + i)) >> 4
        if shared < need:
            gives = need - shared
            if common(texts + _own_bytes(low, high, i), key + shared, gives) != gives:
                return False
            need = shared
        i -= 1
    return common(heads + BLOCK, key, need) == need


@njit(cache=True, nogil=True)
def _next_candidate(slots, capacity, bits, mark, at):
    """Return the next slot that may hold the key, and its term; -1 if an empty one comes."""
    below = (np.int64(1) << bits) - 1
    while True:
        slot = np.int64(load_u32(slots + 4 * at))
        if slot == 0:
            return at, np.int64(-1)
        if slot >> bits == mark:
            return at, (slot & below) - 1
        at += 1
        if at == capacity:
            at = np.int64(0)


@njit(cache=True, nogil=True)
def _settle(handle, key, size, mark, at, number):
    """Return the term that is the key, from the candidate `number` in slot `at` on; or -1."""
    capacity = load_i64(handle + 32)
    while number >= 0 and not _is_key(handle, number, key, size):
        at += 1
        if at == capacity:
            at = np.int64(0)
        at, number = _next_candidate(
            load_i64(handle + 16), capacity, load_i64(handle + 40), mark, at
        )
    return number


@njit(cache=True, nogil=True)
def find_key(handle, key, size):
    """Return the number of the term that the first `size` bytes of `key` (uint8) are, or -1."""
    address = np.int64(key.ctypes.data)
    bits = load_i64(handle + 40)
    capacity = load_i64(handle + 32)
    hashed = hash_bytes(address, size)
    mark = _mark(hashed, bits)
    at, number = _next_candidate(
        load_i64(handle + 16), capacity, bits, mark, _home(hashed, capacity)
    )
    return _settle(handle, address, size, mark, at, number)


@njit(cache=True, nogil=True)
def _find_group(handle, keys, offsets, count, out, scratch):
    """Look up at most GROUP keys; four passes, each asking for what the next one reads."""
    slots = load_i64(handle + 16)
    capacity = load_i64(handle + 32)
    bits = load_i64(handle + 40)
    hashes = scratch
    places = scratch + 8 * GROUP
    numbers = scratch + 16 * GROUP
    for i in range(count):
        start = load_i64(offsets + 8 * i)
        hashed = hash_bytes(keys + start, load_i64(offsets + 8 * i + 8) - start)
        at = _home(hashed, capacity)
        store_u64(hashes + 8 * i, hashed)
        store_i64(places + 8 * i, at)
        prefetch(slots + 4 * at)
    starts = load_i64(handle + 8)
    for i in range(count):
        mark = _mark(load_u64(hashes + 8 * i), bits)
        at, number = _next_candidate(slots, capacity, bits, mark, load_i64(places + 8 * i))
        store_i64(places + 8 * i, at)
        store_i64(numbers + 8 * i, number)
        if number >= 0:
            prefetch(starts + 4 * (number // BLOCK))
    terms = load_i64(handle)
    for i in range(count):
        number = load_i64(numbers + 8 * i)
        if number >= 0:
            at = terms + np.int64(load_u32(starts + 4 * (number // BLOCK)))
            # A block of short terms lies in two lines, or three.
            prefetch(at)
            prefetch(at + 64)
            prefetch(at + 128)
    for i in range(count):
        start = load_i64(offsets + 8 * i)
        size = load_i64(offsets + 8 * i + 8) - start
        mark = _mark(load_u64(hashes + 8 * i), bits)
        at = load_i64(places + 8 * i)
        number = load_i64(numbers + 8 * i)
        store_i64(out + 8 * i, _settle(handle, keys + start, size, mark, at, number))


@njit(cache=True, nogil=True)
def find_keys(handle, keys, offsets, count, out, scratch):
    """Write to `out` (int64) the number of each key, or -1.

    keys, offsets : bytes, and int64 (count + 1,): where each begins in them
    scratch       : SCRATCH bytes
    """
    for first in range(0, count, GROUP):
        many = min(GROUP, count - first)
        _find_group(handle, keys, offsets + 8 * first, many, out + 8 * first, scratch)


@njit(cache=True, nogil=True)
def _put_decimal(at, number):
    """Write the decimal digits of the uint64 `number`; return where they end."""
    # Kept unsigned throughout: uint64 with int64 would become float64.
    ten = np.uint64(10)
    digits = 1
    rest = number // ten
    while rest > np.uint64(0):
        digits += 1
        rest //= ten
    for place in range(digits - 1, -1, -1):
        store_u8(at + place, np.uint8(number % ten) + np.uint8(48))
        number //= ten
    return at + digits


@njit(cache=True, nogil=True)
def find_numbers(handle, prefix, prefix_size, numbers, count, out, scratch):
    """Write to `out` (int64) the number of the term `prefix` + decimal of each, or -1.

    numbers : uint64 (count,)
    scratch : SCRATCH bytes and GROUP * (prefix_size + 20) more
    """
    offsets = scratch + 24 * GROUP
    keys = scratch + SCRATCH
    for first in range(0, count, GROUP):
        many = min(GROUP, count - first)
        at = keys
        for i in range(many):
            store_i64(offsets + 8 * i, at - keys)
            copy(prefix, at, prefix_size)
            at = _put_decimal(at + prefix_size, load_u64(numbers + 8 * (first + i)))
        store_i64(offsets + 8 * many, at - keys)
        _find_group(handle, keys, offsets, many, out + 8 * first, scratch)


@njit(cache=True, nogil=True)
def lower_bound(handle, key, size):
    """Return the number of the first term not less than the first `size` bytes of `key`."""
    address = np.int64(key.ctypes.data)
    blob = load_i64(handle)
    starts = load_i64(handle + 8)
    terms = load_i64(handle + 24)
    low = np.int64(0)
    high = (terms + BLOCK - 1) // BLOCK
    # Blocks whose first term is less than the key: the last of them may hold it.
    while low < high:
        middle = (low + high) // 2
        heads = blob + np.int64(load_u32(starts + 4 * middle))
        _, own, at = entry(heads, np.int64(0), heads + BLOCK)
        same = common(at, address, min(own, size))
        if same < size and (same == own or load_u8(at + same) < load_u8(address + same)):
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return np.int64(0)
    heads = blob + np.int64(load_u32(starts + 4 * (low - 1)))
    at = heads + BLOCK
    first = (low - 1) * BLOCK
    many = min(terms - first, np.int64(BLOCK))
    same = np.int64(0)
    i = np.int64(0)
    while i < many:
        shared, own, at = entry(heads, i, at)
        if shared < same:
            break
        if shared == same:
            here = common(at, address + same, min(own, size - same))
            same += here
            if same == size or (here < own and load_u8(at + here) > load_u8(address + same)):
                break
        at += own
        i += 1
    return first + i
