"""Many lists as one BITMAP row: its documents, the best byte and the sum of each.

`prefix` scores the best of its terms, `ids` the sum over all that lead to a document; features ask
for the best byte of either. Only what is asked for is made, since a sum takes eight bytes for every
document of the segment, asked or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from alicorn.simd.memory import address_of
from indexserver.execution.groups._kernels import count_bits, survey, unite_rows
from indexserver.postings.forms import (
    BITMAP,
    COLUMNS_OF_A_ROW,
    COUNT,
    FORM,
    HITS,
    IDS,
    MAXIMA,
    PACKED,
    Row,
)
from indexserver.postings.lists import PostingLists

__all__ = ["Union", "unite"]

_SLACK_WORDS: Final = 8
"""Words behind a bitmap that a vector may read."""

_HITS_A_CALL: Final = 1 << 20
"""About a millisecond: how long a deadline may go unnoticed."""


class Union(NamedTuple):
    """Several lists as one."""

    row: Row
    """EMPTY without lists, the list's own with one, else BITMAP."""
    owners: tuple[object, ...]
    """What must live as long as the row is read."""
    top: int | None
    """The largest sum of a document; None unless the row has sums."""
    thawed: bool
    """Whether a cold list was read for it."""


def unite(
    rows: npt.NDArray[np.int64],
    lists: PostingLists,
    documents: int,
    *,
    best: bool,
    sums: bool,
    squared: bool,
    check: Callable[[], None] | None = None,
) -> Union:
    """Return the union of the lists ``rows``, shape (n, 8).

    Parameters
    ----------
    lists : PostingLists
        Those of the segment, for cold ones.
    documents : int
        Size of the segment.
    best : bool
        Whether the best byte of each document is wanted.
    sums : bool
        Whether the sum of each document is: of its hits' bytes squared with ``squared``, else of
        ones.
    check : callable, optional
        Called now and then; may raise.
    """
    rows = np.ascontiguousarray(rows)
    filled, last, cold, hits = survey(address_of(rows), len(rows))
    owners: list[object] = []
    for number in np.flatnonzero(rows[:, FORM] == PACKED) if cold else ():
        rows[number], owner = lists.thaw(rows[number])
        owners.append(owner)
        if check is not None:
            check()
    if filled <= 1:
        row = rows[last] if filled else np.zeros(COLUMNS_OF_A_ROW, dtype=np.int64)
        return Union(row, tuple(owners), None, bool(cold))
    words = np.zeros(-(-documents // 64) + _SLACK_WORDS, dtype=np.uint64)
    bytes_ = np.zeros(documents if best else 0, dtype=np.uint8)
    totals = np.zeros(documents if sums else 0, dtype=np.uint64)
    at = address_of(words), address_of(bytes_) if best else 0, address_of(totals) if sums else 0
    top = 0
    pieces = [(0, len(rows))] if hits <= _HITS_A_CALL else _pieces(rows)
    for first, end in pieces:
        if check is not None:
            check()
        address = address_of(rows) + first * rows.itemsize * COLUMNS_OF_A_ROW
        top = unite_rows(address, end - first, documents, *at, squared, top)
    row = np.zeros(COLUMNS_OF_A_ROW, dtype=np.int64)
    row[FORM] = BITMAP
    row[COUNT] = count_bits(at[0], words.size)
    row[IDS], row[HITS], row[MAXIMA] = at
    return Union(row, (words, bytes_, totals), int(top) if sums else None, bool(cold))


def _pieces(rows: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return runs of ``rows`` of about `_HITS_A_CALL` hits, longer ones alone."""
    ends = np.cumsum(rows[:, COUNT]) // _HITS_A_CALL
    cuts = (np.flatnonzero(ends[1:] != ends[:-1]) + 1).tolist()
    return list(zip([0, *cuts], [*cuts, len(rows)], strict=True))
