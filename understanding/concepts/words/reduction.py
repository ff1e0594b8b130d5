"""Fewer numbers for each vector, and a byte for each number: `reduce_vectors`.

The first axis is the direction of the mean of all vectors, the component that they have in common
(DB-13); the others are the principal axes of what is left, the most varied first. So the common
component can be left in or taken out of what ships. Each axis is scaled to its largest value and
rounded to a signed byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.errors import ShapeError

__all__ = ["Reduced", "reduce_vectors"]

_LARGEST: Final = 127


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """Vectors in few bytes; number ``i`` of a vector is ``codes[i] * scales[i]``."""

    codes: npt.NDArray[np.int8]
    """Shape (vectors, dimensions)."""
    scales: npt.NDArray[np.float32]
    """Shape (dimensions,)."""
    kept: float
    """Share of the variance that is kept, without the common component, in [0, 1]."""


def reduce_vectors(vectors: npt.NDArray[np.float32], dimensions: int) -> Reduced:
    """Reduce ``vectors`` to ``dimensions`` numbers of a byte each.

    Parameters
    ----------
    vectors : float32, shape (vectors, width)
        At least two, each of length 1.
    dimensions : int
        In [2, width].

    Raises
    ------
    ShapeError
        If there are fewer numbers than wanted.
    """
    if vectors.ndim != 2 or vectors.shape[0] < 2 or not 2 <= dimensions <= vectors.shape[1]:
        raise ShapeError(f"vectors have shape {vectors.shape}, needed at least 2 x {dimensions}")
    mean = vectors.mean(axis=0, dtype=np.float64)
    common = mean / np.linalg.norm(mean)
    rest = vectors.astype(np.float64) - np.outer(vectors @ common, common)
    _, spread, axes = _principal(rest)
    # The common direction is the one that `rest` does not have, so the axes stand upright on it.
    basis = np.vstack([common, axes[: dimensions - 1]])
    numbers = vectors @ basis.T
    scales = np.abs(numbers).max(axis=0) / _LARGEST
    scales[scales == 0] = 1.0
    codes = np.rint(numbers / scales).astype(np.int8)
    kept = float(spread[: dimensions - 1].sum() / spread.sum()) if spread.sum() else 1.0
    return Reduced(codes, scales.astype(np.float32), kept)


def _principal(
    rest: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the mean, the variances in descending order and their axes, one a row."""
    mean = rest.mean(axis=0)
    centred = rest - mean
    variances, axes = np.linalg.eigh(centred.T @ centred / len(rest))
    order = np.argsort(-variances)
    axes = axes[:, order].T
    # A sign is anybody's choice: the largest number of an axis is positive.
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    return mean, variances[order].clip(0), axes * signs[:, np.newaxis]
