"""The posting lists of a segment: verified once, then rows for kernels, and arrays for the rest.

Nothing is copied: a row holds addresses in the mapped file. Cold lists are the exception; one that
is asked for gets its form in memory, and the latest are kept, as many as fit a number of bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alicorn.errors import CorruptIndex
from alicorn.simd.blocks import BLOCK, SLACK
from alicorn.simd.memory import address_of
from indexserver.postings.cold import ColdPages
from indexserver.postings.directory._kernels import (
    GROUP,
    counts_into,
    packed_hit_bytes,
    read_list,
    read_lists,
    row_of,
    rows_of,
)
from indexserver.postings.encode import SECTIONS, encode_one, places_of
from indexserver.postings.forms import (
    COUNT,
    FORM,
    IDS,
    PACKED,
    Postings,
    Row,
    windows_of,
)
from indexserver.postings.thawed import ThawedLists
from indexserver.postings.verify._kernels import check_lists

__all__ = ["PostingLists"]


@dataclass(frozen=True, slots=True, eq=False)
class PostingLists:
    """All lists of a segment, by number."""

    count: int
    """Lists; numbers are 0 to this, exclusive."""
    documents: int
    name: str
    """What messages call the file."""
    _arrays: tuple[npt.NDArray[np.uint8], ...]
    """The five sections and zeros, alive as long as a row is used."""
    _places: npt.NDArray[np.int64]
    _at: int
    """The address of ``_places``: what kernels take."""
    _inline: tuple[int, int]
    """Bytes of ids, and of HitData, that stand in the directory."""
    _thawed: ThawedLists
    _owner: int
    """What the thawed lists know this segment by."""
    _cold: ColdPages | None

    @classmethod
    def read(
        cls,
        sections: Mapping[str, memoryview | bytes],
        documents: int,
        *,
        count: int,
        name: str = "segment",
        thawed: ThawedLists | None = None,
        cold: ColdPages | None = None,
    ) -> PostingLists:
        """Return the lists of ``sections``, verified.

        Parameters
        ----------
        sections : mapping
            At least `SECTIONS`, as `encode_lists` made them; used where they lie.
        documents, count : int
            Documents and lists of the segment.
        name : str
            The file, for messages.
        thawed : ThawedLists, optional
            Where lists are kept that were thawed; one of its own unless given.
        cold : ColdPages, optional
            The pages of the cold lists, given back whenever some of them were read.

        Raises
        ------
        CorruptIndex
            If a section is missing, cut off, or leads outside of itself; names it.
        """
        arrays = []
        for section in SECTIONS:
            if section not in sections:
                raise CorruptIndex(f"{name}: section '{section}' is missing")
            arrays.append(np.frombuffer(sections[section], dtype=np.uint8))
        needed = 8 * -(-count // GROUP)
        if arrays[0].size != needed:
            raise CorruptIndex(
                f"{name}: section '{SECTIONS[0]}': found {arrays[0].size} bytes, needed {needed}"
            )
        zeros = np.zeros(windows_of(documents) + SLACK, dtype=np.uint8)
        every = (*arrays, zeros)
        places = places_of(every, documents, count)
        ends = np.array([max(array.size - SLACK, 0) for array in arrays], dtype=np.int64)
        totals = np.zeros(2, dtype=np.int64)
        wrong, number = check_lists(address_of(places), address_of(ends), address_of(totals))
        if wrong:
            raise CorruptIndex(
                f"{name}: section '{SECTIONS[wrong - 1]}' is no part of the lists that it was "
                f"written with: found the first mistake at list {number} of {count}"
            )
        inline = int(totals[0]), int(totals[1])
        at = address_of(places)
        kept = ThawedLists() if thawed is None else thawed
        return cls(count, documents, name, every, places, at, inline, kept, kept.owner(), cold)

    @property
    def bytes_read(self) -> int:
        """Bytes of cold lists that were decoded since the segment was opened."""
        return self._thawed.bytes_read(self._owner)

    def row(self, number: int) -> Row:
        """Return the row of list ``number``; that of an empty list if there is none."""
        row: Row = row_of(self._at, number)
        return row

    def rows(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the rows, shape (n, 8), of the lists ``numbers``, shape (n,).

        A number that is not a list's, as -1, has the row of an empty list.
        """
        rows: npt.NDArray[np.int64] = rows_of(
            self._at, np.ascontiguousarray(numbers, dtype=np.int64)
        )
        return rows

    def counts(self) -> npt.NDArray[np.int64]:
        """Return the hits of every list, shape (count,)."""
        out = np.empty(self.count, dtype=np.int64)
        counts_into(self._at, address_of(out))
        return out

    def decode(self, number: int) -> Postings:
        """Return list ``number`` as arrays of its own."""
        return self.decode_row(self.row(number))

    def decode_row(self, row: Row) -> Postings:
        """Return the list of ``row``, of a form that a segment stores, as arrays of its own.

        Raises
        ------
        CorruptIndex
            If a cold list is damaged.
        """
        return self._decoded(row)[0]

    def decode_all(
        self,
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
        """Return every list: offsets (count + 1,), ids and hits (postings,), for merges.

        Raises
        ------
        CorruptIndex
            If a cold list is damaged.
        """
        offsets = np.zeros(self.count + 1, dtype=np.uint64)
        np.cumsum(self.counts(), out=offsets[1:])
        total = int(offsets[-1])
        ids = np.empty(total + BLOCK, dtype=np.uint32)
        hits = np.empty(total + BLOCK, dtype=np.uint8)
        damaged = read_lists(self._at, address_of(ids), address_of(hits))
        if damaged >= 0:
            raise self._damaged(self.row(damaged))
        return offsets, ids[:total], hits[:total]

    def thaw(self, row: Row) -> tuple[Row, object]:
        """Return a row that kernels can read, and what must be kept while they do.

        A PACKED list takes the form that it would have in memory; others are as they are.

        Raises
        ------
        CorruptIndex
            If the list is damaged.
        """
        if row[FORM] != PACKED:
            return row, self
        address = int(row[IDS])
        encoded = self._thawed.find(self._owner, address)
        if encoded is None:
            postings, size = self._decoded(row)
            encoded = encode_one(postings.ids, postings.hits, self.documents)
            self._thawed.keep(self._owner, address, encoded, size)
            if self._cold is not None:
                self._cold.give_back(address, size)
        return encoded.row.copy(), encoded.owner

    def bytes_by_part(self) -> dict[str, int]:
        """Return the bytes of ids (``postings``), of ``hitdata`` and of the ``directory``."""
        bases, entries, windows, hits, packed = (int(array.size) for array in self._arrays[:5])
        cold = packed_hit_bytes(self._at) if packed else 0
        ids_inline, hits_inline = self._inline
        return {
            "postings": windows + packed - cold + ids_inline,
            "hitdata": hits + cold + hits_inline,
            "directory": bases + entries - ids_inline - hits_inline,
        }

    def _decoded(self, row: Row) -> tuple[Postings, int]:
        """Return the list of ``row``, and the bytes that it took if it was packed."""
        count = int(row[COUNT])
        ids = np.empty(count + BLOCK, dtype=np.uint32)
        hits = np.empty(count + BLOCK, dtype=np.uint8)
        row = np.ascontiguousarray(row)
        size = read_list(
            address_of(row), self.documents, windows_of(self.documents), int(self._places[10]),
            address_of(ids), address_of(hits),
        )  # fmt: skip
        if size < 0:
            raise self._damaged(row)
        return Postings(ids[:count], hits[:count]), size

    def _damaged(self, row: Row) -> CorruptIndex:
        return CorruptIndex(
            f"{self.name}: section 'list_packed': found no list of {int(row[COUNT])} hits at byte "
            f"{int(row[IDS] - self._places[4])}, or one that is not of {self.documents} documents"
        )
