"""All codes within a radius of a query: a bitmap, and their distances."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alicorn.errors import BadRequest, DeadlineSpent
from alicorn.simd.memory import address_of
from indexserver.embeddings._kernels import BLOCK, CANCELLED, scan_within
from indexserver.embeddings.inputs import checked_codes, checked_query, checked_row, words_of

__all__ = ["Within", "within_radius"]


class Within(NamedTuple):
    """The documents of a segment within a radius."""

    words: npt.NDArray[np.uint64]
    """Shape (ceil(n / 64),): bit i of word w is document 64 w + i."""
    distances: npt.NDArray[np.uint16]
    """One a document of ``words``, in their order."""


def within_radius(
    query: bytes,
    codes: npt.NDArray[np.uint8],
    radius: int,
    *,
    flags: npt.NDArray[np.uint8] | None = None,
    flag: int = 0,
    live_words: npt.NDArray[np.uint64] | None = None,
    cancel: npt.NDArray[np.uint8] | None = None,
) -> Within:
    """Return every document whose code is within ``radius`` of ``query``, radius included.

    Parameters
    ----------
    query : bytes
        32 bytes.
    codes : uint8, shape (n, 32), C-contiguous
    radius : int
        0 to 256, in bits.
    flags, flag, live_words, cancel
        As of `indexserver.embeddings.nearest.nearest`.

    Raises
    ------
    ShapeError
        If an array has not the type or size above.
    BadRequest
        If ``radius`` is out of range.
    DeadlineSpent
        If ``cancel`` was set.
    """
    asked, n = checked_query(query), checked_codes(codes)
    if not 0 <= radius <= 256:
        raise BadRequest(f"a radius must be 0 to 256, got {radius}")
    words = np.empty(words_of(n), dtype=np.uint64)
    distances, block = np.empty(n, dtype=np.uint16), np.empty(BLOCK, dtype=np.uint16)
    count = scan_within(
        address_of(codes),
        n,
        address_of(asked),
        radius,
        checked_row("live_words", live_words, np.uint64, words_of(n)),
        checked_row("flags", flags, np.uint8, n),
        np.uint8(flag),
        address_of(words),
        address_of(distances),
        address_of(block),
        checked_row("cancel", cancel, np.uint8, 1),
    )
    if count == CANCELLED:
        raise DeadlineSpent(f"the time was over while {n} codes were compared")
    return Within(words, distances[:count].copy())
