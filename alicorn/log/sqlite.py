"""The update log in one SQLite file: what one machine needs.

One `append` is one transaction, which changes the log and the authoritative tables together and is
on disk when it returns (write-ahead log, ``synchronous = FULL``). SQLite lets one writer in at a
time, so sequences become visible in their order: a reader that has seen entry 7 will never find a
new entry 6. Several processes may have the file open.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog

from alicorn.errors import BadRequest, ConfigError, CorruptData, TryElsewhere
from alicorn.log import codec, loading, schema
from alicorn.log.apply import apply
from alicorn.log.bulk import Rows
from alicorn.log.connections import Readers, connect, sqlite_errors
from alicorn.log.entry import Entry, EntryKind, id_of, kind_of, partition_of_write
from alicorn.log.interface import Acknowledged
from alicorn.log.writes import MAX_ID, Write

__all__ = ["SqliteLog"]

_logger = structlog.get_logger(__name__)

# How late another process's write may be noticed by `wait`. One look costs some microseconds; a
# write of this process wakes waiters at once.
_POLL_S: Final = 0.010
_DIGEST_BYTES: Final = 16
_OLDEST_SQLITE: Final = (3, 38, 0)  # strict tables and json_each without a build option


class SqliteLog:
    """`UpdateLog` in the file ``path``, made if it is not there, readable by its owner alone.

    Parameters
    ----------
    path : Path
        Its folder must exist.
    busy_timeout_s : float
        How long a write waits for another writer before it raises TryElsewhere.
    max_bytes : int or None
        Bound on the size of the file; writes beyond it raise OutOfSpace.

    Raises
    ------
    ConfigError
        If the file cannot be opened, is not an update log, or is one of a newer Alicorn.
    CorruptData
        If it is damaged.
    TryElsewhere
        If it is locked for too long.
    """

    def __init__(
        self, path: Path, *, busy_timeout_s: float = 10.0, max_bytes: int | None = None
    ) -> None:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            needed = ".".join(map(str, _OLDEST_SQLITE))
            raise ConfigError(f"sqlite must be {needed} or newer, got {sqlite3.sqlite_version}")
        self._path = Path(path)
        self._busy_timeout_s = busy_timeout_s
        self._write_lock = threading.Lock()
        self._grown = threading.Condition()
        self._readers = Readers(self._path, busy_timeout_s=busy_timeout_s)
        self._closed = False
        self._writer = self._open(max_bytes)

    def append(self, entries: Sequence[Write]) -> list[Acknowledged]:
        """Append ``entries``, all or none; see `UpdateLog.append`."""
        if not entries:
            return []
        with self._transaction() as connection:
            acknowledged = [self._append_one(connection, write) for write in entries]
        with self._grown:
            self._grown.notify_all()
        return acknowledged

    def load(self, rows: Rows) -> None:
        """Append what `alicorn.log.bulk` made rows of, all or none; it is on disk and counts then.

        Raises
        ------
        BadRequest
            If the rows do not begin where the log ends, name an unknown person, or hold a photo
            that is not new.
        OutOfSpace, TryElsewhere, CorruptData
            As `append`.
        """
        if not rows.entries:
            return
        with self._transaction() as connection:
            loading.load(connection, rows, _next_sequence(connection))
        with self._grown:
            self._grown.notify_all()

    def read(
        self, after: int, limit: int, partitions: Collection[int] | None = None
    ) -> list[Entry]:
        """Return entries in order; see `UpdateLog.read`."""
        if limit < 1:
            raise BadRequest(f"limit must be at least 1, got {limit}")
        kept = (
            ""
            if partitions is None
            else "AND partition IN (SELECT value FROM json_each(:partitions))"
        )
        # Sequences are unsigned on the wire; nothing comes after the greatest signed one.
        arguments: dict[str, object] = {"after": min(after, MAX_ID), "limit": min(limit, MAX_ID)}
        if partitions is not None:
            arguments["partitions"] = json.dumps([int(partition) for partition in partitions])
        with self._readers.snapshot() as connection:
            rows = connection.execute(
                # S608: `kept` is one of the two constants above.
                "SELECT sequence, partition, kind, id, payload FROM entries "  # noqa: S608
                f"WHERE sequence > :after {kept} ORDER BY sequence LIMIT :limit",
                arguments,
            ).fetchall()
        try:
            return [
                Entry(sequence, partition, EntryKind(kind), id_, payload)
                for sequence, partition, kind, id_, payload in rows
            ]
        except ValueError as error:
            raise CorruptData(f"{self._path}: entries: {error}") from None

    def latest(self) -> int:
        """Return the sequence of the last entry; 0 for an empty log."""
        with self._readers.snapshot() as connection:
            (sequence,) = connection.execute(
                "SELECT coalesce(max(sequence), 0) FROM entries"
            ).fetchone()
        return int(sequence)

    def wait(self, after: int, timeout_s: float) -> int:
        """Return `latest` once it is greater than ``after``; see `UpdateLog.wait`."""
        deadline = time.monotonic() + timeout_s
        while True:
            latest = self.latest()
            remaining_s = deadline - time.monotonic()
            if latest > after or remaining_s <= 0:
                return latest
            with self._grown:
                self._grown.wait(min(remaining_s, _POLL_S))

    def close(self) -> None:
        """Close the file. A write in progress is finished first; waiters raise TryElsewhere."""
        with self._write_lock:
            self._closed = True
            self._writer.close()
        self._readers.close()
        with self._grown:
            self._grown.notify_all()

    def _open(self, max_bytes: int | None) -> sqlite3.Connection:
        try:
            # Whose photos are for whom is nobody else's business on a shared machine.
            self._path.touch(mode=0o600, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"{self._path}: cannot be opened ({error.strerror})") from error
        with sqlite_errors(self._path):
            connection = connect(self._path, busy_timeout_s=self._busy_timeout_s, read_only=False)
            try:
                self._prepare(connection, max_bytes)
            except BaseException:
                connection.close()
                raise
        return connection

    def _prepare(self, connection: sqlite3.Connection, max_bytes: int | None) -> None:
        self._use_write_ahead_log(connection)
        connection.execute("BEGIN IMMEDIATE")
        schema.create(connection)
        connection.execute("COMMIT")
        schema.check(connection, self._path)
        if max_bytes is not None:
            (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
            connection.execute(f"PRAGMA max_page_count = {max(max_bytes // page_bytes, 1)}")

    def _use_write_ahead_log(self, connection: sqlite3.Connection) -> None:
        # SQLite does not wait for the lock when two processes change the mode of a new file at
        # once: it answers busy immediately, so the waiting is ours.
        deadline = time.monotonic() + self._busy_timeout_s
        while True:
            try:
                (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() > deadline:
                    raise
                time.sleep(_POLL_S)
            else:
                break
        if mode != "wal":
            raise ConfigError(
                f"{self._path}: its file system must be a local one that can share memory between "
                f"processes, got journal mode {mode}"
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if not self._write_lock.acquire(timeout=self._busy_timeout_s):
            raise TryElsewhere(f"{self._path}: locked by another writer for too long")
        try:
            if self._closed:
                raise TryElsewhere(f"{self._path}: the update log is closed")
            with sqlite_errors(self._path):
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                    self._writer.execute("COMMIT")
                except BaseException as error:
                    # SQLite itself has rolled back already after some errors (a full disk).
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
                    _logger.debug("write refused", path=str(self._path), error=str(error))
                    raise
        finally:
            self._write_lock.release()

    def _append_one(self, connection: sqlite3.Connection, write: Write) -> Acknowledged:
        digest = hashlib.blake2b(codec.encode(write), digest_size=_DIGEST_BYTES).digest()
        if write.idempotency_key:
            known = connection.execute(
                "SELECT sequence, id, digest FROM idempotency WHERE key = ?",
                (write.idempotency_key,),
            ).fetchone()
            if known is not None:
                sequence, id_, known_digest = known
                if known_digest != digest:
                    raise BadRequest(
                        f"idempotency key {write.idempotency_key!r} was used for another write"
                    )
                return Acknowledged(sequence, id_)
        sequence = _next_sequence(connection)
        counted = apply(connection, write, sequence)
        connection.execute(
            "INSERT INTO entries (sequence, partition, kind, id, payload) VALUES (?, ?, ?, ?, ?)",
            (
                sequence,
                partition_of_write(counted),
                int(kind_of(counted)),
                id_of(counted),
                codec.encode(counted),
            ),
        )
        acknowledged = Acknowledged(sequence, id_of(counted))
        if write.idempotency_key:
            connection.execute(
                "INSERT INTO idempotency (key, sequence, id, digest) VALUES (?, ?, ?, ?)",
                (write.idempotency_key, acknowledged.sequence, acknowledged.id, digest),
            )
        return acknowledged


def _next_sequence(connection: sqlite3.Connection) -> int:
    """Return the place of the next entry; SQLite counts on where trimmed entries ended."""
    last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
    return 1 if last is None else int(last[0]) + 1
