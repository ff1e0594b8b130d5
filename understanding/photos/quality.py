"""Picture quality: one number for sharp, well exposed and large enough.

    quality = 0.5 sharpness + 0.3 exposure + 0.2 size        each in [0, 1]

* sharpness: variance v of the Laplacian of luma (0..255) at about 256 pixels, as v / (v + 300);
  a blurred picture has v under 100, a sharp one over 1,000.
* exposure: 1 minus the share of pixels that are black (under 5) or burnt out (over 250) beyond
  the tenth that a good picture may have, times how near the mean is to the middle of the range.
* size: megapixels on a logarithmic scale, 0 at 0.05 and 1 at 3 and above.

The weights are a judgement, not learnt: the number only breaks near ties (which of several
near-copies stands for all) and is one feature among others in ranking.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["picture_quality"]

_SIDE: Final = 256
_LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_HALF_SHARP: Final = 300.0
_SMALL_PIXELS: Final = 50_000
_LARGE_PIXELS: Final = 3_000_000
_TOLERATED_CLIPPING: Final = 0.1


def picture_quality(rgb: npt.NDArray[np.uint8], width: int, height: int) -> float:
    """Return the quality of a picture, 0 (useless) to 1.

    Parameters
    ----------
    rgb : uint8, shape (h, w, 3)
        The picture at the working size.
    width, height : int
        Pixels of the file's picture.
    """
    luma = _reduced(rgb.astype(np.float32) @ _LUMA)
    return round(
        0.5 * _sharpness(luma) + 0.3 * _exposure(luma) + 0.2 * _size(width * height), ndigits=4
    )


def _reduced(luma: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Means of square blocks, so that sharpness is compared at one scale."""
    block = max(1, max(luma.shape) // _SIDE)
    rows, columns = luma.shape[0] // block, luma.shape[1] // block
    if block == 1 or rows == 0 or columns == 0:
        return luma
    cut = luma[: rows * block, : columns * block].reshape(rows, block, columns, block)
    means: npt.NDArray[np.float32] = cut.mean(axis=(1, 3), dtype=np.float32)
    return means


def _sharpness(luma: npt.NDArray[np.float32]) -> float:
    if min(luma.shape) < 3:
        return 0.0
    centre = luma[1:-1, 1:-1]
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    variance = float(np.var(around - 4 * centre))
    return variance / (variance + _HALF_SHARP)


def _exposure(luma: npt.NDArray[np.float32]) -> float:
    clipped = float(np.mean((luma < 5) | (luma > 250)))
    middle = 1.0 - abs(float(luma.mean()) - 127.5) / 127.5
    return max(0.0, 1.0 - max(0.0, clipped - _TOLERATED_CLIPPING)) * min(1.0, 1.5 * middle)


def _size(pixels: int) -> float:
    share = math.log(max(pixels, 1) / _SMALL_PIXELS) / math.log(_LARGE_PIXELS / _SMALL_PIXELS)
    return min(1.0, max(0.0, share))
