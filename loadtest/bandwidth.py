"""The physical limit: how long does this machine take to read so many bytes?

A kernel adds up the words of an array that it has just read, at sizes from 4 KiB to 64 MiB, so a
small size answers for the first cache and a large one for memory. A benchmark that must read
`bytes` cannot be faster than `seconds` says, and its row tells how far off it is. The Python call
is part of both.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from loadtest._kernels import sum_words

__all__ = ["Bandwidth"]

_SIZES: Final = tuple(4096 * 4**step for step in range(8))
_REPEATS: Final = 9


@dataclass(frozen=True, slots=True, eq=False)
class Bandwidth:
    """Times of plain reads."""

    sizes: npt.NDArray[np.float64]
    """Bytes, ascending."""
    times: npt.NDArray[np.float64]
    """Seconds of reading each."""

    @classmethod
    def measure(cls, sizes: tuple[int, ...] = _SIZES, repeats: int = _REPEATS) -> Bandwidth:
        """Measure now; takes a quarter of a second."""
        words = np.ones(max(sizes) // 8, dtype=np.uint64)
        times = []
        for size in sizes:
            sum_words(words, size // 8)
            spent = []
            for _ in range(repeats):
                begun = time.perf_counter()
                sum_words(words, size // 8)
                spent.append(time.perf_counter() - begun)
            times.append(float(np.median(spent)))
        # A larger read that took less was lucky; time grows with size.
        return cls(np.array(sizes, dtype=np.float64), np.maximum.accumulate(np.array(times)))

    def seconds(self, size: float) -> float:
        """Return the seconds that reading ``size`` bytes takes, interpolated between sizes."""
        if size >= self.sizes[-1]:
            return float(self.times[-1] * size / self.sizes[-1])
        return float(np.interp(size, self.sizes, self.times))
