"""A segment, opened: verified once, then plain arrays over the mapped bytes.

Immutable and free of locks; any number of threads may read it. The mapping lives as long as one of
its arrays, so a file that a merge has replaced may be removed while searches still read it.

Cold lists (`encode`) stay on the disk: see `cold` and `thawed`.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents import PhotoDocument
from alicorn.documents.codec import decode
from alicorn.documents.model import CODE_BYTES
from alicorn.errors import CorruptIndex
from alicorn.simd.memory import address_of
from indexserver.postings._kernels import find_ids
from indexserver.postings.cold import ColdPages
from indexserver.postings.columns import CODES, COLUMNS, Columns
from indexserver.postings.dictionary import TermDictionary
from indexserver.postings.forms import Postings, windows_of
from indexserver.postings.forward.bodies import BODIES, CONFIDENCES, tag_before, whole
from indexserver.postings.forward.byterows import ByteRows
from indexserver.postings.forward.tags import FORWARD, TAG_EDGE, ForwardTags
from indexserver.postings.layout import unpack_sections
from indexserver.postings.lists import PostingLists
from indexserver.postings.reader import SectionReader
from indexserver.postings.thawed import ThawedLists

__all__ = ["COLD_SECTION", "PARTS", "WARM_SECTIONS", "Postings", "Segment"]

COLD_SECTION: Final = "list_packed"
"""What a memory budget leaves on the disk."""

WARM_SECTIONS: Final = ("list_windows", "list_hits")
"""What a memory budget counts: the lists that could be cold."""

PARTS: Final = (
    "postings",
    "hitdata",
    "dictionary",
    "columns",
    "codes",
    "documents",
    "forward",
)
"""Parts of the index, for `Segment.bytes_by_part`."""

_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "dictionary": ("terms", "term_starts", "term_slots"),
    "columns": (*COLUMNS, "by_id"),
    "codes": CODES,
    "documents": (BODIES, f"{BODIES}_starts", f"{BODIES}_bases"),
    "forward": (FORWARD, f"{FORWARD}_starts", f"{FORWARD}_bases"),
}
"""Which sections a part counts. Lists share theirs, so they are asked (`PostingLists`)."""

_TAGS_KEPT: Final = 16_384
"""Concepts kept as they are written in documents; a taxonomy has some thousands."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Segment:
    """One immutable run of documents."""

    name: str
    documents: int
    """Rows; local ids are 0 to this, exclusive."""
    first_sequence: int
    last_sequence: int
    """Range of the log that it holds."""
    terms: TermDictionary
    lists: PostingLists
    """By number of the term."""
    columns: Columns
    """Scalars (documents,) and codes (documents, 32); `joint` may be missing."""
    by_id: npt.NDArray[np.uint32]
    forward: ForwardTags
    bodies: ByteRows | None
    """What columns and tags do not hold; None where the segment was made without."""
    section_bytes: Mapping[str, int]
    """Bytes of each section."""
    bytes_by_part: Mapping[str, int]
    """Bytes of each of `PARTS`; the directory of the lists is counted with the postings."""
    first_tag: int
    """Number of the first ``tag:`` term."""
    _addresses: Mapping[str, int]
    _tags: dict[int, bytes] = field(default_factory=dict)
    """`tag_before` by number of the term, as far as documents were asked for."""

    @classmethod
    def open(cls, path: Path, *, thawed: ThawedLists | None = None) -> Segment:
        """Map and verify the file at ``path``; what is thawed of it is kept in ``thawed``.

        Raises
        ------
        CorruptIndex
            If the file is missing or damaged; names it and the section.
        """
        try:
            with path.open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            raise CorruptIndex(f"{path.name}: the file is missing (section 'head')") from None
        except ValueError:  # an empty file cannot be mapped
            raise CorruptIndex(f"{path.name}: section 'head' is cut off: found 0 bytes") from None
        return cls.read(memoryview(data), path.name, thawed=thawed, mapped=data)

    @classmethod
    def read(
        cls,
        data: memoryview | bytes,
        name: str,
        *,
        thawed: ThawedLists | None = None,
        mapped: mmap.mmap | None = None,
    ) -> Segment:
        """Verify the bytes of a segment and return it; ``name`` is for messages.

        Raises
        ------
        CorruptIndex
            If a section is damaged, missing or of the wrong size.
        """
        sections = unpack_sections(memoryview(data), name)
        reader = SectionReader(name, sections)
        header = reader.header()
        documents, count = header["documents"], header["terms"]
        columns = {key: reader.array(key, kind, documents) for key, kind in COLUMNS.items()}
        for key in CODES:
            if key != "joint" or key in sections:
                flat = reader.array(key, "<u1", documents * CODE_BYTES)
                columns[key] = flat.reshape(documents, CODE_BYTES)
        terms = reader.terms(count)
        of_lists = reader.lists(header["list_bytes"])
        cold = None
        if mapped is not None and COLD_SECTION in of_lists:
            cold = ColdPages.of(mapped, of_lists[COLD_SECTION])
        lists = PostingLists.read(
            of_lists, documents, count=count, name=name, thawed=thawed, cold=cold
        )
        segment = cls(
            name=name,
            documents=documents,
            first_sequence=header["first_sequence"],
            last_sequence=header["last_sequence"],
            terms=terms,
            lists=lists,
            columns=columns,
            by_id=reader.array("by_id", "<u4", documents),
            forward=ForwardTags.read(sections, documents, name),
            bodies=reader.bodies(header["bodies"], documents),
            section_bytes={key: len(content) for key, content in sections.items()},
            bytes_by_part=_bytes_by_part(lists, sections),
            first_tag=terms.prefix_range(TAG_EDGE)[0],
            _addresses={key: address_of(column) for key, column in columns.items()},
        )
        if cold is not None:
            cold.leave_on_disk()
        return segment

    @property
    def windows(self) -> int:
        """Runs of `indexserver.postings.forms.WINDOW` documents."""
        return windows_of(self.documents)

    @property
    def warm_bytes(self) -> int:
        """Bytes of lists in memory that could have been cold."""
        return sum(self.section_bytes[key] for key in WARM_SECTIONS)

    @property
    def cold_bytes(self) -> int:
        """Bytes of lists that stay on the disk."""
        return self.section_bytes.get(COLD_SECTION, 0)

    def column_address(self, name: str) -> int:
        """Return the address of the first value of column ``name``."""
        return self._addresses[name]

    def list_at(self, number: int) -> Postings:
        """Return the posting list of term ``number``, decoded."""
        return self.lists.decode(number)

    def locals_of(self, document_ids: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the local id of each of ``document_ids``, -1 where it is not here."""
        out = np.empty(document_ids.size, dtype=np.int64)
        find_ids(self.columns["ids"], self.by_id, document_ids, out)
        return out

    def _tags_of(self, local: int) -> bytes:
        """Return the tags of the document at ``local`` as `whole` takes them."""
        terms, levels = self.forward.of(local)
        # Numbers of terms are in the order of their names.
        order = np.lexsort((terms, ~levels))
        return b"".join(
            [
                part
                for term, level in zip(terms[order].tolist(), levels[order].tolist(), strict=True)
                for part in (self._tag_before(term), CONFIDENCES[level])
            ]
        )

    def encoded_document(self, local: int) -> bytes:
        """Return the document at ``local`` as `alicorn.documents.codec` bytes.

        It is as it was written, but for its confidences: see `forward.bodies`. In a segment
        without bodies it is what columns and tags say.
        """
        body = b"" if self.bodies is None else bytes(self.bodies[local])
        return whole(body, self.columns, local, self._tags_of(local))

    def document(self, local: int) -> PhotoDocument:
        """Return the document at ``local``, as `encoded_document`."""
        return decode(self.encoded_document(local))

    def _tag_before(self, term: int) -> bytes:
        found = self._tags.get(term)
        if found is None:
            concept = self.terms[self.first_tag + term][len(TAG_EDGE) :].decode()
            found = tag_before(concept)
            if len(self._tags) < _TAGS_KEPT:
                self._tags[term] = found
        return found


def _bytes_by_part(lists: PostingLists, sections: Mapping[str, memoryview]) -> dict[str, int]:
    found = lists.bytes_by_part()
    return {
        "postings": found["postings"] + found["directory"],
        "hitdata": found["hitdata"],
        **{
            part: sum(len(sections[key]) for key in keys if key in sections)
            for part, keys in _SECTIONS.items()
        },
    }
