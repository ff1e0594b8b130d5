"""Arrays that begin on a cache line: a register that spans two of them takes two loads."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from alicorn.simd.memory import address_of

__all__ = ["LINE", "aligned_empty"]

LINE: Final = 64
"""Bytes of a cache line and of the widest register."""


def aligned_empty(shape: tuple[int, ...], kind: DTypeLike) -> NDArray[Any]:
    """Return an array whose first byte's address is a multiple of `LINE`; values unspecified."""
    dtype = np.dtype(kind)
    size = math.prod(shape) * dtype.itemsize
    room = np.empty(size + LINE, dtype=np.uint8)
    start = -address_of(room) % LINE
    return room[start : start + size].view(dtype).reshape(shape)
