"""What the two ways of adding points up cost, as kernels compare them."""

from __future__ import annotations

from typing import Final

__all__ = [
    "BITMAP_WALK",
    "FEW_HITS",
    "FEW_MATCHES",
    "HIT",
    "LOOKUP",
    "MATCH",
    "RANKS",
    "SCAN",
    "WORD_WALK",
]

# In units of about half a nanosecond: measured on one core at 2.5 GHz.
HIT: Final = 3
"""A hit that is walked."""
MATCH: Final = 4
"""A match that is written out and compared."""
LOOKUP: Final = 10
"""A match that is looked up in a bitmap."""
RANKS: Final = 600
"""Ranks of a window's matches."""
SCAN: Final = 3_000
"""A row of sums, scanned and cleared."""
WORD_WALK: Final = 500
"""A bitmap of which few words are of interest."""
BITMAP_WALK: Final = 3_600
"""A bitmap that is spread over the sums, sixteen documents at a time."""

FEW_HITS: Final = 1_000
"""Fewer hits than this in a bitmap are written out one by one."""
FEW_MATCHES: Final = 24
"""Up to so many in a window are looked up one by one, without a bitmap of them."""
