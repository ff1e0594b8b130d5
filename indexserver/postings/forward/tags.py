"""The forward index of tags: which concepts a document has, and how surely.

A tag is the number of its term, counted from the first ``tag:`` term of the dictionary, and the
confidence byte that also stands in its posting list. A document's tags lie in one row of bytes:

    +-------+----------------------------------+--------------------+
    | count | gaps between the terms' numbers  | confidence bytes   |
    +-------+----------------------------------+--------------------+
      count, gaps: seven bits a byte, lowest first; a gap is 0 for the very next term

Terms 4, 5 and 300 with bytes 200, 9 and 26 are ``03 | 04 00 a6 02 | c8 09 1a``; a document without
tags has no byte. Fifty tags of a taxonomy of some two thousand take 101 to 105 bytes.

The index is of the documents as they were written, whatever edges were added or removed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from alicorn.simd.memory import address_of
from indexserver.postings.forward._kernels import (
    count_tags,
    decode_tags,
    encode_tags,
    encoded_sizes,
    tags_of,
    turn_around,
)
from indexserver.postings.forward.byterows import ByteRows

__all__ = ["FORWARD", "TAG_EDGE", "DocumentTags", "ForwardTags", "tags_of_lists"]

FORWARD: Final = "forward"
"""Name of the section."""

TAG_EDGE: Final = b"tag:"
"""What the terms of the forward index begin with."""


class DocumentTags(NamedTuple):
    """The tags of many documents, flat."""

    offsets: npt.NDArray[np.int64]
    """Shape (documents + 1,): where each document's begin."""
    terms: npt.NDArray[np.uint32]
    """Numbers from the first ``tag:`` term on, ascending in each document."""
    levels: npt.NDArray[np.uint8]
    """Confidence bytes, beside ``terms``."""


def tags_of_lists(
    offsets: npt.NDArray[np.int64],
    ids: npt.NDArray[np.uint32],
    hits: npt.NDArray[np.uint8],
    documents: int,
) -> DocumentTags:
    """Return the tags of documents from the posting lists of tags, turned around.

    Parameters
    ----------
    offsets : int64, shape (lists + 1,)
        Of the ``tag:`` lists alone, ascending by term; into ``ids`` and ``hits``.
    """
    start, end = int(offsets[0]), int(offsets[-1])
    counts = np.zeros(documents, dtype=np.int64)
    count_tags(address_of(ids) + 4 * start, end - start, address_of(counts))
    found = np.zeros(documents + 1, dtype=np.int64)
    np.cumsum(counts, out=found[1:])
    terms = np.empty(end - start, dtype=np.uint32)
    levels = np.empty(end - start, dtype=np.uint8)
    ends = found[:-1].copy()
    turn_around(
        address_of(offsets),
        offsets.size - 1,
        address_of(ids),
        address_of(hits),
        address_of(ends),
        address_of(terms),
        address_of(levels),
    )
    return DocumentTags(found, terms, levels)


@dataclass(frozen=True, slots=True, eq=False)
class ForwardTags:
    """The tags of a segment's documents over the mapped bytes."""

    rows: ByteRows

    @staticmethod
    def encode(tags: DocumentTags) -> dict[str, bytes]:
        """Return the sections of ``tags``."""
        documents = tags.offsets.size - 1
        starts = np.zeros(documents + 1, dtype=np.int64)
        at = address_of(tags.offsets)
        encoded_sizes(at, documents, address_of(tags.terms), address_of(starts) + 8)
        np.cumsum(starts, out=starts)
        blob = np.empty(int(starts[-1]), dtype=np.uint8)
        encode_tags(
            at, documents, address_of(tags.terms), address_of(tags.levels), address_of(blob)
        )
        return ByteRows.encode(FORWARD, (blob, starts))

    @classmethod
    def read(cls, sections: Mapping[str, memoryview], documents: int, file: str) -> ForwardTags:
        """Return the tags in ``sections``; CorruptIndex if they do not fit together."""
        return cls(ByteRows.read(FORWARD, sections, documents, file))

    def of(self, local: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
        """Return terms, ascending, and confidence bytes of the document at ``local``."""
        row = np.frombuffer(self.rows[local], dtype=np.uint8)
        # A tag takes two bytes at least.
        terms = np.empty(row.size // 2, dtype=np.uint32)
        levels = np.empty(row.size // 2, dtype=np.uint8)
        count = 0
        if row.size:
            count = tags_of(address_of(row), address_of(terms), address_of(levels))
        return terms[:count], levels[:count]

    def all(self) -> DocumentTags:
        """Return the tags of every document."""
        blob, starts = self.rows.flat()
        documents = starts.size - 1
        offsets = np.empty(documents + 1, dtype=np.int64)
        at = address_of(blob), address_of(starts), documents, address_of(offsets)
        decode_tags(*at, 0, 0)
        terms = np.empty(int(offsets[-1]), dtype=np.uint32)
        levels = np.empty(int(offsets[-1]), dtype=np.uint8)
        if terms.size:
            decode_tags(*at, address_of(terms), address_of(levels))
        return DocumentTags(offsets, terms, levels)
