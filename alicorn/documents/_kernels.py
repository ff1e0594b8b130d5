"""What kernels of several rooms do with the words of a 256-bit code."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["bits_set"]

_M1 = np.uint64(0x5555555555555555)
_M2 = np.uint64(0x3333333333333333)
_M4 = np.uint64(0x0F0F0F0F0F0F0F0F)
_H01 = np.uint64(0x0101010101010101)


@njit(cache=True, nogil=True, inline="always")
def bits_set(x):
    """Bits set in the uint64 `x`; LLVM knows the pattern and emits its own instruction."""
    x = x - ((x >> np.uint64(1)) & _M1)
    x = (x & _M2) + ((x >> np.uint64(2)) & _M2)
    x = (x + (x >> np.uint64(4))) & _M4
    return (x * _H01) >> np.uint64(56)
