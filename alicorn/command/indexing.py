"""From a folder to the log: understands what is new, in worker processes, and publishes it.

`understanding.photos.indexing` decides what is to be done with each file; here is what "publish"
means for a library: the document goes to the update log, the thumbnail to its folder, and only then
is the file recorded as known. Whoever follows the log makes it searchable.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Final

import structlog

from alicorn.command.library import Library, Progress
from alicorn.command.models import choice_of
from alicorn.errors import CorruptData, CorruptIndex, NotFound, OutOfSpace
from alicorn.log import (
    DeleteDocument,
    PutDocument,
    PutFriendship,
    PutPerson,
    RemoveFriendship,
    SqliteGraph,
    UpdateLog,
    Write,
)
from alicorn.telemetry import Metrics
from indexserver.manifest import Manifest
from understanding.photos.child import WorkerConfig
from understanding.photos.indexing import BATCH, IndexingReport, index_folder
from understanding.photos.indexing import Progress as Run
from understanding.photos.ledger import Gone, Ledger
from understanding.photos.outcome import Understood
from understanding.photos.process import WorkerPool
from understanding.photos.sidecar import Shelf, load_shelf

__all__ = ["bring_up_to_date", "progress_of"]

_log = structlog.get_logger(__name__)

_DIGEST_FILE: Final = "shelf.digest"


def bring_up_to_date(
    library: Library,
    log: UpdateLog,
    *,
    workers: int,
    tell: Callable[[Progress], None],
    stop: threading.Event | None = None,
    shelf: Shelf | None = None,
    metrics: Metrics | None = None,
) -> IndexingReport:
    """Make the library hold what its folder holds; a synthetic world has none, and is as it is.

    Parameters
    ----------
    workers : int
        Worker processes.
    tell : callable
        Called with every step of progress.
    stop : Event, optional
        When set, the run ends after the batch in work.
    shelf : Shelf, optional
        Instead of the folder's own `shelf.toml`.
    metrics : Metrics, optional
        Where photos are counted by what became of them.

    Raises
    ------
    NotFound
        If the folder is not there; nothing is removed then.
    ConfigError, MissingModel
        If `shelf.toml` is wrong, or a model is missing or altered.
    OutOfSpace
        If the disk is full; what was acknowledged before is kept.
    CorruptData
        If the log is an older one than the shards were made from; nothing is written then.
    """
    if library.settings.world is not None:
        photos = library.settings.world.photos
        return IndexingReport(
            progress=Run(total=photos, known=photos),
            gone=(),
            failures=(),
            unreadable_folders=(),
            unnameable=0,
            stopped=False,
        )
    _check_log(library, log)
    if not log.latest():
        _forget(library)
    shelf = load_shelf(library.photos) if shelf is None else shelf
    _introduce(library, log, shelf)

    def sink(understood: Understood) -> int:
        document = understood.document
        # Of a photo without an id the log would keep the audience that it had. What the shelf says
        # counts, also where it says nothing (only its owner), and in the same write as the caption:
        # nobody sees a new caption by an old permission.
        known = graph.photo_of(document.author, document.content_hash)
        (acknowledged,) = log.append([PutDocument(replace(document, id=known))])
        jpeg = understood.thumbnail
        if jpeg is None:
            jpeg = _same_picture(library, ledger, acknowledged.id, understood)
        if jpeg is not None:
            try:
                library.write_thumbnail(acknowledged.id, jpeg)
            except OSError as error:
                raise OutOfSpace(f"cannot keep a thumbnail: {error.strerror}") from None
        return acknowledged.id

    def remove(gone: Gone) -> None:
        try:
            log.append([DeleteDocument(gone.id)])
        except NotFound:
            _log.info("a photo was gone already", id=gone.id)
        library.thumbnail_path(gone.id).unlink(missing_ok=True)

    counted = Run(total=0)

    def step(run: Run) -> None:
        nonlocal counted
        if metrics is not None:
            metrics.photos("understood", run.done - counted.done)
            metrics.photos("known", run.known - counted.known)
            metrics.photos("failed", run.failed - counted.failed)
        counted = run
        tell(progress_of(run, running=True))

    config = WorkerConfig(threads=1, model=choice_of(library))
    with (
        closing(SqliteGraph(library.log_path)) as graph,
        Ledger(library.ledger_path) as ledger,
        WorkerPool(config, workers=workers) as pool,
    ):
        return index_folder(
            library.photos,
            ledger,
            pool,
            sink,
            remove,
            progress=step,
            stop=stop,
            shelf=shelf,
            batch=BATCH * workers,
        )


def _check_log(library: Library, log: UpdateLog) -> None:
    """Raise CorruptData where a shard holds more than the log: an older one was put back.

    The ids that it gives out next mean other photos in the shards, and in the ledger.
    """
    for shard in range(library.settings.shards):
        folder = library.shard_path(shard)
        try:
            manifest = Manifest.load(folder)
        except CorruptIndex:
            continue  # for whoever opens the shard to say
        if manifest is not None and manifest.sequence > (latest := log.latest()):
            raise CorruptData(
                f"shard {shard} holds the log up to {manifest.sequence}, found a log up to "
                f"{latest}: remove {folder.parent} and {library.ledger_path} and start again: they "
                "are made again from the log and the photos"
            )


def _forget(library: Library) -> None:
    """Remove what a log that is gone left behind: its ids will mean other photos."""
    for suffix in ("", "-wal", "-shm"):
        library.ledger_path.with_name(library.ledger_path.name + suffix).unlink(missing_ok=True)
    (library.path / _DIGEST_FILE).unlink(missing_ok=True)
    shutil.rmtree(library.thumbnails_path, ignore_errors=True)


def _same_picture(
    library: Library, ledger: Ledger, photo_id: int, understood: Understood
) -> bytes | None:
    """Return the thumbnail of a photo with the same bytes; None where ``photo_id`` has one.

    A file that was understood before is published without a new thumbnail, but the copy of another
    owner is a photo of its own.
    """
    if library.thumbnail_path(photo_id).is_file():
        return None
    known = ledger.with_content(understood.document.content_hash)
    if known is None or known.photo_id is None:
        return None
    try:
        return library.read_thumbnail(known.photo_id)
    except NotFound:
        return None


def progress_of(run: Run, *, running: bool) -> Progress:
    """Return a run's progress as other processes read it."""
    if not run.total:
        message = "there are no photos in the folder yet"
    elif run.remaining > 0 and running:
        message = f"understanding photos, newest first: {run.done + run.known} of {run.total}"
    else:
        message = f"{run.done + run.known} photos are ready"
    if run.failed:
        message += f"; {run.failed} could not be understood"
    return Progress(
        found=run.total,
        done=run.done + run.known,
        failed=run.failed,
        per_second=run.per_second if running else 0.0,
        running=running and run.remaining > 0,
        message=message,
    )


def _introduce(library: Library, log: UpdateLog, shelf: Shelf) -> None:
    """Write the shelf's people and friendships, once for each version of the shelf.

    Once, so that a friendship that was ended since is not renewed by the next start.
    """
    described = repr((shelf.people, shelf.friendships)).encode()
    digest = hashlib.blake2b(described, digest_size=16).hexdigest()
    mark = library.path / _DIGEST_FILE
    if mark.is_file() and mark.read_text("ascii") == digest:
        return
    writes: list[Write] = [PutPerson(person.id, person.name) for person in shelf.people]
    writes.extend(PutFriendship(a, b) for a, b in shelf.friendships)
    with closing(SqliteGraph(library.log_path)) as graph:
        known = {person.id for person in graph.people()}
        wanted = {frozenset(pair) for pair in shelf.friendships}
        for person in shelf.people:
            if person.id not in known:
                continue
            writes.extend(
                RemoveFriendship(person.id, friend)
                for friend in graph.friends(person.id).tolist()
                if frozenset((person.id, friend)) not in wanted and person.id < friend
            )
    log.append(writes)
    mark.write_text(digest, "ascii")
