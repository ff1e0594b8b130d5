"""What a split's decision says about missing values, as `TreeArrays.decision` has it.

bits 0-1   what is missing: 0 nothing, 1 NaN and zero, 2 NaN
bit 2      missing goes left
"""

from __future__ import annotations

from typing import Final

import numpy as np

__all__ = [
    "MISSING_KIND",
    "MISSING_LEFT",
    "NAN_IS_MISSING",
    "NOTHING_IS_MISSING",
    "ZERO",
    "ZERO_IS_MISSING",
]

MISSING_KIND: Final = 3
NOTHING_IS_MISSING: Final = 0
ZERO_IS_MISSING: Final = 1
NAN_IS_MISSING: Final = 2
MISSING_LEFT: Final = 4

ZERO: Final = np.float32(1e-35)
"""LightGBM's kZeroThreshold: what is at most so far from 0 is zero where zero is missing."""
