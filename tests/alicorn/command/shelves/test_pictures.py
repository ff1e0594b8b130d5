"""The pictures folder: found as the desktop names it, counted by names, and never opened."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from alicorn.command.shelves.pictures import Counted, PicturesCount, count_pictures, pictures_folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


def _write_down(home: Path, line: str) -> None:
    (home / ".config").mkdir(exist_ok=True)
    text = f'# written by xdg-user-dirs-update\nXDG_MUSIC_DIR="$HOME/Musik"\n{line}\n'
    (home / ".config" / "user-dirs.dirs").write_text(text, "utf-8")


@pytest.mark.parametrize("name", ["Pictures", "Bilder", "Imágenes", "图片"])
def test_the_folder_has_the_name_that_people_give_it(home: Path, name: str) -> None:
    """In the language of their desktop, also where nothing is written down."""
    (home / name).mkdir()

    assert pictures_folder() == home / name


@pytest.mark.parametrize(
    ("line", "below"),
    [
        ('XDG_PICTURES_DIR="$HOME/Fotos"', "Fotos"),
        ('  XDG_PICTURES_DIR = "$HOME/My \\"best\\" shots"', 'My "best" shots'),
        ('XDG_PICTURES_DIR="$HOME/old"\nXDG_PICTURES_DIR="$HOME/Fotos"', "Fotos"),
    ],
)
def test_what_is_written_down_counts_before_any_name(home: Path, line: str, below: str) -> None:
    """As xdg-user-dirs writes it, and as people edit it."""
    (home / "Pictures").mkdir()
    (home / below).mkdir()
    _write_down(home, line)

    assert pictures_folder() == home / below


def test_a_folder_anywhere_on_the_machine_may_be_written_down(home: Path, tmp_path: Path) -> None:
    """On a second disk, or behind a link, which is named by where it leads."""
    disk = tmp_path / "disk"
    disk.mkdir()
    _write_down(home, f'XDG_PICTURES_DIR="{disk}"')
    assert pictures_folder() == disk

    (home / "link").symlink_to(disk)
    _write_down(home, 'XDG_PICTURES_DIR="$HOME/link"')
    assert pictures_folder() == disk


@pytest.mark.parametrize(
    "line",
    ['XDG_PICTURES_DIR="$HOME/"', 'XDG_PICTURES_DIR="$HOME"', 'XDG_PICTURES_DIR="$HOME/gone"'],
)
def test_a_home_without_a_pictures_folder_has_none(home: Path, line: str) -> None:
    """The home itself means that there is none: nobody wants all of it searched."""
    (home / "Pictures").mkdir()
    _write_down(home, line)

    assert pictures_folder() is None


def test_nothing_written_down_and_no_known_name_is_none(home: Path) -> None:
    """Also a file of that name, and settings that are no text."""
    (home / "Pictures").write_bytes(b"")
    (home / ".config").mkdir()
    (home / ".config" / "user-dirs.dirs").write_bytes(b"\xff\xfe")

    assert pictures_folder() is None


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Make a folder of five pictures by name, and of what is none."""
    folder = tmp_path / "pictures"
    (folder / "2024" / "may").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "@eaDir").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for path in ("a.jpg", "b.JPEG", "2024/c.heic", "2024/may/d.png", "2024/may/e.webp"):
        (folder / path).write_bytes(b"")
    for path in ("notes.txt", ".f.jpg", ".hidden/g.jpg", "@eaDir/h.jpg", "../elsewhere/i.jpg"):
        (folder / path).write_bytes(b"")
    (folder / "link").symlink_to(elsewhere)
    (folder / "link.jpg").symlink_to(elsewhere / "i.jpg")
    (folder / "folder.jpg").mkdir()
    return folder


def test_pictures_are_counted_by_name_and_no_link_is_followed(pictures: Path) -> None:
    """What lies outside is not in the folder, and nothing hidden is counted."""
    assert count_pictures(pictures) == Counted(5, at_least=False)


def test_no_picture_is_opened(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before somebody asks for it."""

    def opened(*_: object, **__: object) -> None:
        pytest.fail("a file was opened")

    monkeypatch.setattr("builtins.open", opened)
    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(Path, "open", opened)

    assert count_pictures(pictures).photos == 5


def test_counting_ends_at_a_number_a_time_or_a_word(pictures: Path) -> None:
    """A folder may hold millions, on a disk that is slow."""
    ticks = itertools.count()

    assert count_pictures(pictures, most=3) == Counted(3, at_least=True)
    assert count_pictures(pictures, most=5) == Counted(5, at_least=False)
    assert count_pictures(pictures, longest_s=3, clock=lambda: float(next(ticks))).at_least
    assert count_pictures(pictures, stop=lambda: True) == Counted(0, at_least=True)


def test_a_folder_that_cannot_be_listed_counts_for_nothing(tmp_path: Path) -> None:
    """It may vanish while it is counted."""
    assert count_pictures(tmp_path / "gone") == Counted(0, at_least=False)


def test_the_count_is_there_when_it_is_done(pictures: Path) -> None:
    """Until then nothing is said, and without a folder nothing is begun."""
    count = PicturesCount(pictures)
    assert count.counted is None
    count.start()
    count._thread.join(30)

    assert count.counted == Counted(5, at_least=False)
    count.close()
    none = PicturesCount(None)
    none.start()
    none.close()
    assert none.counted is None
