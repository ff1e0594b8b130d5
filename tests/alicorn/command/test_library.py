"""What lies in a library is for its owner."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from alicorn.command.library import LibrarySettings, Progress, create_library
from alicorn.errors import ConfigError, OutOfSpace
from understanding.photos.ledger import Ledger


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_other_accounts_of_the_machine_may_not_look_into_a_library(
    tmp_path: Path, umask: int
) -> None:
    """Its thumbnails show photos that the page would show to nobody else."""
    before = os.umask(umask)
    try:
        library = create_library(
            tmp_path / "deep" / "library", LibrarySettings(name="mine", photos="/none", shards=1)
        )
    finally:
        os.umask(before)

    assert stat.S_IMODE(library.path.stat().st_mode) == 0o700


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    """A mounted volume belongs to whoever mounted it."""
    there = tmp_path / "library"
    there.mkdir(mode=0o750)
    there.chmod(0o750)
    create_library(there, LibrarySettings(name="mine", photos="/none", shards=1))

    assert stat.S_IMODE(there.stat().st_mode) == 0o750


def test_in_a_folder_that_is_open_what_tells_of_photos_is_not(tmp_path: Path) -> None:
    """`--library` may name a folder that others can enter: thumbnails, segments and the ledger."""
    there = tmp_path / "library"
    there.mkdir()
    there.chmod(0o755)
    library = create_library(there, LibrarySettings(name="mine", photos="/none", shards=1))
    library.write_thumbnail(7, b"jpeg")
    with Ledger(library.ledger_path):
        pass
    library.shard_path(0).mkdir(parents=True)

    for path in there.iterdir():
        if path.name != "library.json":
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path.name


@pytest.mark.parametrize(
    ("number", "expected"),
    [(errno.ENOSPC, OutOfSpace), (errno.EACCES, ConfigError), (errno.EROFS, ConfigError)],
)
def test_a_library_that_cannot_be_made_says_what_to_choose_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception]
) -> None:
    """A full disk passes, a folder of somebody else's does not: the exit status tells which."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(expected, match=f"{os.strerror(number)}.*--library"):
        create_library(tmp_path / "library", LibrarySettings(name="m", photos="/none", shards=1))


def test_progress_that_finds_no_room_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that understands photos must tell the log's reason, not die of a note's."""
    library = create_library(
        tmp_path / "library", LibrarySettings(name="mine", photos="/none", shards=1)
    )
    library.write_progress(Progress(found=3))

    def full(*_: object, **__: object) -> None:
        raise OutOfSpace("no room")

    monkeypatch.setattr("alicorn.command.library.write_whole", full)
    library.write_progress(Progress(found=4))

    assert library.read_progress() == Progress(found=3)
