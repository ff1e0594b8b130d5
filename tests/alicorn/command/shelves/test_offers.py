"""What is offered beside the shelf that `up` was started with."""

from __future__ import annotations

from pathlib import Path

import pytest

from alicorn.command.library import Library, LibrarySettings, create_library, open_library
from alicorn.command.opening import make_library, make_sample
from alicorn.command.shelves.offers import Offers, WorldPlan
from alicorn.command.shelves.pictures import PicturesCount
from alicorn.config.places import dropped_home, library_of_folder, sample_library

PLAN = WorldPlan(people=5, photos=50, seed=1)


@pytest.fixture
def folder(home: Path) -> Library:
    """Make the library of a folder."""
    photos = home / "photos"
    photos.mkdir()
    return make_library(photos)


def _offers(started: Library, pictures: Path | None = None) -> Offers:
    count = PicturesCount(pictures)
    count.start()
    if pictures is not None:
        count._thread.join(30)
    return Offers(started, start=lambda: started, say=lambda _: None, world=PLAN, pictures=count)


def _keys(offers: Offers) -> list[str]:
    return [offer.key for offer in offers.all()]


def test_a_folder_is_offered_first_and_the_sample_shelf_and_the_world_always(
    folder: Library,
) -> None:
    """A stranger's machine has no more than these."""
    offers = _offers(folder)

    assert _keys(offers) == ["folder", "sample", "world"]
    assert offers.started == "folder"
    assert [offer.is_there for offer in offers.all()] == [True, False, False]
    world = offers.find("world")
    assert world is not None
    assert world.photos == 50
    assert "made-up" in world.about


def test_what_was_started_is_not_offered_twice(home: Path) -> None:
    """The sample shelf, the world or the dropped photos, however they were named."""
    assert _keys(_offers(make_sample())) == ["sample", "world"]
    world = LibrarySettings(name="w", photos="/none", shards=2, sample=True)
    assert _keys(_offers(create_library(PLAN.path, world))) == ["world", "sample"]
    (dropped_home() / "photos").mkdir(parents=True)
    settings = LibrarySettings(name="d", photos=str(dropped_home() / "photos"), shards=2)
    dropped = create_library(dropped_home() / "library", settings)
    assert _keys(_offers(dropped)) == ["dropped", "sample", "world"]


def test_the_pictures_folder_is_offered_with_its_number_and_made_when_asked_for(
    folder: Library, home: Path
) -> None:
    """Nothing is made, and nothing read, before that."""
    pictures = home / "Bilder"
    pictures.mkdir()
    for number in range(3):
        (pictures / f"{number}.jpg").write_bytes(b"")
    offer = _offers(folder, pictures).find("pictures")

    assert offer is not None
    assert (offer.photos, offer.at_least, offer.is_there) == (3, False, False)
    assert str(pictures) in offer.about
    assert not library_of_folder(pictures).exists()
    library = offer.library()
    assert (library.path, library.photos) == (library_of_folder(pictures), pictures)
    assert offer.is_there


def test_without_pictures_or_where_they_are_served_already_they_are_not_offered(
    folder: Library, home: Path
) -> None:
    """Also by another name of the same folder."""
    empty = home / "Bilder"
    empty.mkdir()
    (empty / "notes.txt").write_bytes(b"")
    assert "pictures" not in _keys(_offers(folder, empty))

    (folder.photos / "a.jpg").write_bytes(b"")
    assert "pictures" not in _keys(_offers(folder, folder.photos))
    (home / "link").symlink_to(folder.photos)
    linked = make_library(home / "link", home / "linked")
    assert "pictures" not in _keys(_offers(linked, folder.photos))


def test_dropped_photos_are_offered_once_there_are_some(folder: Library) -> None:
    """Their library is made when it is opened."""
    offers = _offers(folder)
    assert offers.find("dropped") is None
    (dropped_home() / "photos").mkdir(parents=True)
    offer = offers.find("dropped")

    assert offer is not None
    assert offer.library().photos == dropped_home() / "photos"
    assert open_library(dropped_home() / "library").settings.name == "Dropped photos"


def test_a_shelf_keeps_the_shards_that_it_was_made_with(folder: Library) -> None:
    """Another `cluster.toml`, or another version, had another number."""
    make_sample(shards=5)
    sample = _offers(folder).find("sample")

    assert sample is not None
    assert sample.path == sample_library()
    assert sample.library().settings.shards == 5
