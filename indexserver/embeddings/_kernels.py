"""Loops over 256-bit codes as rows of four uint64."""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.documents._kernels import bits_set

__all__ = ["distances_into"]


@njit(cache=True, nogil=True)
def distances_into(query, codes, rows, out):
    """Write the Hamming distance of `query` to codes[rows[i]].

    query : uint64 (4,);  codes : uint64 (n, 4);  rows : uint32 (m,);  out : uint16 (m,)
    """
    for i in range(rows.size):
        row = rows[i]
        total = np.uint64(0)
        for word in range(4):
            total += bits_set(query[word] ^ codes[row, word])
        out[i] = np.uint16(total)
