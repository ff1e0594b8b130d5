"""Indexing a folder: what is new is understood, what moved is moved, what is gone is deleted.

One run, in this order:

1. scan the folder, compare with the ledger: known files cost one dictionary look-up;
2. files that moved or were copied (same size, then same hash as an understood file), and files of
   which the shelf now says something else: published again without looking at the picture;
3. photos that are gone are removed;
4. the rest, newest first, in small batches: understood, published, recorded.

So a change of audience and a deletion never wait behind the understanding of many photos. A photo
is recorded after it was published: a run that was stopped or killed continues where it was, and
publishing twice is harmless, since the log gives the same content of the same owner the same id.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

import structlog

from alicorn.documents import PhotoDocument
from alicorn.errors import NotFound, UnreadablePhoto
from understanding.photos.decode import content_hash_of
from understanding.photos.ledger import Gone, Ledger
from understanding.photos.outcome import Failed, FailureKind, Item, Outcome, Understood
from understanding.photos.scan import FoundPhoto, Scan, scan
from understanding.photos.sidecar import Shelf, load_shelf

__all__ = ["BATCH", "IndexingReport", "Progress", "Understands", "index_folder"]

_log = structlog.get_logger(__name__)

BATCH: Final = 8
"""Photos in one request: the classifier gains little by more, and each photo of a batch becomes
searchable when the last one is understood."""


class Understands(Protocol):
    """What indexing needs of a worker (`process.Worker`, `process.WorkerPool`)."""

    def understand(self, items: Sequence[Item]) -> list[Outcome]:
        """Return one outcome for each item, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run is."""

    total: int
    """Photo files in the folder."""
    done: int = 0
    """Understood, moved or described anew in this run."""
    known: int = 0
    """Understood before."""
    failed: int = 0
    """Not understood, those of earlier runs that have not changed included."""
    per_second: float = 0.0
    """Photos understood in a second, over this run."""
    current: str = ""
    """Uri of the last photo that was looked at."""

    @property
    def remaining(self) -> int:
        """Photos that are still to be looked at."""
        return self.total - self.done - self.known - self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexingReport:
    """What a run did."""

    progress: Progress
    gone: tuple[Gone, ...]
    """Photos that were removed, by id ascending."""
    failures: tuple[Failed, ...]
    """Every photo that cannot be understood, by uri."""
    unreadable_folders: tuple[str, ...]
    """Folders that could not be listed; nothing in them was deleted."""
    unnameable: int
    """Photos that are left out, for their names are not UTF-8."""
    stopped: bool
    """Whether there is more to do."""


def index_folder(
    folder: Path,
    ledger: Ledger,
    worker: Understands,
    sink: Callable[[Understood], int],
    remove: Callable[[Gone], None],
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
    shelf: Shelf | None = None,
    batch: int = BATCH,
) -> IndexingReport:
    """Bring the library up to date with ``folder``.

    Parameters
    ----------
    sink : callable
        Takes a photo, acknowledges it (it is durable when the call returns), returns its id.
        ``thumbnail`` None means that the one made before still holds. May be called again with
        a photo that it took before, by a new uri or by another description.
    remove : callable
        Deletes a photo. May be called again for one that is deleted already.
    progress : callable
        Called at the start, after every batch and at the end.
    stop : Event, optional
        When set, the run ends after the batch in work.
    shelf : Shelf, optional
        Instead of the folder's own ``shelf.toml``.

    Raises
    ------
    NotFound
        If ``folder`` cannot be listed; nothing is deleted then.
    ConfigError
        If ``shelf.toml`` is wrong; nothing is changed then.
    OutOfSpace, CorruptData
        From the ledger.
    """
    run = _Run(
        ledger=ledger,
        worker=worker,
        sink=sink,
        remove=remove,
        tell=progress,
        stop=stop or threading.Event(),
        folder=folder,
        shelf=load_shelf(folder) if shelf is None else shelf,
    )
    return run.complete(scan(folder), batch)


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run of `index_folder`."""

    ledger: Ledger
    worker: Understands
    sink: Callable[[Understood], int]
    remove: Callable[[Gone], None]
    tell: Callable[[Progress], None]
    stop: threading.Event
    folder: Path
    shelf: Shelf
    now: Progress = field(default_factory=lambda: Progress(total=0))
    gone: list[Gone] = field(default_factory=list)

    def complete(self, found: Scan, batch: int) -> IndexingReport:
        """Do everything, in the order of the module's docstring."""
        by_uri = {photo.uri: photo for photo in found.photos}
        before = self.ledger.files()
        lost = [uri for uri in before if uri not in by_uri and not found.hides(uri)]
        retry = self.ledger.retryable()
        fresh = [
            photo
            for photo in found.photos
            if before.get(photo.uri) != (photo.bytes, photo.mtime_ns) or photo.uri in retry
        ]
        changed = [photo.uri for photo in fresh if photo.uri in before]
        self.ledger.mark_stale([*lost, *changed])
        fresh_uris = {photo.uri for photo in fresh}
        old = [photo for photo in found.photos if photo.uri not in fresh_uris]
        self.now = Progress(total=len(found.photos))
        self._count_old(old)
        self.tell(self.now)

        pending = self._republish(fresh)
        if not self.stop.is_set():
            self.ledger.forget(lost)
            self._settle()
        self._understand(pending, batch)
        if not self.stop.is_set():
            self._settle()
        self.tell(self.now)
        _log.info(
            "folder indexed" if not self.stop.is_set() else "indexing stopped",
            done=self.now.done,
            known=self.now.known,
            failed=self.now.failed,
            gone=len(self.gone),
        )
        return IndexingReport(
            progress=self.now,
            gone=tuple(sorted(self.gone, key=lambda gone: gone.id)),
            failures=tuple(self.ledger.failures()),
            unreadable_folders=found.unreadable,
            unnameable=found.unnameable,
            stopped=self.stop.is_set() and self.now.remaining > 0,
        )

    def _count_old(self, old: Sequence[FoundPhoto]) -> None:
        """Count files that have not changed, and publish those described differently."""
        described = self.ledger.described()
        for photo in old:
            if not described[photo.uri]:
                self._count(failed=1)
            elif described[photo.uri] == self.shelf.digest(photo.uri):
                self._count(known=1)
            elif self._publish_known(photo, photo.uri):
                self._count(done=1, current=photo.uri)

    def _republish(self, fresh: Sequence[FoundPhoto]) -> list[FoundPhoto]:
        """Publish fresh files with a known content; return the others, in the same order."""
        pending: list[FoundPhoto] = []
        for at, photo in enumerate(fresh):
            if self.stop.is_set():
                return [*pending, *fresh[at:]]
            if not self._publish_same_content(photo):
                pending.append(photo)
        return pending

    def _publish_same_content(self, photo: FoundPhoto) -> bool:
        """Publish ``photo`` from what is known of a file with the same bytes, if there is one."""
        if not self.ledger.has_size(photo.bytes):
            return False
        try:
            digest = content_hash_of(self.folder / photo.uri)
        except (NotFound, UnreadablePhoto):
            return False  # the worker looks at it, and says what is wrong
        known = self.ledger.with_content(digest)
        if known is None or known.document is None:
            return False
        self._publish(photo, Understood(known.document, None))
        self._count(done=1, current=photo.uri)
        return True

    def _publish_known(self, photo: FoundPhoto, uri: str) -> bool:
        known = self.ledger.get(uri)
        if known is None or known.document is None:
            return False
        self._publish(photo, Understood(known.document, None))
        return True

    def _publish(self, photo: FoundPhoto, understood: Understood) -> None:
        """Give a photo to the sink, unless another file of its owner stands for it; record it."""
        document: PhotoDocument = understood.document
        owner = self.shelf.entry(photo.uri).owner
        digest = self.shelf.digest(photo.uri)
        photo_id = self._unchanged_id(photo.uri, document.content_hash, digest)
        if photo_id is None and not self.ledger.published_elsewhere(
            document.content_hash, owner, photo.uri
        ):
            described = self.shelf.describe(document, photo.uri)
            photo_id = self.sink(replace(understood, document=described))
        self.ledger.record_understood(
            photo,
            document,
            owner=owner,
            described=digest,
            photo_id=photo_id,
        )

    def _unchanged_id(self, uri: str, content_hash: bytes, digest: bytes) -> int | None:
        """Return the id of a file that was only touched: the log has nothing to learn of it."""
        known = self.ledger.get(uri)
        if known is None or known.document is None or known.described != digest:
            return None
        return known.photo_id if known.document.content_hash == content_hash else None

    def _settle(self) -> None:
        """Let copies stand for what lost its file, then remove what nothing stands for."""
        for uri in self.ledger.unpublished():
            known = self.ledger.get(uri)
            if known is not None:
                self._publish_known(known.found, uri)
        for gone in self.ledger.orphans():
            self.remove(gone)
            self.ledger.deleted(gone.id)
            self.gone.append(gone)

    def _understand(self, pending: Sequence[FoundPhoto], batch: int) -> None:
        """Understand, publish and record ``pending``, a batch at a time."""
        started = time.monotonic()
        looked_at = 0
        for at in range(0, len(pending), batch):
            if self.stop.is_set():
                return
            photos = pending[at : at + batch]
            items = [Item(str(self.folder / photo.uri), photo.uri) for photo in photos]
            for photo, outcome in zip(photos, self.worker.understand(items), strict=True):
                self._take(photo, outcome)
            looked_at += len(photos)
            self.now = replace(
                self.now,
                per_second=looked_at / max(time.monotonic() - started, 1e-9),
                current=photos[-1].uri,
            )
            self.tell(self.now)

    def _take(self, photo: FoundPhoto, outcome: Outcome) -> None:
        """Publish and record one outcome."""
        if isinstance(outcome, Understood):
            self._publish(photo, outcome)
            self._count(done=1)
        elif outcome.kind is FailureKind.VANISHED:
            # As if the scan had not seen it.
            self.ledger.forget([photo.uri])
            self.now = replace(self.now, total=self.now.total - 1)
        elif outcome.kind is FailureKind.UNAVAILABLE and self.stop.is_set():
            # The worker was closed to stop the run: the next run looks at the photo.
            return
        else:
            self.ledger.record_failed(photo, outcome)
            self._count(failed=1)
            _log.warning("photo not understood", uri=photo.uri, reason=outcome.reason)

    def _count(
        self, *, done: int = 0, known: int = 0, failed: int = 0, current: str | None = None
    ) -> None:
        self.now = replace(
            self.now,
            done=self.now.done + done,
            known=self.now.known + known,
            failed=self.now.failed + failed,
            current=self.now.current if current is None else current,
        )
