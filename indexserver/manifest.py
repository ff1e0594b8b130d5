"""The manifest: which files a shard consists of, what is dead in them, and its place in the log.

One JSON file, replaced whole, so that a shard is always at one place in the log: segments, dead
documents and sequence change together. Files that it does not name are left-overs of a crash.

    {"format": 0, "shard": 0, "shards": 2, "sequence": 812, "next_file": 3,
     "segments": [{"file": "segment-000002.alc", "dead": "<base64 of u32 local ids>"}],
     "xxh64": "<of the rest>"}
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.checked_json import dump_checked, load_checked
from alicorn.errors import CorruptIndex
from alicorn.files import write_whole

__all__ = ["MANIFEST", "Manifest", "SealedSegment"]

MANIFEST: Final = "manifest.json"
_FORMAT: Final = 0


@dataclass(frozen=True, slots=True, eq=False)
class SealedSegment:
    """One segment file."""

    file: str
    dead: npt.NDArray[np.uint32]
    """Local ids that are deleted or replaced, ascending."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Manifest:
    """What a shard has on disk."""

    shard: int
    shards: int
    sequence: int = 0
    """Last log sequence that the files hold."""
    next_file: int = 1
    """Number of the next segment file; numbers are never used again."""
    segments: tuple[SealedSegment, ...] = ()

    @classmethod
    def load(cls, directory: Path) -> Manifest | None:
        """Read the manifest of ``directory``; None if there is none.

        Raises
        ------
        CorruptIndex
            If it is not as it was written.
        """
        path = directory / MANIFEST
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        name = f"{MANIFEST}: section 'manifest'"
        content = load_checked(data, name, version=_FORMAT, corrupt=CorruptIndex)
        return cls(
            shard=content["shard"],
            shards=content["shards"],
            sequence=content["sequence"],
            next_file=content["next_file"],
            segments=tuple(
                SealedSegment(
                    entry["file"], np.frombuffer(base64.b64decode(entry["dead"]), dtype="<u4")
                )
                for entry in content["segments"]
            ),
        )

    def save(self, directory: Path) -> None:
        """Replace the manifest of ``directory``, durably.

        Raises
        ------
        OutOfSpace
            If the disk is full; the old manifest stays.
        """
        content: dict[str, Any] = {
            "format": _FORMAT,
            "next_file": self.next_file,
            "segments": [
                {
                    "dead": base64.b64encode(segment.dead.astype("<u4").tobytes()).decode(),
                    "file": segment.file,
                }
                for segment in self.segments
            ],
            "sequence": self.sequence,
            "shard": self.shard,
            "shards": self.shards,
        }
        write_whole(directory / MANIFEST, dump_checked(content), durable=True)
