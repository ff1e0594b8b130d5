"""The named sections of a segment as arrays, of the sizes that its header promises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.errors import CorruptIndex
from indexserver.postings.dictionary import TermDictionary
from indexserver.postings.forward.bodies import BODIES
from indexserver.postings.forward.byterows import ByteRows

__all__ = ["SectionReader"]

_COUNTS: Final = ("bodies", "documents", "terms", "first_sequence", "last_sequence")


@dataclass(frozen=True, slots=True)
class SectionReader:
    """Reads the sections of one segment. Every method raises CorruptIndex, naming the section."""

    name: str
    """The file, for messages."""
    sections: Mapping[str, memoryview]

    def section(self, key: str) -> memoryview:
        """Return the bytes of section ``key``."""
        if key not in self.sections:
            raise CorruptIndex(f"{self.name}: section '{key}' is missing")
        return self.sections[key]

    def header(self) -> Mapping[str, Any]:
        """Return the header: `_COUNTS`, none negative, and the sizes ``list_bytes``."""
        try:
            found: Any = json.loads(bytes(self.section("header")))
        except ValueError as error:
            raise CorruptIndex(f"{self.name}: section 'header' is no JSON: {error}") from None
        if not isinstance(found, dict):
            raise CorruptIndex(f"{self.name}: section 'header' is no JSON object")
        for key in _COUNTS:
            if not isinstance(found.get(key), int) or found[key] < 0:
                raise CorruptIndex(f"{self.name}: section 'header' has no count '{key}'")
        if not isinstance(found.get("list_bytes"), dict):
            raise CorruptIndex(f"{self.name}: section 'header' has no sizes 'list_bytes'")
        return found

    def lists(self, sizes: Mapping[str, int]) -> dict[str, memoryview]:
        """Return the sections of the lists, each of which has the size that was written."""
        return {key: self.array(key, "<u1", size).data for key, size in sizes.items()}

    def array(self, key: str, kind: str, count: int | None) -> npt.NDArray[Any]:
        """Return section ``key`` as ``count`` numbers of ``kind``; as many as there are if None."""
        content = self.section(key)
        size = np.dtype(kind).itemsize
        if count is not None and len(content) != count * size:
            raise CorruptIndex(
                f"{self.name}: section '{key}': found {len(content)} bytes, needed {count * size}"
            )
        return np.frombuffer(content, dtype=kind)

    def terms(self, count: int) -> TermDictionary:
        """Return the dictionary of ``count`` terms."""
        sizes = TermDictionary.sizes(count)
        starts = self.array("term_starts", "<u4", sizes["term_starts"])
        blob = self.array("terms", "<u1", TermDictionary.blob_bytes(starts))
        return TermDictionary(
            blob, starts, self.array("term_slots", "<u4", sizes["term_slots"]), count
        )

    def bodies(self, found: int, documents: int) -> ByteRows | None:
        """Return the bodies of ``documents``; None where the segment was made without."""
        if found not in {0, documents}:
            raise CorruptIndex(
                f"{self.name}: section 'header': found {found} bodies, needed {documents}"
            )
        rows = ByteRows.read(BODIES, self.sections, found, self.name)
        return rows if found or not documents else None
