"""The authoritative graph, read from the tables that the SQLite log keeps.

The privacy checker asks here, never the index. One `sight` is one SQL statement in one snapshot:
each photo asked about is looked up by its id, then as few of block, friendship and list as its
audience needs, each by primary key. A row that is missing anywhere means no.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Final

import numpy as np

from alicorn.documents import AudienceKind, PhotoDocument
from alicorn.errors import CorruptData, NotFound, ShapeError, UnknownViewer
from alicorn.log import codec, schema
from alicorn.log.connections import Readers
from alicorn.log.interface import Ids, Person, Reason, Sight
from alicorn.log.writes import MAX_ID, PutDocument

__all__ = ["SqliteGraph"]

# `ids` is a JSON array; `key` is the place in that array.
# The anonymous viewer 0 is nobody's friend, on no list, and not the author of ownerless photos.
# S608: only enum values are put into the text.
_SIGHT: Final = f"""
SELECT asked.key, photo.written, CASE
    WHEN :viewer <> 0 AND photo.author = :viewer THEN {Reason.OWN:d}
    WHEN EXISTS (SELECT 1 FROM blocks WHERE blocker = :viewer AND blocked = photo.author)
        THEN {Reason.NONE:d}
    WHEN EXISTS (SELECT 1 FROM blocks WHERE blocker = photo.author AND blocked = :viewer)
        THEN {Reason.NONE:d}
    WHEN photo.audience = {AudienceKind.PUBLIC:d} THEN {Reason.PUBLIC:d}
    WHEN :viewer = 0 THEN {Reason.NONE:d}
    WHEN photo.audience = {AudienceKind.FRIENDS:d}
        AND EXISTS (SELECT 1 FROM friendships WHERE person = :viewer AND friend = photo.author)
        AND EXISTS (SELECT 1 FROM friendships WHERE person = photo.author AND friend = :viewer)
        THEN {Reason.FRIEND:d}
    WHEN photo.audience = {AudienceKind.LIST:d}
        AND EXISTS (SELECT 1 FROM audience_members WHERE document = photo.id AND person = :viewer)
        THEN {Reason.LISTED:d}
    ELSE {Reason.NONE:d}
END
FROM json_each(:ids) AS asked CROSS JOIN documents AS photo ON photo.id = asked.value
WHERE photo.deleted = 0
"""  # noqa: S608

_FRIENDS: Final = """
SELECT half.friend FROM friendships AS half
JOIN friendships AS other ON other.person = half.friend AND other.friend = half.person
WHERE half.person = :viewer ORDER BY half.friend
"""

_BLOCKED: Final = """
SELECT blocked FROM blocks WHERE blocker = :viewer
UNION SELECT blocker FROM blocks WHERE blocked = :viewer ORDER BY 1
"""


class SqliteGraph:
    """`AuthoritativeGraph` over the file of a `SqliteLog`, of this process or another.

    Parameters
    ----------
    path : Path
        The log's file.
    busy_timeout_s : float
        How long a call waits for a file that is locked (while it is being repaired after a crash).

    Raises
    ------
    NotFound
        If there is no such file.
    ConfigError
        If it is not an update log, or is one of a newer Alicorn.
    CorruptData
        If it is damaged.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = 10.0) -> None:
        self._path = Path(path)
        if not self._path.is_file():
            raise NotFound(f"{self._path}: no update log there")
        self._readers = Readers(self._path, busy_timeout_s=busy_timeout_s)
        with self._readers.snapshot() as connection:
            schema.check(connection, self._path)

    def people(self) -> list[Person]:
        """Return everybody, by ascending id."""
        with self._readers.snapshot() as connection:
            rows = connection.execute("SELECT id, name FROM people ORDER BY id").fetchall()
        return [Person(id_, name) for id_, name in rows]

    def person(self, viewer: int) -> Person:
        """Return one person, or raise UnknownViewer."""
        with self._readers.snapshot() as connection:
            return _require_viewer(connection, viewer)

    def friends(self, viewer: int) -> Ids:
        """Return the friends of ``viewer``; see `AuthoritativeGraph.friends`."""
        return self._people_beside(viewer, _FRIENDS)

    def blocked(self, viewer: int) -> Ids:
        """Return whom ``viewer`` is apart from; see `AuthoritativeGraph.blocked`."""
        return self._people_beside(viewer, _BLOCKED)

    def sight(self, viewer: int, ids: Ids) -> Sight:
        """Return which photos ``viewer`` may see; see `AuthoritativeGraph.sight`."""
        asked = np.asarray(ids, dtype=np.uint64)
        if asked.ndim != 1:
            raise ShapeError(f"ids must have one dimension, got shape {asked.shape}")
        # No photo has an id beyond the range, nor the id 0.
        asked = np.where(asked > np.uint64(MAX_ID), np.uint64(0), asked)
        with self._readers.snapshot() as connection:
            if viewer != 0:
                _require_viewer(connection, viewer)
            rows = connection.execute(
                _SIGHT, {"viewer": viewer, "ids": json.dumps(asked.tolist())}
            ).fetchall()
        reason = np.full(asked.size, Reason.NONE, dtype=np.uint8)
        written = np.zeros(asked.size, dtype=np.uint64)
        for place, sequence, why in rows:
            written[place] = sequence
            reason[place] = why
        return Sight(allowed=reason != Reason.NONE, reason=reason, written=written)

    def photo_of(self, author: int, content_hash: bytes) -> int:
        """Return the photo of ``author`` with this content, or 0; `AuthoritativeGraph.photo_of`."""
        if not content_hash:
            return 0
        with self._readers.snapshot() as connection:
            known = connection.execute(
                "SELECT id FROM documents WHERE author = ? AND content_hash = ? AND deleted = 0 "
                "ORDER BY id LIMIT 1",
                (author, content_hash),
            ).fetchone()
        return 0 if known is None else int(known[0])

    def document(self, photo: int) -> PhotoDocument:
        """Return ``photo`` as it was last put; its audience may have been changed since.

        Raises
        ------
        NotFound
            If it is unknown or deleted.
        CorruptData
            If what the log has of it is no photo.
        """
        with self._readers.snapshot() as connection:
            found = connection.execute(
                "SELECT payload FROM documents JOIN entries ON sequence = written "
                "WHERE documents.id = ? AND deleted = 0",
                (min(photo, MAX_ID),),
            ).fetchone()
        if found is None:
            raise NotFound(f"there is no photo {photo}")
        write = codec.decode(found[0])
        if not isinstance(write, PutDocument):
            raise CorruptData(
                f"{self._path}: photo {photo} was written by a {type(write).__name__}"
            )
        return write.document

    def version(self) -> int:
        """Return the sequence of the last write that counts here; 0 before the first."""
        with self._readers.snapshot() as connection:
            (sequence,) = connection.execute(
                "SELECT coalesce(max(sequence), 0) FROM entries"
            ).fetchone()
        return int(sequence)

    def close(self) -> None:
        """Close the connections; later calls raise TryElsewhere."""
        self._readers.close()

    def _people_beside(self, viewer: int, statement: str) -> Ids:
        if viewer == 0:
            return np.empty(0, dtype=np.uint64)
        with self._readers.snapshot() as connection:
            _require_viewer(connection, viewer)
            rows = connection.execute(statement, {"viewer": viewer}).fetchall()
        return np.array([person for (person,) in rows], dtype=np.uint64)


def _require_viewer(connection: sqlite3.Connection, viewer: int) -> Person:
    if not 1 <= viewer <= MAX_ID:
        raise UnknownViewer(f"viewer must be a known person, got {viewer}")
    row = connection.execute("SELECT id, name FROM people WHERE id = ?", (viewer,)).fetchone()
    if row is None:
        raise UnknownViewer(f"viewer must be a known person, got {viewer}")
    return Person(*row)
