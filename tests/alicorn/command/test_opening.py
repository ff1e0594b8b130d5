"""Which library a command means, and what is noted about the last one."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from alicorn.command.library import Library
from alicorn.command.opening import (
    Running,
    forget,
    last_library,
    make_library,
    remember,
    running_here,
)
from alicorn.errors import ConfigError, NotFound


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Make the library of an empty folder."""
    (tmp_path / "Pictures").mkdir()
    return make_library(tmp_path / "Pictures")


@pytest.fixture
def listening() -> Iterator[str]:
    """Give the address of somebody who listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_folder_has_one_library_whatever_way_it_is_named(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--photos .` and the full path mean the same photos."""
    monkeypatch.chdir(tmp_path / "Pictures")

    assert make_library(Path()).path == library.path
    assert library.settings.name == "Pictures"
    assert library.settings.photos == str(tmp_path / "Pictures")


def test_two_folders_of_the_same_name_have_two_libraries(library: Library, tmp_path: Path) -> None:
    """Everybody has several `Pictures`."""
    (tmp_path / "disk" / "Pictures").mkdir(parents=True)

    assert make_library(tmp_path / "disk" / "Pictures").path != library.path


def test_a_folder_that_is_not_there_makes_no_library(tmp_path: Path) -> None:
    """A typing mistake must leave nothing behind."""
    with pytest.raises(NotFound, match="found nothing at"):
        make_library(tmp_path / "Pitcures")
    assert not (tmp_path / "data").exists()


def test_a_folder_whose_path_is_no_text_is_refused(tmp_path: Path) -> None:
    """Settings, log and pages are UTF-8: it could not be named in any of them."""
    folder = tmp_path / os.fsdecode(b"pictures-\xff")
    folder.mkdir()
    with pytest.raises(ConfigError, match=r"udcff.* needed a path in UTF-8"):
        make_library(folder)


def test_a_library_of_another_folder_is_not_taken_over(library: Library, tmp_path: Path) -> None:
    """Its photos would all look removed."""
    (tmp_path / "other").mkdir()
    with pytest.raises(ConfigError, match=r"is of .*Pictures, not of .*other"):
        make_library(tmp_path / "other", library.path)


def test_a_server_is_found_while_it_runs_and_listens(library: Library, listening: str) -> None:
    """Then a search asks it instead of opening the library."""
    running = Running(os.getpid(), str(library.path), listening, "http://127.0.0.1:1")
    remember(library, running)

    assert running_here() == running


def test_the_note_of_a_server_that_was_killed_is_not_believed(
    library: Library, listening: str
) -> None:
    """It could not clean up, and by now its process id may be somebody else's."""
    with socket.create_server(("127.0.0.1", 0)) as freed:
        gone = f"127.0.0.1:{freed.getsockname()[1]}"
    remember(library, Running(os.getpid(), str(library.path), gone, "http://127.0.0.1:1"))
    assert running_here() is None

    # The largest process id that Linux gives is 2**22.
    remember(library, Running(2**22 + 1, str(library.path), listening, "http://127.0.0.1:1"))
    assert running_here() is None


def test_a_damaged_or_absent_note_is_no_note(library: Library, tmp_path: Path) -> None:
    """It only saves typing; nothing may fail for its sake."""
    assert running_here() is None
    assert last_library() is None
    (tmp_path / "state" / "alicorn").mkdir(parents=True)
    (tmp_path / "state" / "alicorn" / "state.json").write_text("{")

    assert running_here() is None
    assert last_library() is None


def test_the_library_used_last_is_the_one_meant(library: Library) -> None:
    """`alicorn index --photos DIR`, then `alicorn search cat`."""
    remember(library, None)

    assert last_library() == library


def test_a_home_that_cannot_be_written_is_no_error(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container's home may be read-only; the note is a convenience."""
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))

    remember(library, None)
    assert last_library() is None


def test_a_server_takes_back_its_own_note_only(library: Library, listening: str) -> None:
    """Two servers of two libraries: the one that stops first must not hide the other."""
    other = Running(os.getppid(), str(library.path), listening, "http://127.0.0.1:1")
    remember(library, other)
    forget(library)
    assert running_here() == other

    # Its port is closed before the note goes, as in a server that stops.
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    remember(library, Running(os.getpid(), str(library.path), address, "http://127.0.0.1:1"))
    forget(library)

    assert last_library() == library
    assert running_here() is None
