"""Loops over what is sorted: the terms of a dictionary, and documents by id.

A dictionary is `blob` (uint8), all terms one after the other, and `offsets` (uint64, terms + 1):
term i is blob[offsets[i]:offsets[i + 1]]. Terms are strictly increasing as byte strings.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["find_ids", "find_numbers", "lower_bound"]


@njit(cache=True, nogil=True)
def _is_less(blob, start, end, key, size):
    """Whether the term at [start, end) is less than the first `size` bytes of `key`."""
    length = min(end - start, size)
    for i in range(length):
        a = blob[start + i]
        b = key[i]
        if a != b:
            return a < b
    return end - start < size


@njit(cache=True, nogil=True)
def _first_not_less(blob, offsets, key, size):
    """Position of the first term that is not less than key[:size]."""
    low = 0
    high = offsets.size - 1
    while low < high:
        middle = (low + high) // 2
        if _is_less(blob, int(offsets[middle]), int(offsets[middle + 1]), key, size):
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def lower_bound(blob, offsets, key):
    """Position of the first term that is not less than `key` (uint8); terms if there is none."""
    return _first_not_less(blob, offsets, key, key.size)


@njit(cache=True, nogil=True)
def find_numbers(blob, offsets, prefix, numbers, scratch, out):
    """Write to `out` the position of the term `prefix` + decimal of each number, or -1.

    prefix  : uint8 (p,)
    numbers : uint64 (n,)
    scratch : uint8, at least (p + 20,)
    out     : int64 (n,)
    """
    # Kept unsigned throughout: uint64 with int64 would become float64.
    ten = np.uint64(10)
    scratch[: prefix.size] = prefix
    for i in range(numbers.size):
        digits = 1
        rest = numbers[i] // ten
        while rest > np.uint64(0):
            digits += 1
            rest = rest // ten
        size = prefix.size + digits
        rest = numbers[i]
        for place in range(digits):
            scratch[size - 1 - place] = np.uint8(rest % ten) + np.uint8(48)
            rest = rest // ten
        at = _first_not_less(blob, offsets, scratch, size)
        out[i] = -1
        if at < offsets.size - 1:
            start = int(offsets[at])
            if int(offsets[at + 1]) - start == size:
                same = True
                for j in range(size):
                    if blob[start + j] != scratch[j]:
                        same = False
                        break
                if same:
                    out[i] = at


@njit(cache=True, nogil=True)
def find_ids(ids, by_id, wanted, out):
    """Write to `out` the row of each of `wanted` in `ids`, or -1.

    ids    : uint64 (n,);  by_id : uint32 (n,), rows in order of id
    wanted : uint64 (m,);  out   : int64 (m,)
    """
    for i in range(wanted.size):
        low = 0
        high = ids.size
        while low < high:
            middle = (low + high) // 2
            if ids[by_id[middle]] < wanted[i]:
                low = middle + 1
            else:
                high = middle
        out[i] = -1
        if low < ids.size and ids[by_id[low]] == wanted[i]:
            out[i] = by_id[low]
