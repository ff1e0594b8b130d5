"""What `shelf.toml` says of who may see a photo is what the log says, at every moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from alicorn.command.indexing import bring_up_to_date
from alicorn.command.library import Library, LibrarySettings, create_library
from alicorn.documents import AudienceKind, PhotoDocument
from alicorn.log import PutDocument, SetAudience, SqliteGraph, SqliteLog

PEOPLE = "[[people]]\nid = 1\nname = 'Ada'\n[[people]]\nid = 2\nname = 'Ben'\n"
ADA, BEN = 1, 2


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Make the library of a folder with one picture of Ada's."""
    photos = tmp_path / "photos"
    photos.mkdir()
    Image.new("RGB", (64, 48), "navy").save(photos / "a.png")
    settings = LibrarySettings(name="one", photos=str(photos), shards=1)
    return create_library(tmp_path / "library", settings)


@pytest.fixture
def log(library: Library) -> Iterator[SqliteLog]:
    """Open the library's log."""
    log = SqliteLog(library.log_path)
    yield log
    log.close()


def _index(library: Library, log: SqliteLog, shelf: str) -> None:
    (library.photos / "shelf.toml").write_text(PEOPLE + shelf, "utf-8")
    bring_up_to_date(library, log, workers=1, tell=lambda _: None)


def _seen_by(library: Library, viewer: int) -> bool:
    graph = SqliteGraph(library.log_path)
    try:
        return bool(graph.sight(viewer, np.array([1], dtype=np.uint64)).allowed[0])
    finally:
        graph.close()


def test_a_photo_that_the_shelf_names_no_longer_is_for_its_owner_alone(
    library: Library, log: SqliteLog
) -> None:
    """PS-37: the entry that made a photo public is taken out, and with it the permission."""
    _index(library, log, "[photos.'a.png']\naudience = 'public'")
    assert _seen_by(library, BEN)

    _index(library, log, "")

    assert not _seen_by(library, BEN)
    assert _seen_by(library, ADA)


def test_a_moved_photo_has_the_audience_of_its_new_place(library: Library, log: SqliteLog) -> None:
    """Moving a public photo into a folder of which the shelf says nothing takes it back."""
    _index(library, log, "[photos.'a.png']\naudience = 'public'")
    (library.photos / "private").mkdir()
    (library.photos / "a.png").rename(library.photos / "private" / "a.png")

    _index(library, log, "[photos.'a.png']\naudience = 'public'")

    assert not _seen_by(library, BEN)


def test_no_moment_shows_a_new_caption_to_the_old_audience(
    library: Library, log: SqliteLog
) -> None:
    """Caption and audience change in one write: a search, or a crash, between two would leak."""
    _index(library, log, "[photos.'a.png']\naudience = 'public'\ncaption = 'by the sea'")

    _index(library, log, "[photos.'a.png']\naudience = 'only-me'\ncaption = 'with my secret'")

    states: list[PhotoDocument] = []
    for entry in log.read(0, 1_000):
        match entry.write():
            case PutDocument(document=document):
                states.append(document)
            case SetAudience():
                pytest.fail("the audience came in a write of its own")
    assert [(state.caption, state.audience.kind) for state in states] == [
        ("by the sea", AudienceKind.PUBLIC),
        ("with my secret", AudienceKind.ONLY_ME),
    ]
    assert {state.id for state in states} == {1}
