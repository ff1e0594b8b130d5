"""From a folder to the log: what vanishes midway, who is introduced, what is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from alicorn.command.indexing import bring_up_to_date
from alicorn.command.library import Library, Progress
from alicorn.command.opening import make_library
from alicorn.documents import Audience, AudienceKind
from alicorn.errors import NotFound
from alicorn.log import PutDocument, SqliteGraph, SqliteLog, Write
from understanding.photos.sidecar import PhotoEntry, Shelf, ShelfPerson


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder of twelve small pictures: two batches of one worker."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(12):
        Image.new("RGB", (48, 36), (20 * number, 80, 160)).save(folder / f"{number:02d}.png")
    return folder


@pytest.fixture
def library(folder: Path, tmp_path: Path) -> Library:
    """Make its library."""
    return make_library(folder, tmp_path / "library")


@pytest.fixture
def log(library: Library) -> Iterator[SqliteLog]:
    """Open its log."""
    opened = SqliteLog(library.log_path)
    yield opened
    opened.close()


def _published(log: SqliteLog) -> set[str]:
    writes = [entry.write() for entry in log.read(0, 1_000)]
    return {write.document.uri for write in writes if isinstance(write, PutDocument)}


def test_a_photo_that_vanishes_midway_was_never_there(
    library: Library, log: SqliteLog, folder: Path
) -> None:
    """Moved while the run is at work: no failure, no half photo, and the count is right."""
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)
        (folder / "05.png").unlink(missing_ok=True)

    report = bring_up_to_date(library, log, workers=1, tell=tell)

    assert (report.progress.total, report.progress.done) == (11, 11)
    assert report.failures == ()
    assert _published(log) == {f"{n:02d}.png" for n in range(12) if n != 5}
    assert told[0].found == 12


def test_a_folder_that_vanishes_midway_ends_the_run_and_removes_nothing(
    library: Library, log: SqliteLog, folder: Path
) -> None:
    """A disk that is pulled out: what was understood stays, the next run says what is wrong."""

    def tell(progress: Progress) -> None:
        if progress.done and folder.exists():
            folder.rename(folder.with_name("gone"))

    report = bring_up_to_date(library, log, workers=1, tell=tell)
    published = _published(log)

    assert 0 < len(published) < 12
    assert report.gone == ()
    with pytest.raises(NotFound, match="cannot be listed"):
        bring_up_to_date(library, log, workers=1, tell=lambda _: None)
    assert _published(log) == published


def test_a_run_that_is_stopped_ends_after_its_batch(library: Library, log: SqliteLog) -> None:
    """Ctrl-C must not wait for a hundred thousand photos, nor lose those at hand."""
    stop = threading.Event()

    def tell(progress: Progress) -> None:
        if progress.done:
            stop.set()

    first = bring_up_to_date(library, log, workers=1, tell=tell, stop=stop)
    second = bring_up_to_date(library, log, workers=1, tell=lambda _: None)

    assert first.stopped
    assert first.progress.done == len(_published(log)) - second.progress.done
    assert second.progress.known == first.progress.done


def _shelf(*, friends: bool, audience: AudienceKind = AudienceKind.FRIENDS) -> Shelf:
    return Shelf(
        people=(ShelfPerson(1, "Ana"), ShelfPerson(2, "Ben")),
        friendships=((1, 2),) if friends else (),
        photos={"00.png": PhotoEntry(owner=2, audience=Audience(audience))},
    )


def test_the_shelf_introduces_people_once_and_friendships_follow_it(
    library: Library, log: SqliteLog
) -> None:
    """A start must not renew what was ended since; a change of the file must count (PS-37)."""

    def run(shelf: Shelf) -> int:
        bring_up_to_date(library, log, workers=1, tell=lambda _: None, shelf=shelf)
        return log.latest()

    first = run(_shelf(friends=True))
    again = run(_shelf(friends=True))
    graph = SqliteGraph(library.log_path)

    assert again == first
    assert graph.friends(1).tolist() == [2]
    run(_shelf(friends=False))
    assert graph.friends(1).tolist() == []
    graph.close()


def test_an_audience_that_the_shelf_narrows_holds_without_a_new_look_at_the_picture(
    library: Library, log: SqliteLog
) -> None:
    """One write, and Ben's friend may not see it any more (PS-37)."""
    graph = SqliteGraph(library.log_path)

    def run(audience: AudienceKind) -> list[Write]:
        before = log.latest()
        shelf = _shelf(friends=True, audience=audience)
        bring_up_to_date(library, log, workers=1, tell=lambda _: None, shelf=shelf)
        return [entry.write() for entry in log.read(before, 1_000)]

    (shown,) = [
        write.document.id
        for write in run(AudienceKind.FRIENDS)
        if isinstance(write, PutDocument) and write.document.uri == "00.png"
    ]
    ids = np.array([shown], dtype=np.uint64)

    assert graph.sight(1, ids).allowed.tolist() == [True]
    assert len(run(AudienceKind.ONLY_ME)) == 1
    assert graph.sight(1, ids).allowed.tolist() == [False]
    assert graph.sight(2, ids).allowed.tolist() == [True]
    graph.close()


def test_a_log_that_is_gone_takes_ledger_and_thumbnails_with_it(
    library: Library, log: SqliteLog
) -> None:
    """Else every file would count as known, and an id would show another photo's picture."""
    bring_up_to_date(library, log, workers=1, tell=lambda _: None)
    log.close()
    for part in library.path.glob("log.sqlite*"):
        part.unlink()
    stale = library.thumbnail_path(99)
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.write_bytes(b"somebody's")
    fresh = SqliteLog(library.log_path)
    report = bring_up_to_date(library, fresh, workers=1, tell=lambda _: None)
    published = _published(fresh)
    fresh.close()

    assert (report.progress.done, len(published)) == (12, 12)
    assert not stale.exists()
