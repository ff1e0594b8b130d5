"""Loops over pairs of candidates: no checks, no allocation. The caller owns every array."""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.documents._kernels import bits_set


@njit(cache=True, nogil=True)
def hamming_into(columns, out):
    """Write the Hamming distance of every two codes to `out`.

    columns : uint64 (4, n), word by word, so that a row of `out` is four straight loops
    out     : uint16 (n, n)
    """
    n = columns.shape[1]
    for i in range(n):
        a, b, c, d = columns[0, i], columns[1, i], columns[2, i], columns[3, i]
        for j in range(n):
            out[i, j] = np.uint16(
                bits_set(a ^ columns[0, j])
                + bits_set(b ^ columns[1, j])
                + bits_set(c ^ columns[2, j])
                + bits_set(d ^ columns[3, j])
            )


@njit(cache=True, nogil=True)
def lower_medians_into(distances, counts, out):
    """Write each row's lower median without the diagonal to `out`.

    distances : uint16 (n, n), each 0..256, zeros on the diagonal, n at least 2
    counts    : int64 (257,), scratch
    out       : float64 (n,)
    """
    n = distances.shape[0]
    wanted = (n - 2) // 2 + 1
    for i in range(n):
        counts[:] = 0
        for j in range(n):
            counts[distances[i, j]] += 1
        counts[0] -= 1
        bits = 0
        seen = counts[0]
        while seen < wanted:
            bits += 1
            seen += counts[bits]
        out[i] = bits


@njit(cache=True, nogil=True)
def fold_into(
    picture_bits, visual_bits, good, whole, owner, seconds, usable, limits, keeper, same_picture
):
    """Fold greedily in rank order; `fold.py` says what is near.

    picture_bits, visual_bits : uint16 (n, n), Hamming distances
    good     : bool (n,), fingerprint good enough to fold by
    whole    : bool (n,), has a fingerprint and a visual code
    owner    : uint64 (n,); seconds : int64 (n,); usable : bool (n,), can be of a moment
    limits   : int64 (3,), most bits of a picture, most seconds and most bits of a moment
    keeper   : int64 (n,), each its own position on entry
    same_picture : bool (n,), False on entry
    """
    n = keeper.size
    for i in range(n):
        if keeper[i] != i:
            continue
        for j in range(i + 1, n):
            if keeper[j] != j:
                continue
            close = good[i] and good[j] and picture_bits[i, j] <= limits[0]
            equal = whole[i] and whole[j] and picture_bits[i, j] == 0 and visual_bits[i, j] == 0
            if close or equal:
                keeper[j] = i
                same_picture[j] = True
            elif (
                usable[i]
                and usable[j]
                and owner[i] == owner[j]
                and abs(seconds[i] - seconds[j]) <= limits[1]
                and visual_bits[i, j] <= limits[2]
            ):
                keeper[j] = i
