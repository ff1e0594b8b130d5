"""A new shard, filled at once with segments that were built beside it.

`Shard.apply` makes each batch of the log searchable before it takes the next. Where nobody searches
yet, segments can be built elsewhere, of whole runs of the log, and only be merged here: the folder
is then that of a shard which has applied the same entries and sealed them.
"""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from alicorn.documents.partition import partition_of, partitions_of_shard
from alicorn.errors import BadRequest, ConfigError
from indexserver.config import ShardConfig
from indexserver.postings.segment import Segment
from indexserver.storage import Storage, StoredState
from indexserver.view import SegmentView

__all__ = ["ShardFilling"]

_TOGETHER: Final = 65_536
"""Documents that are merged into one file: memory for them is needed at once."""


class ShardFilling:
    """The folder of a shard that holds nothing yet.

    Parameters
    ----------
    config : ShardConfig
        Writable.

    Raises
    ------
    ConfigError
        If the shard holds something already, or another process writes it.
    """

    def __init__(self, config: ShardConfig) -> None:
        self._config = config
        self._partitions = partitions_of_shard(config.shard, config.shards)
        self._storage = Storage(config)
        self._stored: StoredState = self._storage.load()
        self._waiting: list[SegmentView] = []
        self._sequence = 0
        if self._stored.sequence or self._stored.parts:
            self._storage.release()
            raise ConfigError(
                f"index {config.directory} holds the log up to {self._stored.sequence}, needed an "
                "empty one to fill"
            )

    def add(self, data: bytes) -> None:
        """Take in a segment, as `indexserver.postings.builder` makes them.

        Parameters
        ----------
        data : bytes
            Of the photos of this shard that a run of the log adds; the run begins behind those
            that were added before.

        Raises
        ------
        BadRequest
            If the run overlaps one before, or a photo belongs to another shard.
        OutOfSpace
            If the disk is full.
        """
        segment = Segment.read(data, f"filled-{self._sequence}")
        if segment.first_sequence <= self._sequence:
            raise BadRequest(
                f"segments must come in the order of the log, got one from "
                f"{segment.first_sequence} on after {self._sequence}"
            )
        for id_ in segment.columns["ids"].tolist():
            if partition_of(id_) not in self._partitions:
                raise BadRequest(
                    f"photo {id_} is in partition {partition_of(id_)}, shard "
                    f"{self._config.shard} holds {self._partitions}"
                )
        self._sequence = segment.last_sequence
        self._waiting.append(SegmentView(segment))
        if sum(part.live_documents for part in self._waiting) >= _TOGETHER:
            self._seal(self._sequence)

    def finish(self, sequence: int) -> None:
        """Write what is left: the shard holds the log up to ``sequence``.

        Raises
        ------
        BadRequest
            If a segment holds more of the log than that.
        OutOfSpace
            If the disk is full.
        """
        if sequence < self._sequence:
            raise BadRequest(f"a segment holds the log up to {self._sequence}, got {sequence}")
        self._seal(sequence)

    def _seal(self, sequence: int) -> None:
        self._stored = self._storage.seal(self._stored.parts, self._waiting, sequence)
        self._waiting = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._storage.release()
