"""Rows of bytes of any length, one after the other, and where each begins.

    <name>         the rows
    <name>_starts  u16 a row, or u32 where that is too little: where it begins in its group
    <name>_bases   u64 for each group of 64 rows, and one more: where it begins; the end

Two rows of 3 and 5 bytes have starts 0, 3 and bases 0, 8. Some two bytes a row instead of eight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from alicorn.errors import CorruptIndex

__all__ = ["ByteRows", "FlatBytes", "flat_bytes"]

FlatBytes: TypeAlias = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]
"""Rows one after the other, and where each begins and the last ends: (rows + 1,)."""

_GROUP: Final = 64


def flat_bytes(rows: list[bytes]) -> FlatBytes:
    """Return ``rows`` as one run of bytes and their offsets."""
    offsets = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return np.frombuffer(b"".join(rows), dtype=np.uint8), offsets


@dataclass(frozen=True, slots=True, eq=False)
class ByteRows:
    """Rows of bytes over mapped arrays."""

    blob: memoryview
    starts: npt.NDArray[np.uint16] | npt.NDArray[np.uint32]
    """Shape (rows,)."""
    bases: npt.NDArray[np.uint64]
    """Shape (groups + 1,)."""

    @staticmethod
    def encode(name: str, rows: FlatBytes) -> dict[str, bytes]:
        """Return the sections of ``rows``; the same rows give the same bytes."""
        blob, offsets = rows
        count = offsets.size - 1
        bases = np.append(offsets[:-1:_GROUP], offsets[-1]).astype(np.uint64)
        starts = offsets[:-1] - offsets[:-1:_GROUP].repeat(_GROUP)[:count]
        kind = np.uint16 if not count or int(starts.max()) < 1 << 16 else np.uint32
        return {
            name: blob.tobytes(),
            f"{name}_starts": starts.astype(kind).tobytes(),
            f"{name}_bases": bases.tobytes(),
        }

    @classmethod
    def read(cls, name: str, sections: Mapping[str, memoryview], count: int, file: str) -> ByteRows:
        """Return the rows of ``sections``.

        Raises
        ------
        CorruptIndex
            If a section is missing or does not fit the others; names ``file`` and section.
        """
        names = (name, f"{name}_starts", f"{name}_bases")
        for section in names:
            if section not in sections:
                raise CorruptIndex(f"{file}: section '{section}' is missing")
        blob, starts, bases = (sections[section] for section in names)
        width = 4 if len(starts) == 4 * count and count else 2
        groups = -(-count // _GROUP) + 1
        for section, found, needed in (
            (names[1], len(starts), width * count),
            (names[2], len(bases), 8 * groups),
        ):
            if found != needed:
                raise CorruptIndex(
                    f"{file}: section '{section}': found {found} bytes, needed {needed}"
                )
        places = np.frombuffer(bases, dtype="<u8")
        if int(places[-1]) != len(blob):
            raise CorruptIndex(
                f"{file}: section '{name}': found {len(blob)} bytes, needed {int(places[-1])}"
            )
        return cls(blob, np.frombuffer(starts, dtype=f"<u{width}"), places)

    def span(self, row: int) -> tuple[int, int]:
        """Return where ``row`` begins and ends."""
        after = row + 1
        end = (
            int(self.bases[-1])
            if after == self.starts.size
            else int(self.bases[after // _GROUP]) + int(self.starts[after])
        )
        return int(self.bases[row // _GROUP]) + int(self.starts[row]), end

    def __getitem__(self, row: int) -> memoryview:
        start, end = self.span(row)
        return self.blob[start:end]

    def flat(self) -> FlatBytes:
        """Return all rows."""
        count = self.starts.size
        offsets = np.empty(count + 1, dtype=np.int64)
        offsets[:-1] = self.bases[:-1].astype(np.int64).repeat(_GROUP)[:count] + self.starts
        offsets[-1] = self.bases[-1]
        return np.frombuffer(self.blob, dtype=np.uint8), offsets
