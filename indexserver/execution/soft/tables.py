"""Columns of the tables that the pass works on, and why it stops."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ABOVE",
    "ALL_SEEN",
    "ATOMS",
    "CANCELLED",
    "COUNT_HERE",
    "ENOUGH",
    "HEAD",
    "IDS",
    "LEFT",
    "LOCALS",
    "MASKS",
    "MASK_WORDS",
    "MATCHED",
    "NODE",
    "OPEN",
    "RUN_COLUMNS",
    "SORT_KEYS",
    "TALLIES",
    "UNMET",
    "USED_UP",
]

LOCALS: Final = 0
"""Of a run: address of the candidates at hand, uint32 local ids."""
COUNT_HERE: Final = 1
"""How many there are."""
HEAD: Final = 2
"""How many of them have been visited."""
OPEN: Final = 3
"""1 if the segment may hold candidates behind them."""
MASKS: Final = 4
"""Address of uint64 (candidates, words): which kept slots hold each."""
MASK_WORDS: Final = 5
SORT_KEYS: Final = 6
IDS: Final = 7
"""Addresses of the segment's columns."""
ATOMS: Final = 8
"""Address of int64: the bit of each atom in masks, or -1."""
RUN_COLUMNS: Final = 9

NODE: Final = 0
"""Of a share or a gate: whose truth it is."""
LEFT: Final = 1
"""Of a share."""
ABOVE: Final = 1
"""Of a gate."""

MATCHED: Final = 0
UNMET: Final = 1
TALLIES: Final = 2

ALL_SEEN: Final = 0
"""There is no candidate left in any segment."""
USED_UP: Final = 1
"""A segment's candidates at hand are used up, and it may have more."""
ENOUGH: Final = 2
"""The rest cannot change which hits come first."""
CANCELLED: Final = 3
"""The time is over."""
