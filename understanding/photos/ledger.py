"""The ledger: which files were understood, so that none is understood twice.

One row a file of the photo folder, in an SQLite database of the library:

    uri, bytes, mtime_ns    the file as it was when it was last looked at
    hash                    BLAKE2b-256 of its content; NULL when it was never understood
    document                what was understood of the picture alone (`alicorn.documents.codec`)
    owner, described        whose it is, and a digest of what the shelf said of it
    photo_id                its id in the log; NULL for an exact copy of a photo of the same owner
    kind, reason            why it was not understood; NULL when it was
    stale                   1 from when the file was seen to be changed or gone until it is settled

A file whose size and time are unchanged is known. A new file with the content of a known one is
the same photo under a new uri: the stored document is described anew. Files of one owner with the
same content are one photo, of which one row carries the id; a trigger notes every id that no row
carries any more (table `orphans`), until the caller has deleted that photo.

The ledger can be lost without loss: everything is understood again, and the log gives the same
ids to the same contents. So it is written without waiting for the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from alicorn.documents import PhotoDocument
from alicorn.documents.codec import decode, encode
from alicorn.errors import ConfigError, CorruptData, OutOfSpace
from understanding.photos.outcome import Failed, FailureKind
from understanding.photos.scan import FoundPhoto

__all__ = ["Gone", "KnownPhoto", "Ledger"]

_VERSION: Final = 1

_SCHEMA: Final = """
CREATE TABLE photos (
    uri TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    hash BLOB,
    document BLOB,
    owner INTEGER,
    described BLOB,
    photo_id INTEGER,
    kind TEXT,
    reason TEXT,
    stale INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX photos_by_hash ON photos (hash, owner);
CREATE INDEX photos_by_bytes ON photos (bytes);
CREATE INDEX photos_by_id ON photos (photo_id);
CREATE TABLE orphans (id INTEGER PRIMARY KEY, uri TEXT NOT NULL);
CREATE TRIGGER orphaned_by_delete AFTER DELETE ON photos
    WHEN OLD.photo_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM photos WHERE photo_id = OLD.photo_id)
    BEGIN INSERT OR REPLACE INTO orphans VALUES (OLD.photo_id, OLD.uri); END;
CREATE TRIGGER orphaned_by_update AFTER UPDATE OF photo_id ON photos
    WHEN OLD.photo_id IS NOT NULL AND OLD.photo_id IS NOT NEW.photo_id
    AND NOT EXISTS (SELECT 1 FROM photos WHERE photo_id = OLD.photo_id)
    BEGIN INSERT OR REPLACE INTO orphans VALUES (OLD.photo_id, OLD.uri); END;
CREATE TRIGGER adopted_by_insert AFTER INSERT ON photos WHEN NEW.photo_id IS NOT NULL
    BEGIN DELETE FROM orphans WHERE id = NEW.photo_id; END;
CREATE TRIGGER adopted_by_update AFTER UPDATE OF photo_id ON photos WHEN NEW.photo_id IS NOT NULL
    BEGIN DELETE FROM orphans WHERE id = NEW.photo_id; END;
"""

_COLUMNS: Final = "uri, bytes, mtime_ns, hash, document, owner, described, photo_id, kind, reason"


@dataclass(frozen=True, slots=True)
class KnownPhoto:
    """One row: a file that was looked at."""

    found: FoundPhoto
    document: PhotoDocument | None
    """What was understood of the picture; None when it failed."""
    described: bytes
    photo_id: int | None
    failure: Failed | None


@dataclass(frozen=True, slots=True)
class Gone:
    """A photo whose file is no longer there, or has another content or owner now."""

    id: int
    uri: str
    """Where it was last."""


class Ledger:
    """The database: one thread writes, others may read meanwhile.

    Raises
    ------
    OutOfSpace
        By every method that writes, when the disk is full.
    CorruptData
        By every method, when the file is damaged: delete it, everything is understood again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._errors():
            # SQLite itself lets threads take turns.
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in {0, _VERSION}:
                raise ConfigError(f"{path} is a ledger of version {version}, known is {_VERSION}")
            if version == 0:
                self._db.executescript(
                    f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;"
                )

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def files(self) -> dict[str, tuple[int, int]]:
        """Return size in bytes and mtime_ns of every file in the ledger, by uri."""
        with self._errors():
            rows = self._db.execute("SELECT uri, bytes, mtime_ns FROM photos").fetchall()
        return {uri: (size, mtime_ns) for uri, size, mtime_ns in rows}

    def described(self) -> dict[str, bytes]:
        """Return the digest of what was said of every file, by uri; empty for a failed one."""
        with self._errors():
            rows = self._db.execute("SELECT uri, described FROM photos").fetchall()
        return {uri: digest or b"" for uri, digest in rows}

    def retryable(self) -> set[str]:
        """Return the uris whose failure may pass."""
        with self._errors():
            rows = self._db.execute(
                "SELECT uri FROM photos WHERE kind = ?", (FailureKind.UNAVAILABLE.value,)
            ).fetchall()
        return {uri for (uri,) in rows}

    def get(self, uri: str) -> KnownPhoto | None:
        """Return the row of ``uri``, or None."""
        return self._one("WHERE uri = ?", uri)

    def with_content(self, content_hash: bytes) -> KnownPhoto | None:
        """Return a file that had this content when it was understood, gone or not; or None."""
        return self._one("WHERE hash = ? ORDER BY photo_id IS NULL, uri LIMIT 1", content_hash)

    def has_size(self, size: int) -> bool:
        """Whether some understood file has ``size`` bytes: others need not be hashed."""
        with self._errors():
            found = self._db.execute(
                "SELECT 1 FROM photos WHERE bytes = ? AND hash IS NOT NULL LIMIT 1", (size,)
            ).fetchone()
        return found is not None

    def published_elsewhere(self, content_hash: bytes, owner: int, uri: str) -> bool:
        """Whether another file, there and unchanged, carries the id of this content and owner."""
        with self._errors():
            found = self._db.execute(
                "SELECT 1 FROM photos WHERE hash = ? AND owner = ? AND uri <> ?"
                " AND photo_id IS NOT NULL AND stale = 0 LIMIT 1",
                (content_hash, owner, uri),
            ).fetchone()
        return found is not None

    def unpublished(self) -> list[str]:
        """Return one uri for each content and owner of which no file carries an id; ascending."""
        with self._errors():
            rows = self._db.execute(
                "SELECT MIN(uri) FROM photos WHERE hash IS NOT NULL AND stale = 0"
                " GROUP BY hash, owner HAVING MAX(photo_id) IS NULL ORDER BY 1"
            ).fetchall()
        return [uri for (uri,) in rows]

    def mark_stale(self, uris: Collection[str]) -> None:
        """Note that these files changed or are gone; `record` and `forget` settle them."""
        with self._transaction():
            self._db.executemany(
                "UPDATE photos SET stale = 1 WHERE uri = ?", [(uri,) for uri in uris]
            )

    def record_understood(
        self,
        found: FoundPhoto,
        document: PhotoDocument,
        *,
        owner: int,
        described: bytes,
        photo_id: int | None,
    ) -> None:
        """Note that ``found`` was understood as ``document``; ``photo_id`` None is a copy."""
        self._record(
            found, (document.content_hash, encode(document), owner, described, photo_id, None, None)
        )

    def record_failed(self, found: FoundPhoto, failed: Failed) -> None:
        """Note that ``found`` was not understood, and why."""
        self._record(found, (None, None, None, None, None, failed.kind.value, failed.reason))

    def forget(self, uris: Collection[str]) -> None:
        """Drop the rows of these files; ids that nobody carries any more become orphans."""
        with self._transaction():
            self._db.executemany("DELETE FROM photos WHERE uri = ?", [(uri,) for uri in uris])

    def orphans(self) -> list[Gone]:
        """Return the photos that no file stands for any more, by id ascending."""
        with self._errors():
            rows = self._db.execute("SELECT id, uri FROM orphans ORDER BY id").fetchall()
        return [Gone(number, uri) for number, uri in rows]

    def deleted(self, photo_id: int) -> None:
        """Note that the photo with this id was deleted from the log."""
        with self._errors():
            self._db.execute("DELETE FROM orphans WHERE id = ?", (photo_id,))

    def failures(self) -> list[Failed]:
        """Return every file that was not understood, by uri ascending."""
        with self._errors():
            rows = self._db.execute(
                "SELECT uri, kind, reason FROM photos WHERE kind IS NOT NULL ORDER BY uri"
            ).fetchall()
        return [Failed(uri, FailureKind(kind), reason) for uri, kind, reason in rows]

    def _one(self, where: str, value: str | bytes) -> KnownPhoto | None:
        with self._errors():
            row = self._db.execute(
                f"SELECT {_COLUMNS} FROM photos {where}",  # noqa: S608  (our own constants)
                (value,),
            ).fetchone()
            if row is None:
                return None
            uri, size, mtime_ns, _, document, _, described, photo_id, kind, reason = row
            return KnownPhoto(
                found=FoundPhoto(uri, size, mtime_ns),
                document=None if document is None else decode(document),
                described=described or b"",
                photo_id=photo_id,
                failure=None if kind is None else Failed(uri, FailureKind(kind), reason),
            )

    def _record(self, found: FoundPhoto, rest: tuple[object, ...]) -> None:
        with self._errors():
            self._db.execute(
                "INSERT INTO photos (uri, bytes, mtime_ns, hash, document, owner, described,"
                " photo_id, kind, reason, stale) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
                " ON CONFLICT (uri) DO UPDATE SET bytes = excluded.bytes,"
                " mtime_ns = excluded.mtime_ns, hash = excluded.hash,"
                " document = excluded.document, owner = excluded.owner,"
                " described = excluded.described, photo_id = excluded.photo_id,"
                " kind = excluded.kind, reason = excluded.reason, stale = 0",
                (found.uri, found.bytes, found.mtime_ns, *rest),
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise SQLite's errors as ours."""
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                raise OutOfSpace(f"ledger {self._path}: {error}") from error
            raise CorruptData(f"ledger {self._path}: {error}") from error
