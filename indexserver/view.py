"""A view: the one immutable picture of a shard that a query sees.

Segments, which of their documents are live, and for each (segment, term) the ids added and removed
since the segment was made. A write makes a new view; queries that began before keep the old one.
The executor sees lists only through here, so it never knows which of them have changed.

What a term's list holds: (stored without removed) with added, where an added hit replaces a stored
one. Documents that are not live are taken out once, at the end of each expression.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from indexserver.postings.dictionary import term_key
from indexserver.postings.segment import Postings, Segment

__all__ = ["ListGroup", "SegmentView", "TermChange", "View"]

_NO_IDS: Final = np.empty(0, dtype=np.uint32)
_NO_HITS: Final = np.empty(0, dtype=np.uint8)
_NO_LIST: Final = Postings(_NO_IDS, _NO_HITS)


@dataclass(frozen=True, slots=True, eq=False)
class TermChange:
    """What happened to one term of one segment since it was made.

    Local ids strictly increasing; none is both added and removed.
    """

    added: Postings = _NO_LIST
    removed: npt.NDArray[np.uint32] = field(default_factory=lambda: _NO_IDS)


@dataclass(frozen=True, slots=True, eq=False)
class ListGroup:
    """Several terms' lists: most by their number in the dictionary, the changed ones in full."""

    terms: npt.NDArray[np.int64]
    """Positions in the segment's dictionary, each unchanged."""
    changed: tuple[Postings, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SegmentView:
    """One segment with what has happened to it."""

    segment: Segment
    live: npt.NDArray[np.bool_] | None = None
    """Shape (documents,); None when all are."""
    changes: Mapping[bytes, TermChange] = field(default_factory=dict)
    """By term (`term_key`)."""

    @property
    def live_documents(self) -> int:
        """Documents that are not deleted or replaced."""
        if self.live is None:
            return self.segment.documents
        return int(np.count_nonzero(self.live))

    def is_live(self, local: int) -> bool:
        """Whether the document at ``local`` is neither deleted nor replaced."""
        return self.live is None or bool(self.live[local])

    def list_of(self, key: bytes) -> Postings:
        """Return the list of the term ``key`` as it is now; empty for an unknown term."""
        position = self.segment.terms.find(key)
        stored = _NO_LIST if position < 0 else self.segment.list_at(position)
        change = self.changes.get(key)
        return stored if change is None else _changed(stored, change)

    def lists_of_prefix(self, edge: str, prefix: str) -> ListGroup:
        """Return the lists of all terms of ``edge`` whose value begins with ``prefix``."""
        key = term_key(edge, prefix)
        first, end = self.segment.terms.prefix_range(key)
        terms = np.arange(first, end, dtype=np.int64)
        return self._group(terms, [term for term in self.changes if term.startswith(key)])

    def lists_of_numbers(self, edge: str, numbers: npt.NDArray[np.uint64]) -> ListGroup:
        """Return the lists of the terms ``edge:<number>`` for each of ``numbers``."""
        found = self.segment.terms.find_numbers(edge, numbers)
        changed: list[bytes] = []
        if self.changes:
            wanted = {term_key(edge, str(number)) for number in numbers.tolist()}
            changed = [term for term in self.changes if term in wanted]
        return self._group(found[found >= 0], changed)

    def _group(self, terms: npt.NDArray[np.int64], changed: Collection[bytes]) -> ListGroup:
        if changed:
            stored = np.array([self.segment.terms.find(key) for key in changed], dtype=np.int64)
            terms = terms[~np.isin(terms, stored)]
        return ListGroup(terms, tuple(self.list_of(key) for key in changed))


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """All segments of a shard at one moment."""

    segments: tuple[SegmentView, ...] = ()

    @property
    def documents(self) -> int:
        """Live documents."""
        return sum(part.live_documents for part in self.segments)

    def find(self, document_id: int) -> tuple[SegmentView, int] | None:
        """Return where the live version of ``document_id`` is, as (segment, local id)."""
        wanted = np.array([document_id], dtype=np.uint64)
        for part in self.segments:
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
