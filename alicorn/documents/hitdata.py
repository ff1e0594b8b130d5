"""HitData: the one byte that stands beside a hit.

For ``tag:`` it is the confidence on a square-root scale, one table for all shards:

    byte = round(255 * sqrt(confidence))        confidence = byte * byte / 65,025

so that small confidences, of which there are most, keep their differences, and the inverse is an
exact integer. A confidence of 0.01 is the byte 26; 0.25 is 128. For ``text:`` it is the number of
times the word stands in the document, at most 255. Every other edge carries 0.

A concept score is a sum of weights (1/10,000) times squared bytes (1/65,025), so it is an exact
integer in units of 1 / `CONCEPT_ONE`, whatever plan, split or replica computes it.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["BYTE_ONE", "CONCEPT_ONE", "WEIGHT_ONE", "confidence_of", "quantise", "quantise_all"]

WEIGHT_ONE: Final = 10_000
"""The weight 1: weights are integers in 1/10,000."""

BYTE_ONE: Final = 255 * 255
"""The squared byte that stands for confidence 1."""

CONCEPT_ONE: Final = WEIGHT_ONE * BYTE_ONE
"""The concept score 1, as an integer."""


def quantise(confidence: float) -> int:
    """Return the byte for ``confidence``, clipped to [0, 1].

    >>> quantise(0.25), quantise(1.0), quantise(-3.0)
    (128, 255, 0)
    """
    return round(255 * math.sqrt(min(max(confidence, 0.0), 1.0)))


def quantise_all(confidences: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """`quantise` for an array of any shape."""
    clipped = np.clip(confidences.astype(np.float64), 0.0, 1.0)
    levels: npt.NDArray[np.uint8] = np.rint(255 * np.sqrt(clipped)).astype(np.uint8)
    return levels


def confidence_of(byte: int) -> float:
    """Return the confidence that ``byte`` (0..255) stands for.

    >>> confidence_of(255)
    1.0
    """
    return byte * byte / BYTE_ONE
