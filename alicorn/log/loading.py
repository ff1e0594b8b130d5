"""What loading rows does to the tables: `apply` for thousands of new things at once.

Runs inside one transaction. Rows are checked as a whole: where they begin, that their photos are
new and that everybody whom they name is known.
"""

from __future__ import annotations

import json
import sqlite3

from alicorn.errors import BadRequest
from alicorn.log.bulk import Rows

__all__ = ["load"]


def load(connection: sqlite3.Connection, rows: Rows, next_sequence: int) -> None:
    """Put ``rows`` into the tables.

    Parameters
    ----------
    next_sequence : int
        Where the log goes on.

    Raises
    ------
    BadRequest
        If the rows do not begin there, have gaps, name an unknown person, or hold a photo that is
        not new.
    """
    sequences = [entry[0] for entry in rows.entries]
    if sequences != list(range(next_sequence, next_sequence + len(sequences))):
        raise BadRequest(
            f"rows must have the sequences from {next_sequence} on without gaps, "
            f"got {sequences[0]} to {sequences[-1]}: make them again from the log's end"
        )
    _check_new(connection, rows)
    connection.executemany(
        "INSERT INTO people (id, name) VALUES (?, ?) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        rows.people,
    )
    unknown = connection.execute(
        "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM people) LIMIT 1",
        (json.dumps(rows.named()),),
    ).fetchone()
    if unknown is not None:
        raise BadRequest(f"no person {unknown[0]}: put the person before what names them")
    connection.executemany(
        "INSERT OR IGNORE INTO friendships (person, friend) VALUES (?, ?)", sorted(rows.friendships)
    )
    connection.executemany(
        "INSERT OR IGNORE INTO blocks (blocker, blocked) VALUES (?, ?)", rows.blocks
    )
    connection.executemany(
        "INSERT INTO documents (id, author, audience, content_hash, uri, written, deleted) "
        "VALUES (?, ?, ?, ?, ?, ?, 0)",
        rows.documents,
    )
    connection.executemany(
        "INSERT INTO audience_members (document, person) VALUES (?, ?)", rows.members
    )
    connection.executemany(
        "INSERT INTO entries (sequence, partition, kind, id, payload) VALUES (?, ?, ?, ?, ?)",
        rows.entries,
    )


def _check_new(connection: sqlite3.Connection, rows: Rows) -> None:
    (greatest,) = connection.execute("SELECT coalesce(max(id), 0) FROM documents").fetchone()
    for id_, *_ in rows.documents:
        if id_ <= greatest:
            raise BadRequest(
                f"rows take new photos, by ascending id, got {id_} after {greatest}: "
                "append what may be known"
            )
        greatest = id_
