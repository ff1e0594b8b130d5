"""Following the log: what was acknowledged becomes searchable.

One thread a process reads the log for all its shards and applies what it finds in batches. A shard
that fails to take a batch is tried again later, from the same place: nothing is passed over.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

import structlog

from alicorn.errors import AlicornError, ConfigError, CorruptData
from alicorn.log import UpdateLog
from indexserver.shard import Shard

__all__ = ["LogTail"]

_log = structlog.get_logger(__name__)

_BATCH: Final = 512
"""Entries read at once: about a second of writing segments in memory."""

_WAIT_S: Final = 0.5
"""How long the thread waits for news before it looks whether it should stop."""

_RETRY_S: Final = 2.0
"""How long it waits after a failure."""


class LogTail:
    """Applies the log to the shards of this process.

    Attributes
    ----------
    failure : AlicornError or None
        Why the last round failed; None when it did not.
    """

    def __init__(self, shards: Sequence[Shard], log: UpdateLog, *, batch: int = _BATCH) -> None:
        if not shards:
            raise ConfigError("a log needs at least one shard to be applied to, got none")
        self.failure: AlicornError | None = None
        self._shards = tuple(shards)
        self._log = log
        self._batch = batch
        self._partitions = sorted({p for shard in shards for p in shard.partitions})
        self._rounds = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def sequence(self) -> int:
        """Everything up to this log sequence is searchable."""
        return min(shard.sequence for shard in self._shards)

    def catch_up(self) -> int:
        """Apply everything that the log holds now; return the sequence reached.

        Raises
        ------
        CorruptData
            If a shard holds more than the log.
        AlicornError
            Whatever the log or a shard raises; calling again goes on from the same place.
        """
        with self._rounds:
            latest = self._latest()
            while (after := self.sequence) < latest and not self._stopping.is_set():
                entries = self._log.read(after, self._batch, self._partitions)
                # A batch that is not full ends what the log had for these partitions.
                through = entries[-1].sequence if len(entries) == self._batch else latest
                for shard in self._shards:
                    shard.apply(entries, through=through)
            return self.sequence

    def start(self) -> None:
        """Follow the log in a thread of its own until `stop`; CorruptData as `catch_up`."""
        if self._thread is not None:
            raise ConfigError("the log is followed already")
        self._latest()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._follow, name="log-tail", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop following, and seal what is in memory. Calling again is fine.

        Raises
        ------
        OutOfSpace
            If there is no room to seal; the log has everything, so nothing is lost.
        """
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        for shard in self._shards:
            if shard.config.writable:
                shard.seal()
        self._stopping.clear()

    def _latest(self) -> int:
        """Return the end of the log; CorruptData where it ends before a shard does.

        Then it is another log, or an older state of it that was put back: ids mean other photos in
        the shard than in the graph, and what the log says from here on would be passed over.
        """
        latest = self._log.latest()
        for shard in self._shards:
            if shard.sequence > latest:
                raise CorruptData(
                    f"shard {shard.config.shard} holds the log up to {shard.sequence}, found a log "
                    f"up to {latest}: remove {shard.config.directory} and start again: it is "
                    "rebuilt from the log"
                )
        return latest

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                self._log.wait(self.sequence, _WAIT_S)
                self.catch_up()
                self.failure = None
            except AlicornError as error:
                if self._stopping.is_set():
                    return
                self.failure = error
                _log.warning("the log could not be applied; trying again", reason=str(error))
                self._stopping.wait(_RETRY_S)
