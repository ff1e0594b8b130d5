"""PDQ: 256 bits that stay nearly the same when a picture is scaled, re-encoded or retouched.

Facebook's perceptual hash [1]_, bit for bit the same as its C++ code but for rounding: luma; two
box filters each way (together a tent) that blur what a 64 x 64 grid cannot hold; the grid; the
16 x 16 lowest frequencies of its cosine transform, without the constant ones; and for each
whether it is above their median.

Every step up to the median is linear, and the box filters run along rows and columns separately.
So blur, decimation and grid are one matrix a direction, `R` of shape (64, height) and `C` of
shape (64, width), made once for a side length and kept:

    grid = R @ luma @ C.T        spectrum = D @ grid @ D.T

which is two multiplications by BLAS instead of four passes over the pixels.

Near-copies differ in at most 31 of the 256 bits, the radius that PDQ's authors recommend; unrelated
pictures differ in about 128. A picture without structure has a `quality` under 50, and its bits say
little. What is folded by them is for the ranker to decide.

References
----------
.. [1] Davis, Rosen, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm",
   Facebook 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.errors import ShapeError

__all__ = ["Fingerprint", "pdq"]

_GRID: Final = 64
_FREQUENCIES: Final = 16
_LEAST_SIDE: Final = 5
_LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)

# Differences of neighbours on the grid add up to `quality`; a ninetieth of the sum by the paper.
_QUALITY_SCALE: Final = 90


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A PDQ fingerprint."""

    bits: bytes
    """32 bytes, the order of Facebook's hexadecimal form: the first bit is frequency (15, 15),
    the last frequency (0, 0); rows (vertical frequencies) change slowest."""
    quality: int
    """0..100, how much structure there was."""


def pdq(rgb: npt.NDArray[np.uint8]) -> Fingerprint:
    """Return the PDQ fingerprint of ``rgb``.

    A picture with a side under 5 pixels has no structure: zero bits, quality 0.

    Parameters
    ----------
    rgb : uint8, shape (h, w, 3)

    Raises
    ------
    ShapeError
        If ``rgb`` has another shape.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ShapeError(f"a picture has shape (h, w, 3), got {rgb.shape}")
    height, width = rgb.shape[:2]
    if min(height, width) < _LEAST_SIDE:
        return Fingerprint(bytes(_GRID * _GRID // 128), 0)
    luma = rgb.astype(np.float32) @ _LUMA
    grid = _decimation(height) @ luma @ _decimation(width).T
    spectrum = (_COSINES @ grid @ _COSINES.T).ravel()
    # The lower of the two middle values, as Torben's method gives for an even count.
    middle = np.partition(spectrum, spectrum.size // 2 - 1)[spectrum.size // 2 - 1]
    bits = spectrum > middle
    return Fingerprint(np.packbits(bits[::-1]).tobytes(), _structure(grid))


@lru_cache(maxsize=256)
def _decimation(length: int) -> npt.NDArray[np.float32]:
    """Matrix (64, ``length``) that blurs by two box filters and takes 64 samples."""
    window = -(-length // (2 * _GRID))
    ahead = (window + 2) // 2 - 1
    behind = window - 1 - ahead
    at = np.arange(length)
    # Row o is the box around output o, cut at the ends and divided by what is left of it.
    box = (at[None, :] >= at[:, None] - behind) & (at[None, :] <= at[:, None] + ahead)
    weights = box / box.sum(axis=1, keepdims=True)
    taken = ((np.arange(_GRID) + 0.5) * length / _GRID).astype(np.intp)
    matrix: npt.NDArray[np.float32] = (weights[taken] @ weights).astype(np.float32)
    return matrix


def _cosines() -> npt.NDArray[np.float32]:
    """Rows 1..16 of the 64-point cosine transform (type II); row 0, the mean, is left out."""
    frequency = np.arange(1, _FREQUENCIES + 1)[:, None]
    position = 2 * np.arange(_GRID)[None, :] + 1
    scale = np.sqrt(2.0 / _GRID)
    matrix: npt.NDArray[np.float32] = (
        scale * np.cos(np.pi / (2 * _GRID) * frequency * position)
    ).astype(np.float32)
    return matrix


_COSINES: Final = _cosines()


def _structure(grid: npt.NDArray[np.float32]) -> int:
    """Quality 0..100: the sum of truncated differences between neighbours on the grid."""
    total = 0
    for axis in (0, 1):
        steps = np.diff(grid, axis=axis) * np.float32(100) / np.float32(255)
        total += int(np.abs(steps.astype(np.int32)).sum())
    return min(100, total // _QUALITY_SCALE)
