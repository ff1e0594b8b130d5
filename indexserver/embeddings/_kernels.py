"""Loops over 256-bit codes as rows of four uint64."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["distances_into"]


@njit(cache=True, nogil=True)
def _bits_set(word):
    """Count the ones of a uint64 by adding neighbouring fields of doubling width."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@njit(cache=True, nogil=True)
def distances_into(query, codes, rows, out):
    """Write the Hamming distance of `query` to codes[rows[i]].

    query : uint64 (4,);  codes : uint64 (n, 4);  rows : uint32 (m,);  out : uint16 (m,)
    """
    for i in range(rows.size):
        row = rows[i]
        total = np.uint64(0)
        for word in range(4):
            total += _bits_set(query[word] ^ codes[row, word])
        out[i] = np.uint16(total)
