"""Where things are kept: XDG's folders, one place a library."""

from __future__ import annotations

from pathlib import Path

import pytest

from alicorn.config.places import (
    cache_home,
    config_home,
    dropped_home,
    library_of_folder,
    sample_library,
    state_home,
    world_library,
)

PLACES = [
    ("XDG_CACHE_HOME", ".cache", cache_home, "alicorn"),
    ("XDG_STATE_HOME", ".local/state", state_home, "alicorn"),
    ("XDG_DATA_HOME", ".local/share", sample_library, "alicorn/libraries/sample-shelf"),
    ("XDG_DATA_HOME", ".local/share", dropped_home, "alicorn/dropped"),
    (
        "XDG_DATA_HOME",
        ".local/share",
        lambda: world_library(5, 9, 7),
        "alicorn/libraries/world-5-9-7",
    ),
    ("XDG_CONFIG_HOME", ".config", config_home, ""),
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable, *_ in PLACES:
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.mark.parametrize(("variable", "fallback", "place", "below"), PLACES)
@pytest.mark.parametrize("value", [None, "", "relative/folder", "/elsewhere"])
def test_the_places_are_those_of_xdg(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    fallback: str,
    place: object,
    below: str,
    value: str | None,
) -> None:
    """A relative value is to be passed over, as the specification says."""
    if value is not None:
        monkeypatch.setenv(variable, value)
    base = Path("/elsewhere") if value == "/elsewhere" else home / fallback

    assert callable(place)
    assert base / below == place()


def test_a_folder_has_one_library(home: Path) -> None:
    """However its path is written."""
    photos = home / "Pictures"
    photos.mkdir()
    (home / "link").symlink_to(photos)
    expected = library_of_folder(photos)

    assert expected == library_of_folder(photos / ".." / "Pictures")
    assert expected == library_of_folder(home / "link")
    assert expected == library_of_folder(Path("~/Pictures"))


def test_two_folders_of_one_name_have_two_libraries(home: Path) -> None:
    """Readable, and apart."""
    one, other = library_of_folder(home / "a/Pictures"), library_of_folder(home / "b/Pictures")

    assert one != other
    assert one.name.startswith("Pictures-")
    assert one.parent == other.parent == sample_library().parent


@pytest.mark.parametrize("name", ["été", "…", "a b/../c'd", "x" * 200, "\udcff", "-rf", ".."])
def test_any_name_gives_a_folder_name_that_is_safe(home: Path, name: str) -> None:
    """No separator, no leading dot or dash, not beyond what file systems take."""
    found = library_of_folder(home / name)

    assert found.parent == sample_library().parent
    assert found.name[0] not in "-."
    assert found.name.isascii()
    assert len(found.name) <= 255


def test_nothing_is_written_by_asking(home: Path) -> None:
    """Folders are made by whoever needs them."""
    cache_home()
    library_of_folder(home / "Pictures")

    assert list(home.iterdir()) == []
