"""The sample shelf's photographs: out of their packages, checked, and the same everywhere."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from alicorn.command.sample import photographs
from alicorn.command.sample.photographs import SOURCES, fetch_wheels, lay_out
from alicorn.errors import MissingModel
from understanding.photos.scan import scan
from understanding.photos.sidecar import load_shelf


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay the shelf out."""
    folder = tmp_path_factory.mktemp("shelf")
    lay_out(folder, lambda _: None)
    return folder


def test_every_photograph_is_the_promised_one(laid_out: Path) -> None:
    """Bytes from a package are somebody else's until their hash says that they are ours."""
    for photo in SOURCES.photographs:
        data = (laid_out / photo.name).read_bytes()

        assert hashlib.sha256(data).hexdigest() == photo.sha256


def test_the_shelf_describes_every_file_and_no_other(laid_out: Path) -> None:
    """A photo without an owner and an audience would be its viewer's own."""
    files = {photo.uri for photo in scan(laid_out).photos}

    assert files == set(load_shelf(laid_out).photos)
    assert files == {entry.name for entry in (*SOURCES.photographs, *SOURCES.copies)}


def test_five_people_see_what_is_theirs(laid_out: Path) -> None:
    """Owners, friends and lists name people who are introduced."""
    shelf = load_shelf(laid_out)
    people = {person.id for person in shelf.people}

    assert people == {1, 2, 3, 4, 5}
    assert {person for pair in shelf.friendships for person in pair} == people
    for entry in shelf.photos.values():
        assert {entry.owner, *entry.audience.members} <= people


def test_laying_out_again_changes_no_photo(laid_out: Path) -> None:
    """Known photos stay known: neither bytes nor times may move."""
    before = {photo.uri: photo for photo in scan(laid_out).photos}
    lay_out(laid_out, lambda _: pytest.fail("there was nothing to fetch"))

    assert {photo.uri: photo for photo in scan(laid_out).photos} == before


def test_the_order_of_the_files_is_that_of_the_sources(laid_out: Path) -> None:
    """The newest is understood first, so ids are the same on every machine."""
    names = [entry.name for entry in (*SOURCES.photographs, *SOURCES.copies)]

    assert [photo.uri for photo in scan(laid_out).photos] == names


def test_an_altered_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found and needed hash, and what to remove."""
    monkeypatch.setattr(photographs, "_from_installed", lambda _: b"another picture")
    monkeypatch.setattr(photographs, "_from_wheel", lambda _: None)
    found = hashlib.sha256(b"another picture").hexdigest()
    needed = SOURCES.photographs[0].sha256

    with pytest.raises(MissingModel, match=rf"found {found}, needed sha256 {needed}; remove "):
        lay_out(tmp_path, lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_without_a_package_index_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No network at the first start: pip's last line, and what was wanted."""
    monkeypatch.setattr(photographs, "wheels_folder", lambda: tmp_path / "wheels")
    monkeypatch.setattr(photographs, "_installed", lambda _: False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    with pytest.raises(MissingModel, match=r"cannot fetch the sample photographs \(scikit-image=="):
        fetch_wheels()
