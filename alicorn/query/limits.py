"""The limits of the query language: what a request may ask at most.

Each is an error when it is passed, never a crash or a silent cut. Those marked *choice* are
ours; the others are the language's own.

Numbers of the language are integers in units of 1/10,000, so that `floor` and comparison are
exact: 0.25 is 2_500 and 1 is `ONE`.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "CODE_BITS",
    "INT64_MAX",
    "INT64_MIN",
    "MAX_APPLY_DEPTH",
    "MAX_ARRAYS",
    "MAX_DEPTH",
    "MAX_IDS",
    "MAX_OPERANDS",
    "MAX_TEXT_BYTES",
    "MAX_WEIGHT",
    "ONE",
]

ONE: Final = 10_000
"""The number 1 as the language keeps it, in units of 1/10,000."""

MAX_DEPTH: Final = 64
"""Levels of nodes from the root to the deepest leaf, both counted: `(and tag:dog)` has two."""

MAX_OPERANDS: Final = 10_000
"""Nodes of one expression, the root not counted. Thousands of ids travel through `ids`."""

MAX_TEXT_BYTES: Final = 1 << 20
"""Bytes of the text in UTF-8."""

MAX_IDS: Final = 1_000_000
"""Ids in all packed arrays of one request; also the most that `:k` and `:limit` may ask."""

MAX_ARRAYS: Final = MAX_OPERANDS
"""Packed arrays of one request (*choice*: more could not be named by its operands)."""

MAX_APPLY_DEPTH: Final = 3
"""How many `apply` may stand inside one another, the outermost counted."""

MAX_WEIGHT: Final = 16 * ONE
"""The largest `:weight`."""

CODE_BITS: Final = 256
"""Bits of a `visual` or `joint` code; also the largest Hamming distance."""

INT64_MIN: Final = -(1 << 63)
"""The least bound of a `range` (*choice*: columns of the forward index are 64-bit)."""

INT64_MAX: Final = (1 << 63) - 1
"""The greatest bound of a `range`."""
