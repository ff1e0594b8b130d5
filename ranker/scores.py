"""Model scores as integers, so that replicas agree on an order: in units of 1 / `SCORE_ONE`."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCORE_ONE", "fixed_point", "rescaled"]

SCORE_ONE: Final = 65_536
"""The model score 1 as an integer."""


def fixed_point(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return a model's scores, of any shape, rounded to 1 / `SCORE_ONE`."""
    return np.rint(scores * SCORE_ONE).astype(np.int64)


def rescaled(scores: NDArray[np.int64], unit: int) -> NDArray[np.int64]:
    """Return scores in units of 1 / ``unit``, of any shape, floored to 1 / `SCORE_ONE`.

    Whole and rest are scaled apart: for large scores their product would pass int64.

    >>> rescaled(np.array([-1, 0, 5, 10**18]), 10).tolist()
    [-6554, 0, 32768, 6553600000000000000]
    """
    if unit == SCORE_ONE:
        return scores
    whole, rest = np.divmod(scores, unit)
    scaled: NDArray[np.int64] = whole * SCORE_ONE + rest * SCORE_ONE // unit
    return scaled
