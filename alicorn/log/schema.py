"""Tables of the SQLite log, version 2.

`entries` is the log; the other tables are the authoritative graph, changed in the same transaction.
Rows of `documents` stay when a photo is deleted, so that an id is never given out twice. A
friendship is two rows, one for each direction, and stands only while both are there.

The file says whose it is in SQLite's own header fields: ``application_id`` is ``Alcn`` and
``user_version`` is the version of these tables.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from alicorn.errors import ConfigError

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "check", "create"]

APPLICATION_ID: Final = int.from_bytes(b"Alcn", "big")
SCHEMA_VERSION: Final = 2

# The payload stands last in its row: a scan that filters by partition then never touches the
# overflow pages that hold most of it.
_TABLES: Final = (
    """CREATE TABLE entries (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        partition INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        id INTEGER NOT NULL,
        payload BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE idempotency (
        key TEXT PRIMARY KEY,
        sequence INTEGER NOT NULL,
        id INTEGER NOT NULL,
        digest BLOB NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE documents (
        id INTEGER PRIMARY KEY CHECK (id > 0),
        author INTEGER NOT NULL,
        audience INTEGER NOT NULL,
        content_hash BLOB NOT NULL,
        uri TEXT NOT NULL,
        written INTEGER NOT NULL,
        deleted INTEGER NOT NULL
    ) STRICT""",
    """CREATE INDEX documents_by_content ON documents (author, content_hash)
       WHERE deleted = 0""",
    """CREATE TABLE audience_members (
        document INTEGER NOT NULL,
        person INTEGER NOT NULL,
        PRIMARY KEY (document, person)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE people (
        id INTEGER PRIMARY KEY CHECK (id > 0),
        name TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE friendships (
        person INTEGER NOT NULL,
        friend INTEGER NOT NULL,
        PRIMARY KEY (person, friend)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE blocks (
        blocker INTEGER NOT NULL,
        blocked INTEGER NOT NULL,
        PRIMARY KEY (blocker, blocked)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX blocks_by_blocked ON blocks (blocked, blocker)",
)


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database; leave any other as it is.

    Must run inside a write transaction, so that of several processes one makes them.
    """
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if objects or _header(connection) != (0, 0):
        return
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Check that the database is an update log of a version that is known here.

    Raises
    ------
    ConfigError
        If another program made it, or a newer Alicorn.
    """
    application, version = _header(connection)
    if application != APPLICATION_ID:
        raise ConfigError(
            f"{path}: not an update log, found application id {application:#x}, "
            f"needed {APPLICATION_ID:#x}"
        )
    if version != SCHEMA_VERSION:
        raise ConfigError(
            f"{path}: found an update log of schema version {version}, needed version "
            f"{SCHEMA_VERSION}: use the alicorn that wrote it, or remove the library's folder and "
            "index again"
        )


def _header(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version
