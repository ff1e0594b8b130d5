"""A segment, opened: verified once, then plain arrays over the mapped bytes.

Immutable and free of locks; any number of threads may read it. The mapping lives as long as one of
its arrays, so a file that a merge has replaced may be removed while searches still read it.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from alicorn.documents import PhotoDocument
from alicorn.documents.codec import decode
from alicorn.documents.model import CODE_BYTES
from alicorn.errors import CorruptIndex
from indexserver.postings._kernels import find_ids
from indexserver.postings.columns import CODES, COLUMNS, Columns
from indexserver.postings.dictionary import TermDictionary
from indexserver.postings.layout import unpack_sections

__all__ = ["PARTS", "Postings", "Segment"]

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "postings": ("postings", "posting_offsets"),
    "hitdata": ("hitdata",),
    "dictionary": ("terms", "term_offsets"),
    "columns": (*COLUMNS, "by_id"),
    "codes": CODES,
    "documents": ("documents", "document_offsets"),
}
"""Which sections each part of the index counts, for `Segment.bytes_by_part`."""


class Postings(NamedTuple):
    """One posting list."""

    ids: npt.NDArray[np.uint32]
    """Local ids, strictly increasing."""
    hits: npt.NDArray[np.uint8]
    """HitData, beside ``ids``."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One immutable run of documents."""

    name: str
    documents: int
    """Rows; local ids are 0 to this, exclusive."""
    first_sequence: int
    last_sequence: int
    """Range of the log that it holds."""
    terms: TermDictionary
    posting_offsets: npt.NDArray[np.uint64]
    postings: npt.NDArray[np.uint32]
    hitdata: npt.NDArray[np.uint8]
    columns: Columns
    """Scalars (documents,) and codes (documents, 32); `joint` may be missing."""
    by_id: npt.NDArray[np.uint32]
    document_offsets: npt.NDArray[np.uint64]
    encoded: memoryview
    bytes_by_part: Mapping[str, int]

    @classmethod
    def open(cls, path: Path) -> Segment:
        """Map and verify the file at ``path``.

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
        return cls.read(memoryview(data), path.name)

    @classmethod
    def read(cls, data: memoryview | bytes, name: str) -> Segment:
        """Verify the bytes of a segment and return it; ``name`` is for messages.

        Raises
        ------
        CorruptIndex
            If a section is damaged, missing or of the wrong size.
        """
        sections = unpack_sections(memoryview(data), name)
        reader = _Reader(name, sections)
        header = reader.header()
        documents, postings, terms = header["documents"], header["postings"], header["terms"]
        columns = {key: reader.array(key, kind, documents) for key, kind in COLUMNS.items()}
        for key in CODES:
            if key != "joint" or key in sections:
                flat = reader.array(key, "<u1", documents * CODE_BYTES)
                columns[key] = flat.reshape(documents, CODE_BYTES)
        return cls(
            name=name,
            documents=documents,
            first_sequence=header["first_sequence"],
            last_sequence=header["last_sequence"],
            terms=TermDictionary(
                reader.array("terms", "<u1", None), reader.array("term_offsets", "<u8", terms + 1)
            ),
            posting_offsets=reader.array("posting_offsets", "<u8", terms + 1),
            postings=reader.array("postings", "<u4", postings),
            hitdata=reader.array("hitdata", "<u1", postings),
            columns=columns,
            by_id=reader.array("by_id", "<u4", documents),
            document_offsets=reader.array("document_offsets", "<u8", documents + 1),
            encoded=reader.section("documents"),
            bytes_by_part={
                part: sum(len(sections[key]) for key in keys if key in sections)
                for part, keys in PARTS.items()
            },
        )

    def list_at(self, position: int) -> Postings:
        """Return the posting list of term number ``position``."""
        start, end = int(self.posting_offsets[position]), int(self.posting_offsets[position + 1])
        return Postings(self.postings[start:end], self.hitdata[start:end])

    def locals_of(self, document_ids: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the local id of each of ``document_ids``, -1 where it is not here."""
        out = np.empty(document_ids.size, dtype=np.int64)
        find_ids(self.columns["ids"], self.by_id, document_ids, out)
        return out

    def encoded_document(self, local: int) -> bytes:
        """Return the bytes of the document at ``local``."""
        start, end = self.document_offsets[local], self.document_offsets[local + 1]
        return bytes(self.encoded[int(start) : int(end)])

    def document(self, local: int) -> PhotoDocument:
        """Return the document at ``local``."""
        return decode(self.encoded_document(local))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Sections as arrays of the sizes that the header promises."""

    name: str
    sections: Mapping[str, memoryview]

    def section(self, key: str) -> memoryview:
        if key not in self.sections:
            raise CorruptIndex(f"{self.name}: section '{key}' is missing")
        return self.sections[key]

    def header(self) -> dict[str, int]:
        try:
            found: dict[str, int] = json.loads(bytes(self.section("header")))
        except ValueError as error:
            raise CorruptIndex(f"{self.name}: section 'header' is no JSON: {error}") from None
        for key in ("documents", "postings", "terms", "first_sequence", "last_sequence"):
            if not isinstance(found.get(key), int):
                raise CorruptIndex(f"{self.name}: section 'header' has no count '{key}'")
        return found

    def array(self, key: str, kind: str, count: int | None) -> npt.NDArray[Any]:
        content = self.section(key)
        size = np.dtype(kind).itemsize
        if count is not None and len(content) != count * size:
            raise CorruptIndex(
                f"{self.name}: section '{key}': found {len(content)} bytes, needed {count * size}"
            )
        return np.frombuffer(content, dtype=kind)
