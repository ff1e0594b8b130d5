"""What a write does to the authoritative tables.

Runs inside the transaction that also appends the entry. Each function checks what the write names,
changes the tables and returns the write *as it counts*: with the id assigned and the audience
settled, so that whoever replays the log comes to the same state without asking again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from alicorn.documents import Audience, AudienceKind, PhotoDocument
from alicorn.errors import BadRequest, NotFound, OutOfSpace
from alicorn.log.writes import (
    MAX_ID,
    DeleteDocument,
    PutBlock,
    PutDocument,
    PutFriendship,
    PutPerson,
    RemoveBlock,
    RemoveFriendship,
    SetAudience,
    Write,
)

__all__ = ["apply"]


def apply(connection: sqlite3.Connection, write: Write, sequence: int) -> Write:
    """Change the tables as ``write`` says; return it as it counts.

    ``sequence`` is the place that the write will have in the log.

    Raises
    ------
    BadRequest
        If it names a person who is unknown.
    NotFound
        If it deletes, or gives an audience to, a photo that is unknown.
    OutOfSpace
        If no id is left for a new photo.
    """
    match write:
        case PutDocument():
            return _put_document(connection, write, sequence)
        case DeleteDocument():
            _delete_document(connection, write)
        case SetAudience():
            return _set_audience(connection, write)
        case PutPerson():
            connection.execute(
                "INSERT INTO people (id, name) VALUES (?, ?) "
                "ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                (write.id, write.name),
            )
        case PutFriendship():
            _require_people(connection, (write.a, write.b))
            connection.executemany(
                "INSERT OR IGNORE INTO friendships (person, friend) VALUES (?, ?)",
                ((write.a, write.b), (write.b, write.a)),
            )
        case RemoveFriendship():
            _require_people(connection, (write.a, write.b))
            connection.executemany(
                "DELETE FROM friendships WHERE person = ? AND friend = ?",
                ((write.a, write.b), (write.b, write.a)),
            )
        case PutBlock():
            _require_people(connection, (write.a, write.b))
            connection.execute(
                "INSERT OR IGNORE INTO blocks (blocker, blocked) VALUES (?, ?)", (write.a, write.b)
            )
        case RemoveBlock():
            _require_people(connection, (write.a, write.b))
            connection.execute(
                "DELETE FROM blocks WHERE blocker = ? AND blocked = ?", (write.a, write.b)
            )
        case _:
            assert_never(write)
    return write


def _put_document(connection: sqlite3.Connection, write: PutDocument, sequence: int) -> PutDocument:
    document = write.document
    if document.author:
        _require_people(connection, (document.author,))
    if document.id == 0:
        document = _identified(connection, document)
    audience = _settled(connection, document.audience)
    document = replace(document, audience=audience, written=sequence)
    connection.execute(
        "INSERT INTO documents (id, author, audience, content_hash, uri, written, deleted) "
        "VALUES (?, ?, ?, ?, ?, ?, 0) "
        "ON CONFLICT (id) DO UPDATE SET author = excluded.author, audience = excluded.audience, "
        "content_hash = excluded.content_hash, uri = excluded.uri, written = excluded.written, "
        "deleted = 0",
        (
            document.id,
            document.author,
            int(audience.kind),
            document.content_hash,
            document.uri,
            sequence,
        ),
    )
    _replace_members(connection, document.id, audience.members)
    return replace(write, document=document)


def _identified(connection: sqlite3.Connection, document: PhotoDocument) -> PhotoDocument:
    """Return ``document`` as the author's known photo with the same content, else as a new one."""
    if document.content_hash:
        known = connection.execute(
            "SELECT id, audience FROM documents "
            "WHERE author = ? AND content_hash = ? AND deleted = 0 ORDER BY id LIMIT 1",
            (document.author, document.content_hash),
        ).fetchone()
        if known is not None:
            photo, kind = known
            audience = _stored_audience(connection, photo, kind)
            return replace(document, id=photo, audience=audience)
    (next_id,) = connection.execute("SELECT coalesce(max(id), 0) FROM documents").fetchone()
    if next_id >= MAX_ID:
        raise OutOfSpace(f"no id is left for a new photo, the greatest taken is {next_id}")
    return replace(document, id=next_id + 1)


def _delete_document(connection: sqlite3.Connection, write: DeleteDocument) -> None:
    changed = connection.execute("UPDATE documents SET deleted = 1 WHERE id = ?", (write.id,))
    if changed.rowcount == 0:
        raise NotFound(f"no photo {write.id} to delete")
    _replace_members(connection, write.id, ())


def _set_audience(connection: sqlite3.Connection, write: SetAudience) -> SetAudience:
    audience = _settled(connection, write.audience)
    changed = connection.execute(
        "UPDATE documents SET audience = ? WHERE id = ? AND deleted = 0",
        (int(audience.kind), write.id),
    )
    if changed.rowcount == 0:
        raise NotFound(f"no photo {write.id} to give an audience to")
    _replace_members(connection, write.id, audience.members)
    return replace(write, audience=audience)


def _settled(connection: sqlite3.Connection, audience: Audience) -> Audience:
    """Return ``audience`` with its members known, ascending, each once."""
    _require_people(connection, audience.members)
    return Audience(audience.kind, tuple(sorted(set(audience.members))))


def _stored_audience(connection: sqlite3.Connection, photo: int, kind: int) -> Audience:
    if kind not in set(AudienceKind):
        return Audience(AudienceKind.ONLY_ME)  # written by a newer version: fail closed
    members = connection.execute(
        "SELECT person FROM audience_members WHERE document = ? ORDER BY person", (photo,)
    )
    stored = tuple(person for (person,) in members)
    return Audience(AudienceKind(kind), stored if kind == AudienceKind.LIST else ())


def _replace_members(connection: sqlite3.Connection, photo: int, members: Iterable[int]) -> None:
    connection.execute("DELETE FROM audience_members WHERE document = ?", (photo,))
    connection.executemany(
        "INSERT INTO audience_members (document, person) VALUES (?, ?)",
        ((photo, person) for person in members),
    )


def _require_people(connection: sqlite3.Connection, people: Iterable[int]) -> None:
    for person in people:
        found = connection.execute("SELECT 1 FROM people WHERE id = ?", (person,)).fetchone()
        if found is None:
            raise BadRequest(f"no person {person}: put the person before what names them")
