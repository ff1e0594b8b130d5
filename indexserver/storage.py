"""A shard's folder: one writer at a time, whole states only.

`Storage.load` gives the state that was last sealed, every byte verified; `Storage.seal` replaces
it. A crash between the two leaves the old state and a file that nobody names, which the next
writer removes. With a memory budget, what is written here is where lists become cold (`budget`).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import structlog

from alicorn.errors import ConfigError, CorruptIndex
from alicorn.files import HALF_SUFFIX, write_whole
from indexserver.budget import MemoryBudget, cold_lists
from indexserver.config import ShardConfig
from indexserver.manifest import Manifest, SealedSegment
from indexserver.merge import merge
from indexserver.postings.builder import ChoosePacked
from indexserver.postings.segment import Segment
from indexserver.postings.thawed import THAW_BYTES, ThawedLists
from indexserver.view import SegmentView

__all__ = ["Storage", "StoredState"]

_log = structlog.get_logger(__name__)

_LOCK: Final = "lock"
_SUFFIX: Final = ".alc"

# A reader may find that a merge removed a file between manifest and opening; it looks again.
_ATTEMPTS: Final = 5

# Sizes of one class differ by less than this factor.
_SIZE_CLASS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class StoredState:
    """What is on disk."""

    sequence: int = 0
    """Last log sequence that it holds."""
    parts: tuple[SegmentView, ...] = field(default=())
    """One a file; the segment's name is the file's."""


class Storage:
    """The folder of one shard. Not for threads: the shard's writer calls it."""

    def __init__(self, config: ShardConfig) -> None:
        self._config = config
        self._lock: int | None = None
        self._next_file = 1
        budget = config.memory_budget_bytes
        self._budget = None if budget is None else MemoryBudget(budget)
        self._thawed = ThawedLists(THAW_BYTES if self._budget is None else self._budget.thawed)

    def load(self) -> StoredState:
        """Take the folder (when it is to be written) and return what it holds.

        Raises
        ------
        ConfigError
            If another process writes it, or it belongs to another shard.
        CorruptIndex
            If a file is damaged; says which, and how to go on.
        """
        if self._config.writable:
            self._take()
        for attempt in range(_ATTEMPTS):
            try:
                return self._load_once()
            except CorruptIndex as error:
                if self._config.writable or attempt == _ATTEMPTS - 1:
                    self.release()
                    raise CorruptIndex(
                        f"{error}; remove {self._config.directory} and start again: "
                        "it is rebuilt from the log"
                    ) from None
            except ConfigError:
                self.release()
                raise
        raise AssertionError  # the last attempt returns or raises

    def seal(
        self, stored: Sequence[SegmentView], live: Sequence[SegmentView], sequence: int
    ) -> StoredState:
        """Write ``live`` to a file, merge where there are many, and return the new state.

        Raises
        ------
        OutOfSpace
            If the disk is full; the folder holds its old state.
        """
        parts = [part for part in stored if part.live_documents]
        fresh = [part for part in live if part.live_documents]
        if fresh:
            parts.append(self._written(fresh, beside=parts))
        while crowd := self._crowd(parts) or self._to_cool(parts):
            parts = [part for part in parts if part not in crowd]
            parts.append(self._written(crowd, beside=parts))
        Manifest(
            shard=self._config.shard,
            shards=self._config.shards,
            sequence=sequence,
            next_file=self._next_file,
            segments=tuple(SealedSegment(part.segment.name, _dead(part)) for part in parts),
        ).save(self._config.directory)
        self._remove_strangers({part.segment.name for part in parts})
        return StoredState(sequence, tuple(parts))

    def release(self) -> None:
        """Give the folder back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take(self) -> None:
        directory = self._config.directory
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise ConfigError(
                f"index {directory} is written by another process; stop it, or open read-only"
            ) from None
        self._lock = handle

    def _load_once(self) -> StoredState:
        config = self._config
        manifest = Manifest.load(config.directory)
        if manifest is None:
            return StoredState()
        if (manifest.shard, manifest.shards) != (config.shard, config.shards):
            raise ConfigError(
                f"index {config.directory} is shard {manifest.shard} of {manifest.shards}, needed "
                f"{config.shard} of {config.shards}; remove it to build it again from the log"
            )
        self._next_file = manifest.next_file
        parts = []
        for sealed in manifest.segments:
            segment = Segment.open(config.directory / sealed.file, thawed=self._thawed)
            if sealed.dead.size and int(sealed.dead[-1]) >= segment.documents:
                raise CorruptIndex(f"{sealed.file}: section 'manifest' names unknown documents")
            live = None
            if sealed.dead.size:
                live = np.ones(segment.documents, dtype=np.bool_)
                live[sealed.dead] = False
            parts.append(SegmentView(segment, live))
        if config.writable:
            self._remove_strangers({sealed.file for sealed in manifest.segments})
        return StoredState(manifest.sequence, tuple(parts))

    def _written(
        self, parts: Sequence[SegmentView], *, beside: Sequence[SegmentView]
    ) -> SegmentView:
        """Return ``parts`` as one new file; ``beside`` is what else the shard will hold."""
        path = self._config.directory / f"segment-{self._next_file:06d}{_SUFFIX}"
        self._next_file += 1
        write_whole(path, merge(parts, packed=self._choice(parts, beside)), durable=True)
        segment = Segment.open(path, thawed=self._thawed)
        _log.info(
            "segment written",
            file=path.name,
            bytes=path.stat().st_size,
            merged=len(parts),
            cold_bytes=segment.cold_bytes,
        )
        return SegmentView(segment)

    def _choice(
        self, parts: Sequence[SegmentView], beside: Sequence[SegmentView]
    ) -> ChoosePacked | None:
        """Return what decides which lists of ``parts`` as one segment become cold."""
        if self._budget is None:
            return None
        documents = sum(part.live_documents for part in parts)
        others = sum(part.live_documents for part in beside)
        free = self._budget.warm - sum(part.segment.warm_bytes for part in beside)
        return cold_lists(max(min(free, self._budget.share(documents, documents + others)), 0))

    def _to_cool(self, parts: Sequence[SegmentView]) -> list[SegmentView]:
        """Return a segment to be written again because more or less of it should be cold."""
        if self._budget is None:
            # The budget was taken away.
            return [part for part in parts if part.segment.cold_bytes][:1]
        worst = self._budget.overfull(
            [part.segment.warm_bytes for part in parts], [part.live_documents for part in parts]
        )
        return [] if worst is None else [parts[worst]]

    def _crowd(self, parts: Sequence[SegmentView]) -> list[SegmentView]:
        """Return segments to be made one: a size class with too many, or one that is half dead."""
        for part in parts:
            if 2 * part.live_documents < part.segment.documents:
                return [part]
        classes: dict[int, list[SegmentView]] = {}
        for part in parts:
            size = 0
            while _SIZE_CLASS ** (size + 1) <= part.live_documents:
                size += 1
            classes.setdefault(size, []).append(part)
        for size in sorted(classes):
            if len(classes[size]) > self._config.merge_segments:
                return classes[size]
        return []

    def _remove_strangers(self, named: set[str]) -> None:
        """Remove segment files that no manifest names: left over, or merged into others."""
        for path in self._config.directory.iterdir():
            if path.name.endswith((_SUFFIX, HALF_SUFFIX)) and path.name not in named:
                path.unlink(missing_ok=True)


def _dead(part: SegmentView) -> npt.NDArray[np.uint32]:
    if part.live is None:
        return np.empty(0, dtype=np.uint32)
    return np.flatnonzero(~part.live).astype(np.uint32)
