"""Dropped files become a shelf of their own: opened, understood and searchable."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from alicorn.command.library import LibrarySettings, create_library
from alicorn.config.places import dropped_home
from alicorn.errors import BadRequest
from webtier.controls import ShelfState

if TYPE_CHECKING:
    from conftest import Serving

EVERYTHING = "(all)"


@pytest.fixture
def serving(begin: Callable[..., Serving], tmp_path: Path) -> Serving:
    """Serve an empty folder."""
    photos = tmp_path / "photos"
    photos.mkdir()
    settings = LibrarySettings(name="mine", photos=str(photos), shards=2)
    return begin(create_library(tmp_path / "mine", settings))


def _picture(shade: int) -> Iterator[bytes]:
    written = io.BytesIO()
    Image.new("RGB", (48, 36), (shade, 80, 160)).save(written, "PNG")
    yield written.getvalue()


def test_what_is_dropped_while_other_photos_are_understood_is_found_too(serving: Serving) -> None:
    """Files come one by one, from several connections, before, during and after the first run."""
    names = [f"{number}.png" for number in range(12)]

    def drop(mine: list[str]) -> None:
        for name in mine:
            serving.controls.drop(f"Holidays/{name}", _picture(20 * int(name[:-4])))

    dropping = [threading.Thread(target=drop, args=(names[at::3],)) for at in range(3)]
    for thread in dropping:
        thread.start()
    for thread in dropping:
        thread.join()
    serving.wait_for("dropped")
    serving.until(lambda: len(serving.uris(EVERYTHING)) >= 4)
    serving.controls.drop("late.png", _picture(250))
    wanted = {f"Holidays/{name}" for name in names} | {"late.png"}
    serving.until(lambda: serving.uris(EVERYTHING) == wanted)

    photos = dropped_home() / "photos"
    assert {p.relative_to(photos).as_posix() for p in photos.rglob("*.png")} == wanted
    assert serving.until(lambda: serving.offer("dropped").photos == len(wanted))


def test_dropping_the_same_again_opens_the_shelf_and_adds_nothing(serving: Serving) -> None:
    """Somebody looks for where it went."""
    serving.controls.drop("a.png", _picture(10))
    serving.wait_for("dropped")
    serving.until(lambda: serving.uris(EVERYTHING) == {"a.png"})
    serving.open("folder")
    serving.controls.drop("a.png", _picture(10))
    serving.wait_for("dropped")

    assert serving.until(lambda: serving.uris(EVERYTHING)) == {"a.png"}
    assert serving.wait_for("folder", ShelfState.READY)


def test_what_is_refused_opens_and_offers_nothing(serving: Serving) -> None:
    """The shelf that is open stays open."""
    with pytest.raises(BadRequest):
        serving.controls.drop("page.html", iter([b"<!doctype html>"]))
    with pytest.raises(BadRequest):
        serving.controls.drop("page.jpg", iter([b"<!doctype html>"]))

    assert serving.offer("dropped") is None
    assert serving.offer("folder").state is ShelfState.OPEN


def test_the_folder_of_ones_own_is_only_read(serving: Serving, tmp_path: Path) -> None:
    """A copy is kept elsewhere; nothing is written beside anybody's pictures."""
    serving.controls.drop("../../photos/a.png", _picture(10))
    serving.wait_for("dropped")

    assert not list((tmp_path / "photos").iterdir())
    assert (dropped_home() / "photos" / "photos" / "a.png").is_file()
