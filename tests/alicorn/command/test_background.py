"""Understanding behind a server: what comes while it is at work, and what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from alicorn.command.background import BackgroundIndexing
from alicorn.command.library import Library, Progress
from alicorn.command.opening import make_library
from alicorn.log import PutDocument, SqliteLog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder of two small pictures."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    _put(folder, "0.png")
    _put(folder, "1.png")
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


def _put(folder: Path, name: str) -> None:
    shade = 20 * len(list(folder.iterdir()))
    Image.new("RGB", (48, 36), (shade, 80, 160)).save(folder / name)


def _published(log: SqliteLog) -> set[str]:
    writes = [entry.write() for entry in log.read(0, 1_000)]
    return {write.document.uri for write in writes if isinstance(write, PutDocument)}


def test_what_comes_while_a_run_is_at_work_gets_its_run(
    library: Library, log: SqliteLog, folder: Path
) -> None:
    """The scan was over before it came, so only another run can find it."""
    came = threading.Event()

    def tell(progress: Progress) -> None:
        if progress.done and not came.is_set():
            came.set()
            _put(folder, "later.png")
            indexing.again()

    indexing = BackgroundIndexing(library, log, tell=tell)
    indexing.start()
    assert indexing.wait(60)
    first = _published(log)
    _put(folder, "last.png")
    for _ in range(3):
        indexing.again()
    assert indexing.wait(60)
    indexing.stop()

    assert first == {"0.png", "1.png", "later.png"}
    assert _published(log) == {*first, "last.png"}
    assert library.read_progress().done == 4


def test_a_run_that_failed_is_made_good_by_the_next(
    library: Library, log: SqliteLog, folder: Path
) -> None:
    """A disk was full, or a file was wrong; then somebody put it right and dropped a photo."""
    (folder / "shelf.toml").write_text("people = 3\n", "utf-8")
    indexing = BackgroundIndexing(library, log, tell=lambda _: None)
    indexing.start()
    assert indexing.wait(60)
    failed = indexing.error
    (folder / "shelf.toml").unlink()
    indexing.again()
    assert indexing.wait(60)
    indexing.stop()

    assert failed is not None
    assert indexing.error is None
    assert _published(log) == {"0.png", "1.png"}


def test_stopping_ends_one_that_waits_for_more(library: Library, log: SqliteLog) -> None:
    """A shelf that is closed must not wait for photos that never come."""
    indexing = BackgroundIndexing(library, log, tell=lambda _: None)
    indexing.start()
    assert indexing.wait(60)
    indexing.stop()

    assert not [thread for thread in threading.enumerate() if thread.name == "indexing"]


def test_an_error_keeps_the_progress_and_is_told(library: Library, log: SqliteLog) -> None:
    """The page must not say that there are no photos when understanding has stopped."""
    told: list[Progress] = []
    indexing = BackgroundIndexing(library, log, tell=told.append)
    (library.photos / "shelf.toml").write_text("people = 3\n", "utf-8")
    library.write_progress(Progress(found=12, done=12))
    indexing.start()

    assert indexing.wait(60)
    assert indexing.error is not None
    assert told[-1].message.startswith("understanding stopped: ")
    assert library.read_progress() == told[-1]
    assert not msgspec.structs.asdict(told[-1])["running"]
