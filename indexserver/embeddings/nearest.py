"""The k nearest codes to a query, exact, under any filter.

A filter is a bitmap of allowed documents or a sorted list of candidates. Few allowed documents are
*gathered*: their codes read by number. Many are *scanned*: every code read in a row, and those not
allowed left out afterwards.

Both run at the speed of memory, not of counting. Measured on one core of a Cascade Lake server over
1,000,000 codes (32 MB), a code of a scan takes 2.9 ns. A code by its number takes more, as a line
of 64 bytes must come for it alone: 22 ns where 1 % are allowed, 15 at 10 %, 9.5 at 30 %, where both
ways take the same 2.9 ms. So a block of 8,192 documents is gathered where fewer than a third of it
are allowed. Each block decides for itself, and none without an allowed document is read: a filter
that allows a run of documents (an album, a year) pays for that run.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from alicorn.errors import BadRequest, DeadlineSpent, ShapeError
from alicorn.query.limits import MAX_IDS
from alicorn.simd.memory import address_of
from indexserver.embeddings._kernels import CANCELLED
from indexserver.embeddings.inputs import (
    address_or_zero,
    checked_codes,
    checked_query,
    checked_row,
    words_of,
)
from indexserver.embeddings.search._kernels import (
    GATHER_COST,
    SCAN_COST,
    WORK,
    gather_nearest,
    scan_nearest,
)

__all__ = ["MOST", "Nearest", "nearest"]

MOST: Final = MAX_IDS
"""The largest k: what the language allows."""

_FARTHEST: Final = 256
_ROOM: Final = 2048


class Nearest(NamedTuple):
    """The nearest documents of a segment, by ascending distance, then local id."""

    locals: npt.NDArray[np.uint32]
    distances: npt.NDArray[np.uint16]


def nearest(
    query: bytes,
    codes: npt.NDArray[np.uint8],
    k: int,
    *,
    flags: npt.NDArray[np.uint8] | None = None,
    flag: int = 0,
    live_words: npt.NDArray[np.uint64] | None = None,
    allowed: npt.NDArray[np.uint64] | npt.NDArray[np.uint32] | None = None,
    at_most: int = _FARTHEST,
    cancel: npt.NDArray[np.uint8] | None = None,
) -> Nearest:
    """Return the ``k`` nearest codes to ``query`` among the documents that may be found.

    Exact. Equal distances are ordered by ascending local id, so that replicas agree on a page.

    Parameters
    ----------
    query : bytes
        32 bytes.
    codes : uint8, shape (n, 32), C-contiguous
    k : int
        1 to `MOST`; fewer come back where fewer may be found.
    flags : uint8, shape (n,), or None
        Only documents that have a bit of ``flag`` here are found; None finds all.
    flag : int
        1 to 255 with ``flags``.
    live_words : uint64, at least ceil(n / 64) words, or None
        Bitmap of the documents that are found at all; None is all.
    allowed : uint64 or uint32, or None
        uint64: a bitmap as ``live_words``. uint32: local ids, strictly increasing, each below n.
        None allows all.
    at_most : int
        The largest distance that can enter, in bits: the k-th distance of the segments before this
        one, where only what is no farther can matter. Below 0 nothing is found.
    cancel : uint8, shape (1,), or None
        Looked at every 8,192 documents; another thread may set it.

    Raises
    ------
    ShapeError
        If an array has not the type or size above.
    BadRequest
        If ``k`` is out of range.
    DeadlineSpent
        If ``cancel`` was set: the nearest of a part are no part of the nearest.
    """
    asked, n = checked_query(query), checked_codes(codes)
    if not 1 <= k <= MOST:
        raise BadRequest(f"k must be 1 to {MOST}, got {k}")
    ids, words = _filter(allowed, n)
    flagged = checked_row("flags", flags, np.uint8, n)
    live = checked_row("live_words", live_words, np.uint64, words_of(n))
    k = min(k, n if ids is None else ids.size)
    bound = min(at_most, _FARTHEST) + 1
    if k == 0 or bound <= 0:
        return Nearest(np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.uint16))
    # Up to 2 k rows are at the bound or below (an equal number at each of two distances); the rest
    # is room to go on before the next clearing.
    capacity = min(3 * k + _ROOM, n) + 1
    work = np.empty(WORK // 8 + capacity, dtype=np.uint64)
    rows, distances = np.empty(k, dtype=np.uint32), np.empty(k, dtype=np.uint16)
    how = (
        k,
        bound,
        capacity,
        address_of(work),
        address_of(rows),
        address_of(distances),
        checked_row("cancel", cancel, np.uint8, 1),
    )
    where, asking = address_of(codes), address_of(asked)
    who = live, flagged, np.uint8(flag)
    if ids is not None:
        count = gather_nearest(where, address_of(ids), ids.size, asking, *who, *how)
    else:
        count = scan_nearest(where, n, asking, address_or_zero(words), *who, *how)
    if count == CANCELLED:
        raise DeadlineSpent(f"the time was over while the nearest of {n} codes were looked for")
    return Nearest(rows[:count], distances[:count])


def _filter(
    allowed: npt.NDArray[Any] | None, n: int
) -> tuple[npt.NDArray[np.uint32] | None, npt.NDArray[np.uint64] | None]:
    """Return candidates, or a bitmap, or neither: many candidates are scanned as a bitmap."""
    if allowed is None:
        return None, None
    if allowed.dtype == np.uint64:
        checked_row("allowed", allowed, np.uint64, words_of(n))
        return None, allowed
    checked_row("allowed", allowed, np.uint32, 0)
    if allowed.size and int(allowed[-1]) >= n:
        raise ShapeError(f"candidates must be below {n}, got {allowed[-1]}")
    if allowed.size * GATHER_COST < n * SCAN_COST:
        return allowed, None
    bits = np.zeros(words_of(n) * 64, dtype=np.bool_)
    bits[allowed] = True
    return None, np.packbits(bits, bitorder="little").view(np.uint64)
