"""Files that are either the old one or the new one."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from threading import Thread

import pytest

from alicorn.errors import OutOfSpace
from alicorn.files import write_whole


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path, durable: bool) -> None:
    """Folders that hold photos' thumbnails must not fill with halves."""
    path = tmp_path / "a.json"
    for data in (b"old", b"newer", b""):
        write_whole(path, data, durable=durable)

        assert data == path.read_bytes()
        assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "expected"),
    [(errno.ENOSPC, OutOfSpace), (errno.EDQUOT, OutOfSpace), (errno.EIO, OSError)],
)
def test_a_failing_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception]
) -> None:
    """A full disk is told as one, and nothing that was there is lost."""
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def fail(_handle: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(expected):
        write_whole(path, b"new", durable=True)

    assert path.read_bytes() == b"old"
    assert [path] == list(tmp_path.iterdir())


def test_a_folder_that_is_gone_is_an_error_of_the_system(tmp_path: Path) -> None:
    """Nobody's room ran out."""
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "gone" / "a", b"")


def test_writers_at_once_leave_one_of_their_files(tmp_path: Path) -> None:
    """Progress is told by several threads; a mixture of two would be no JSON."""
    path = tmp_path / "a"
    contents = [bytes([number]) * 50_000 for number in range(8)]
    threads = [Thread(target=write_whole, args=(path, data)) for data in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert path.read_bytes() in contents
    assert [path] == list(tmp_path.iterdir())
