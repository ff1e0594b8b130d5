"""A view: the one immutable picture of a shard that a query sees.

Segments, which of their documents are live, and for each (segment, term) the ids added and removed
since the segment was made. A write makes a new view; queries that began before keep the old one.
The executor sees lists only through here, so it never knows which of them have changed.

What a term's list holds: (stored without removed) with added, where an added hit replaces a stored
one. Documents that are not live are taken out once, at the end of each expression. Kernels get
lists as rows (`indexserver.postings.forms`); that of a changed term is made when it is first asked
for, and kept with the view.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from indexserver.postings.dictionary import term_key
from indexserver.postings.encode import EncodedList, encode_one
from indexserver.postings.forms import Postings, Row
from indexserver.postings.segment import Segment

__all__ = ["SegmentView", "TermChange", "View"]

_NO_IDS: Final = np.empty(0, dtype=np.uint32)
_NO_HITS: Final = np.empty(0, dtype=np.uint8)
_SLACK_WORDS: Final = 8
"""Words behind a bitmap that kernels may read."""

_NO_LIST: Final = Postings(_NO_IDS, _NO_HITS)


@dataclass(frozen=True, slots=True, eq=False)
class TermChange:
    """What happened to one term of one segment since it was made.

    Local ids strictly increasing; none is both added and removed.
    """

    added: Postings = _NO_LIST
    removed: npt.NDArray[np.uint32] = field(default_factory=lambda: _NO_IDS)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class SegmentView:
    """One segment with what has happened to it.

    Immutable; hashed by identity and weakly referenceable, so that what was bound to it can be
    kept as long as it lives.
    """

    segment: Segment
    live: npt.NDArray[np.bool_] | None = None
    """Shape (documents,); None when all are."""
    changes: Mapping[bytes, TermChange] = field(default_factory=dict)
    """By term (`term_key`)."""
    kept: dict[object, object] = field(default_factory=dict, init=False)
    """What others keep as long as this view lives, as plans bound to it."""
    _patched: dict[bytes, EncodedList] = field(default_factory=dict, init=False)
    """Lists of changed terms, made so far."""
    _live_count: list[int] = field(default_factory=list, init=False)
    """`live_documents`, once it was asked for."""
    _live_words: list[npt.NDArray[np.uint64]] = field(default_factory=list, init=False)
    """`live_words`, once it was asked for."""

    @property
    def live_documents(self) -> int:
        """Documents that are not deleted or replaced."""
        if self.live is None:
            return self.segment.documents
        if not self._live_count:
            self._live_count.append(int(np.count_nonzero(self.live)))
        return self._live_count[0]

    def is_live(self, local: int) -> bool:
        """Whether the document at ``local`` is neither deleted nor replaced."""
        return self.live is None or bool(self.live[local])

    @property
    def live_words(self) -> npt.NDArray[np.uint64] | None:
        """The bitmap of live documents, ceil(documents / 64) + 8 words; None when all are."""
        if self.live is None:
            return None
        if not self._live_words:
            words = np.zeros(-(-self.live.size // 64) + _SLACK_WORDS, dtype=np.uint64)
            bits = np.packbits(self.live, bitorder="little")
            words.view(np.uint8)[: bits.size] = bits
            self._live_words.append(words)
        return self._live_words[0]

    def row_of(self, key: bytes) -> Row:
        """Return the row of the term ``key`` as it is now; an empty list for an unknown term."""
        if key in self.changes:
            return self._patched_row(key)
        return self.segment.lists.row(self.segment.terms.find(key))

    def rows_of_numbers(self, edge: str, numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the rows, shape (n, 8), of the terms ``edge:<number>``, an empty list if unknown.

        Parameters
        ----------
        numbers : uint64, shape (n,)
            Strictly increasing.
        """
        rows = self.segment.lists.rows(self.segment.terms.find_numbers(edge, numbers))
        start = len(term_key(edge, ""))
        for key in self._changed_with(term_key(edge, "")):
            value = key[start:]
            # As `find_numbers` writes them: no sign, no leading zero.
            if value.isdigit() and value == b"%d" % int(value) and int(value) < 1 << 64:
                at = int(np.searchsorted(numbers, np.uint64(int(value))))
                if at < numbers.size and int(numbers[at]) == int(value):
                    rows[at] = self._patched_row(key)
        return rows

    def rows_of_prefix(self, edge: str, prefix: str) -> npt.NDArray[np.int64]:
        """Return the rows, shape (n, 8), of all terms of ``edge`` that begin with ``prefix``."""
        key = term_key(edge, prefix)
        first, end = self.segment.terms.prefix_range(key)
        rows = self.segment.lists.rows(np.arange(first, end, dtype=np.int64))
        fresh = []
        for changed in self._changed_with(key):
            number = self.segment.terms.find(changed)
            if number < 0:
                fresh.append(self._patched_row(changed))
            else:
                rows[number - first] = self._patched_row(changed)
        return np.concatenate([rows, np.stack(fresh)]) if fresh else rows

    def _changed_with(self, prefix: bytes) -> list[bytes]:
        return [key for key in self.changes if key.startswith(prefix)]

    def _patched_row(self, key: bytes) -> Row:
        found = self._patched.get(key)
        if found is None:
            now = self.list_of(key)
            # Two threads may make the same list; the first is kept, so no row loses its owner.
            made = encode_one(now.ids, now.hits, self.segment.documents)
            found = self._patched.setdefault(key, made)
        return found.row

    def list_of(self, key: bytes) -> Postings:
        """Return the list of the term ``key`` as it is now; empty for an unknown term.

        Arrays of its own: for merges and tests. Searches read rows.
        """
        position = self.segment.terms.find(key)
        stored = _NO_LIST if position < 0 else self.segment.list_at(position)
        change = self.changes.get(key)
        return stored if change is None else _changed(stored, change)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """All segments of a shard at one moment."""

    segments: tuple[SegmentView, ...] = ()
    kept: dict[object, object] = field(default_factory=dict, init=False)
    """What others keep as long as this view lives."""

    @property
    def documents(self) -> int:
        """Live documents."""
        return sum(part.live_documents for part in self.segments)

    def find(self, document_id: int) -> tuple[SegmentView, int] | None:
        """Return where the live version of ``document_id`` is, as (segment, local id).

        Segments that were made without documents' bodies are passed over.
        """
        wanted = np.array([document_id], dtype=np.uint64)
        for part in self.segments:
            if part.segment.bodies is None:
                continue
            local = int(part.segment.locals_of(wanted)[0])
            if local >= 0 and part.is_live(local):
                return part, local
        return None


def _changed(stored: Postings, change: TermChange) -> Postings:
    dropped = np.concatenate([change.removed, change.added.ids])
    kept = ~np.isin(stored.ids, dropped)
    ids = np.concatenate([stored.ids[kept], change.added.ids])
    hits = np.concatenate([stored.hits[kept], change.added.hits])
    order = np.argsort(ids, kind="stable")
    return Postings(ids[order], hits[order])
