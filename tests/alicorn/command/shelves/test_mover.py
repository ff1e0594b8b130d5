"""From one shelf to the next: in order, under load, and when something goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alicorn.api.search.v1 import search_pb2
from alicorn.command.library import Library, open_library
from alicorn.command.opening import last_library
from alicorn.command.tiers import LocalTiers
from alicorn.command.world import build_world
from alicorn.config.places import sample_library, world_library
from alicorn.errors import ConfigError, ShardLoading
from webtier.controls import ShelfState

if TYPE_CHECKING:
    from conftest import Serving

PEOPLE, PHOTOS, SEED = 40, 400, 3
EVERYTHING = "(all)"


@pytest.fixture(scope="module")
def made_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a small world, once."""
    path = tmp_path_factory.mktemp("made") / "world"
    build_world(path, people=PEOPLE, photos=PHOTOS, seed=SEED, tell=lambda _: None)
    return path


@pytest.fixture
def world(home: Path, made_world: Path) -> Path:
    """Put the world where it is looked for."""
    path = world_library(PEOPLE, PHOTOS, SEED)
    path.parent.mkdir(parents=True)
    path.symlink_to(made_world)
    return path


def _library_of(serving: Serving) -> str:
    return str(serving.service.board.get_status(search_pb2.GetStatusRequest()).library)


def test_a_world_is_made_when_it_is_first_opened(serving: Serving) -> None:
    """Searches go on meanwhile; what is noted of the server follows the shelf."""
    before = serving.offer("world")
    serving.controls.open_shelf("world")
    serving.controls.open_shelf("world")
    meanwhile = serving.offer("world")
    served_meanwhile = _library_of(serving)
    serving.wait_for("world")
    found = serving.search(EVERYTHING)

    assert before is not None
    assert (before.state, before.photos) == (ShelfState.ABSENT, PHOTOS)
    assert meanwhile is not None
    assert meanwhile.state is ShelfState.PREPARING
    assert 0 <= meanwhile.percent <= 100
    assert served_meanwhile == "Friends"
    assert _library_of(serving) == "A synthetic world"
    assert (found.coverage.shards, found.coverage.answered) == (4, 4)
    assert serving.wait_for("folder", ShelfState.READY)
    opened = last_library()
    assert opened is not None
    assert opened.path == world_library(PEOPLE, PHOTOS, SEED)


def test_searches_during_swaps_meet_no_error_and_one_shelf_each(
    serving: Serving, world: Path
) -> None:
    """Half a page of friends and half a page of a world would be a leak of one into the other."""
    friends = serving.uris(EVERYTHING)
    stop = threading.Event()

    def ask() -> set[frozenset[str]]:
        seen = set()
        while not stop.is_set():
            seen.add(frozenset(serving.uris(EVERYTHING)))
        return seen

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        try:
            for key in ("world", "folder") * 3:
                serving.open(key)
        finally:
            stop.set()
        seen = set().union(*(each.result() for each in asking))
    serving.open("world")

    # One answer may be of a world whose tail is still reading: it is part of the whole one.
    assert friends in seen
    assert len(seen) > 1
    whole = serving.uris(EVERYTHING)
    assert all(answer == friends or answer <= whole for answer in seen)
    assert not friends & whole


def test_a_shelf_is_closed_when_its_last_request_is_back(serving: Serving, world: Path) -> None:
    """Not before: whoever reads a photo reads it to the end."""
    with serving.service.board.lent() as old:
        serving.open("world")

        assert old.search.get_status(search_pb2.GetStatusRequest()).library == "Friends"
        assert old.tiers.shards[0].sequence > 0

    def closed() -> bool:
        try:
            return old.tiers.shards[0].sequence < 0
        except ShardLoading:
            return True

    serving.until(closed)
    serving.open("folder")


def test_what_was_asked_for_last_is_what_opens(serving: Serving, world: Path) -> None:
    """Somebody who has changed their mind is not taken elsewhere when a world is done."""
    world.unlink()
    serving.controls.open_shelf("world")
    serving.controls.open_shelf("folder")
    serving.wait_for("world", ShelfState.READY)

    assert _library_of(serving) == "Friends"
    serving.open("world")
    assert _library_of(serving) == "A synthetic world"


def test_a_world_that_cannot_be_made_says_why_and_can_be_tried_again(serving: Serving) -> None:
    """A full disk, or something in its place; the open shelf stays open."""
    path = world_library(PEOPLE, PHOTOS, SEED)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"in the way")
    serving.controls.open_shelf("world")
    failed = serving.wait_for("world", ShelfState.FAILED)
    still = _library_of(serving)
    path.unlink()
    serving.open("world")

    assert "found a file at" in failed.message
    assert still == "Friends"
    assert _library_of(serving) == "A synthetic world"


def test_a_shelf_that_somebody_else_has_open_fails_until_it_is_free(
    serving: Serving, world: Path
) -> None:
    """Two writers would ruin it; the reason is told, and the next attempt may succeed."""
    with LocalTiers(open_library(world), writable=True):
        serving.controls.open_shelf("world")
        failed = serving.wait_for("world", ShelfState.FAILED)
    serving.open("world")

    assert "is written by another process" in failed.message
    assert _library_of(serving) == "A synthetic world"


def test_a_damaged_shelf_fails_and_leaves_the_open_one(serving: Serving) -> None:
    """It is told on the page, where somebody pressed the button."""
    sample_library().mkdir(parents=True)
    (sample_library() / "library.json").write_text("{", "utf-8")
    serving.controls.open_shelf("sample")
    failed = serving.wait_for("sample", ShelfState.FAILED)

    assert "library.json" in failed.message
    assert _library_of(serving) == "Friends"


def test_a_first_shelf_that_cannot_be_opened_ends_the_start(
    begin: Callable[..., Serving], friends: Library
) -> None:
    """As before there was a page: the command says why, and nothing stays open."""
    with LocalTiers(friends, writable=True), pytest.raises(ConfigError, match="another process"):
        begin(friends)
    with LocalTiers(friends, writable=True) as tiers:
        assert len(tiers.shards) == 2


def test_stopping_while_a_world_is_made_leaves_no_process(serving: Serving) -> None:
    """It would go on for a server that has gone, and hold the terminal."""
    serving.controls.open_shelf("world")
    building = serving.controls._mover._building
    assert building is not None
    serving.service.end()

    assert building._child.poll() is not None
    assert not (world_library(PEOPLE, PHOTOS, SEED) / "library.json").exists()
