"""Loops of the benchmarks that belong to no corpus."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["sum_words"]


@njit(cache=True, nogil=True)
def sum_words(words, size):
    """Return the sum of the first `size` of `words` (uint64): every byte of them is read."""
    total = np.uint64(0)
    for i in range(size):
        total += words[i]
    return total
