r"""The forms in which a list of local ids lies in memory, and the row that describes one.

A *row* is eight int64: what a kernel must know of a list, as plain numbers. Addresses in it are
absolute, nothing in a form is aligned unless it says so, and everything is little-endian.

    column   FORM  COUNT  IDS  TABLE  HITS  MAXIMA  EXTRA  (free)

``HITS`` is 0 where every HitData byte is 0; `MAXIMA` then points at zeros (SPARSE, DENSE) or is 0.
Windows are runs of 16,384 documents: id 16,390 is offset 6 of window 1. With 100,000 documents
there are seven, and the last has 1,696 documents and 27 words.

``SHORT``: the ids themselves, in EXTRA = 2, 3 or 4 bytes each, as many as the segment's last
document needs. Ids 5, 300 and 16,390 of 100,000 documents, with bytes 10, 0 and 255:

    IDS   05 00 00 | 2c 01 00 | 06 40 00        HITS  0a 00 ff

``SPARSE``: offsets in their window, two bytes each, and where each window begins. The twenty ids
0, 2, ..., 38 and then 16,390, each with byte 9, but the last with 200:

    TABLE   u16[8]   0 20 21 21 21 21 21 21     window w has hits TABLE[w] to TABLE[w + 1]
    IDS     u16[21]  0 2 ... 38 | 6
    MAXIMA  u8[7]    9 200 0 0 0 0 0            the largest byte of each window
    HITS    u8[21]   9 9 ... 9 | 200

``DENSE``: where a window has more than 256 hits it is a bitmap. The 300 even ids below 600, then
16,390. TABLE holds a pair of u32 for each window and one for the end: the rank of its first hit,
and ``where``, whose lowest bit says that it is a bitmap and whose others count eight bytes from
IDS, which is a multiple of 8 as seen from the start of the section:

    TABLE   u32[16]  (0, 0 << 1 | 1) (300, 264 << 1) (301, 265 << 1) ... (301, 265 << 1)
    IDS     u64[256] the words of window 0: nine of 0x5555555555555555, 0x555555, then zeros
            u16[32]  hits of the window before each eight words: 0 256 300 300 ... 300
            u16[4]   6 and, up to a multiple of eight bytes, zeros

The rank of id 514, word 8, bit 2, is 0 + 256 + 1 = 257; its HitData is HITS[257]. A window's
bitmap has as many words as the window has documents, so the last one's may be short.

``PACKED`` is the cold form, for flash; `packed` explains it, and it is thawed before a kernel
sees it. The other forms are made for one query:

    BITMAP  u64[ceil(documents / 64) + 8] at IDS; HITS the best byte a document (u8[documents]) or
            0; MAXIMA the sum of bytes a document (u64[documents]) or 0
    RANGE   a column at IDS (EXTRA 0 int64, 1 uint32, 2 uint16), its bounds [low, high) at TABLE
    NEAR    codes of 32 bytes at IDS, the query's at TABLE, radius EXTRA, flags u8 at MAXIMA, of
            which HITS is the bit that a document with such a code has
    SCORED  u32 ids at IDS (EXTRA 4), int64 contributions at MAXIMA
    ALL, EMPTY
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "ALL",
    "BITMAP",
    "BITMAP_HITS",
    "COLUMNS_OF_A_ROW",
    "COUNT",
    "DENSE",
    "EMPTY",
    "EXTRA",
    "FORM",
    "HITS",
    "IDS",
    "MAXIMA",
    "NEAR",
    "PACKED",
    "RANGE",
    "SCORED",
    "SHORT",
    "SPARSE",
    "SPARSE_COUNT",
    "TABLE",
    "WINDOW",
    "WINDOW_BITS",
    "WORDS",
    "Postings",
    "Row",
    "id_bytes",
    "windows_of",
]

Row: TypeAlias = npt.NDArray[np.int64]
"""Shape (8,), C-contiguous: one list."""

WINDOW_BITS: Final = 14
WINDOW: Final = 1 << WINDOW_BITS
"""Documents of a window: a bitmap of 2 KiB, so that a handful of them stay in the L1 cache."""
WORDS: Final = WINDOW // 64
"""64-bit words of a whole window."""

BITMAP_HITS: Final = 256
"""A window with more hits than this is a bitmap: of the thresholds measured the one that made
`and` of three lists fastest, at 10 % more bytes than 1,024."""
SPARSE_COUNT: Final = 65_536
"""Lists of as many hits or more are DENSE: the ranks of SPARSE have 16 bits."""

FORM: Final = 0
COUNT: Final = 1
IDS: Final = 2
TABLE: Final = 3
HITS: Final = 4
MAXIMA: Final = 5
EXTRA: Final = 6
COLUMNS_OF_A_ROW: Final = 8

EMPTY: Final = 0
SHORT: Final = 1
SPARSE: Final = 2
DENSE: Final = 3
BITMAP: Final = 4
RANGE: Final = 5
NEAR: Final = 6
ALL: Final = 7
SCORED: Final = 8
PACKED: Final = 9


class Postings(NamedTuple):
    """One posting list, decoded."""

    ids: npt.NDArray[np.uint32]
    """Local ids, strictly increasing."""
    hits: npt.NDArray[np.uint8]
    """HitData, beside ``ids``."""


def windows_of(documents: int) -> int:
    """Return how many windows ``documents`` documents have."""
    return -(-documents // WINDOW)


def id_bytes(documents: int) -> int:
    """Return the bytes of an id in SHORT: 2, 3 or 4."""
    if documents <= 1 << 16:
        return 2
    return 3 if documents <= 1 << 24 else 4
