"""Connections to the log's SQLite file, and what its errors mean.

Several threads and processes use one file: SQLite's write-ahead log lets any number read, each in a
snapshot of its own, while one writes. Readers are lent from a pool, so that there are as many as
calls at a time, not as threads that ever called.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alicorn.errors import AlicornError, ConfigError, CorruptData, OutOfSpace, TryElsewhere

__all__ = ["Readers", "connect", "sqlite_errors"]

# By SQLite's primary result code: whom the caller should turn to, and the sentence that says it.
_MEANING: Final[dict[int, tuple[type[AlicornError], str]]] = {
    sqlite3.SQLITE_FULL: (OutOfSpace, "no room to write; nothing acknowledged was lost"),
    sqlite3.SQLITE_BUSY: (TryElsewhere, "locked by another writer for too long"),
    sqlite3.SQLITE_LOCKED: (TryElsewhere, "locked by another writer for too long"),
    sqlite3.SQLITE_PROTOCOL: (TryElsewhere, "locked by another writer for too long"),
    sqlite3.SQLITE_IOERR: (TryElsewhere, "the disk failed to read or write"),
    sqlite3.SQLITE_NOMEM: (TryElsewhere, "out of memory"),
    sqlite3.SQLITE_INTERRUPT: (TryElsewhere, "interrupted"),
    sqlite3.SQLITE_CANTOPEN: (ConfigError, "cannot be opened"),
    sqlite3.SQLITE_READONLY: (ConfigError, "cannot be written"),
    sqlite3.SQLITE_PERM: (ConfigError, "cannot be written"),
    sqlite3.SQLITE_CORRUPT: (CorruptData, "the update log is damaged"),
    sqlite3.SQLITE_NOTADB: (CorruptData, "the update log is damaged"),
}


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into Alicorn's, naming ``path``.

    A code that is not listed means that the tables are not as `schema` made them: CorruptData.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:  # raised by the Python module itself: the connection was closed
            raise TryElsewhere(f"{path}: the update log is closed ({error})") from error
        kind, meaning = _MEANING.get(code & 0xFF, (CorruptData, "not as its schema says"))
        raise kind(f"{path}: {meaning} ({error})") from error


def connect(path: Path, *, busy_timeout_s: float, read_only: bool) -> sqlite3.Connection:
    """Open ``path``, which must exist, in autocommit mode: transactions are written out.

    A reader opens the file for writing too, because the first to come after a crash has to bring
    the write-ahead log in order; `query_only` then keeps it from changing anything.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA synchronous = FULL")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


class Readers:
    """A pool of reading connections to one file."""

    def __init__(self, path: Path, *, busy_timeout_s: float) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection in a read transaction: whatever it reads is of one moment.

        Raises
        ------
        TryElsewhere, CorruptData, ConfigError
            As `sqlite_errors`; also TryElsewhere after `close`.
        """
        with sqlite_errors(self._path):
            connection = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.close()  # whatever state it is in, nobody gets it again
                raise
            self._give_back(connection)

    def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise TryElsewhere(f"{self._path}: the update log is closed")
            if self._idle:
                return self._idle.pop()
        return connect(self._path, busy_timeout_s=self._busy_timeout_s, read_only=True)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()
