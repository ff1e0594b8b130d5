"""Files that somebody drops: whole or not at all, once, and never in another's place."""

from __future__ import annotations

import errno
import io
import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from alicorn.command.shelves.dropping import DroppedFiles
from alicorn.errors import BadRequest, ConfigError, OutOfSpace
from alicorn.files import HALF_SUFFIX


@pytest.fixture
def dropped(tmp_path: Path) -> DroppedFiles:
    """Give a folder for dropped files, which is not there yet."""
    return DroppedFiles(tmp_path / "dropped", most_bytes=100_000)


def picture(colour: str = "red", side: int = 40) -> bytes:
    """Return a PNG."""
    written = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(written, "PNG")
    return written.getvalue()


def in_chunks(data: bytes, size: int = 7) -> Iterator[bytes]:
    """Yield ``data`` as a browser sends it: in pieces of any size."""
    for at in range(0, len(data), size):
        yield data[at : at + size]


def kept(dropped: DroppedFiles) -> dict[str, bytes]:
    """Return what is there, by path; nothing may lie in the folder of what is being written."""
    assert not list((dropped.photos.parent / "incoming").glob("*"))
    return {
        path.relative_to(dropped.photos).as_posix(): path.read_bytes()
        for path in sorted(dropped.photos.rglob("*"))
        if path.is_file()
    }


def test_a_file_is_kept_as_it_came(dropped: DroppedFiles) -> None:
    """Below its folders, for its owner alone."""
    assert dropped.take("Holidays/cat.png", in_chunks(picture()))

    assert kept(dropped) == {"Holidays/cat.png": picture()}
    for path in [dropped.photos, *dropped.photos.rglob("*")]:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_the_same_file_again_changes_nothing(dropped: DroppedFiles) -> None:
    """A folder is dropped twice by everybody, one time or another."""
    dropped.take("cat.png", in_chunks(picture()))
    before = (dropped.photos / "cat.png").stat()

    assert not dropped.take("cat.png", in_chunks(picture(), 1_000))
    assert (dropped.photos / "cat.png").stat() == before
    assert list(kept(dropped)) == ["cat.png"]


def test_another_content_of_the_same_name_gets_a_number(dropped: DroppedFiles) -> None:
    """Every camera has an IMG_0001; the third dropped again is the third."""
    for colour in ("red", "blue", "green"):
        assert dropped.take("IMG_0001.png", in_chunks(picture(colour)))

    assert not dropped.take("IMG_0001.png", in_chunks(picture("green")))
    assert kept(dropped) == {
        "IMG_0001 (2).png": picture("blue"),
        "IMG_0001 (3).png": picture("green"),
        "IMG_0001.png": picture("red"),
    }


def test_a_file_and_a_folder_of_one_name_do_not_meet(dropped: DroppedFiles) -> None:
    """Nothing that was kept is in the way of what comes."""
    dropped.take("a.png", in_chunks(picture("red")))
    dropped.take("a.png/b.png", in_chunks(picture("blue")))
    dropped.take("c.png/d.png", in_chunks(picture("green")))
    dropped.take("c.png", in_chunks(picture("black")))

    assert list(kept(dropped)) == ["a (2).png/b.png", "a.png", "c (2).png", "c.png/d.png"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cat.png", b"", "empty"),
        ("cat.png", b"<!doctype html>", "does not begin like a picture"),
        ("cat.png", b"GI", "does not begin like a picture"),
        ("cat.png", picture() + b"\0" * 100_000, "more than 100000 bytes"),
        ("cat.html", picture(), "needed a photo"),
        ("../..", picture(), "needed a photo"),
    ],
)
def test_what_is_no_photo_is_refused_and_leaves_nothing(
    dropped: DroppedFiles, name: str, content: bytes, said: str
) -> None:
    """Not even the folder, which would be offered as a shelf."""
    with pytest.raises(BadRequest, match=said):
        dropped.take(name, in_chunks(content))

    assert not dropped.photos.exists()
    assert kept(dropped) == {}


def test_what_is_no_photo_is_refused_before_all_of_it_has_come(dropped: DroppedFiles) -> None:
    """A film of gigabytes is not read to its end."""
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"film" * 64

    with pytest.raises(BadRequest):
        dropped.take("film.jpg", endless())
    assert read == 1


def test_a_file_of_which_the_rest_never_comes_is_not_kept(dropped: DroppedFiles) -> None:
    """The page was closed in the middle."""

    def breaks_off() -> Iterator[bytes]:
        yield picture()[:50]
        raise ConnectionResetError

    with pytest.raises(ConfigError):
        dropped.take("cat.png", breaks_off())
    assert kept(dropped) == {}


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, OutOfSpace), (errno.EDQUOT, OutOfSpace)]
)
@pytest.mark.parametrize("failing", ["fsync", "link"])
def test_a_full_disk_is_told_and_nothing_is_kept(
    dropped: DroppedFiles,
    monkeypatch: pytest.MonkeyPatch,
    failing: str,
    number: int,
    expected: type[Exception],
) -> None:
    """Written or named: half a photo would be understood as a broken one for ever."""

    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, failing, full)
    with pytest.raises(expected, match="make some room"):
        dropped.take("cat.png", in_chunks(picture()))
    monkeypatch.undo()

    assert kept(dropped) == {}
    assert dropped.take("cat.png", in_chunks(picture()))


def test_where_there_are_no_hard_links_a_file_is_moved(
    dropped: DroppedFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sticks and some network folders have none."""

    def none(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", none)
    dropped.take("cat.png", in_chunks(picture("red")))
    dropped.take("cat.png", in_chunks(picture("blue")))

    assert kept(dropped) == {"cat (2).png": picture("blue"), "cat.png": picture("red")}


def test_many_at_once_are_all_kept_and_none_twice(dropped: DroppedFiles) -> None:
    """A browser sends several at a time."""
    colours = ["red", "blue", "green", "black"]

    def drop(colour: str) -> None:
        dropped.take("x.png", in_chunks(picture(colour)))

    threads = [threading.Thread(target=drop, args=(colour,)) for colour in colours * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(kept(dropped).values()) == sorted(map(picture, colours))


def test_what_a_killed_process_left_behind_is_cleared_away(dropped: DroppedFiles) -> None:
    """After a day, so that another process's file that is being written stays."""
    incoming = dropped.photos.parent / "incoming"
    incoming.mkdir(parents=True)
    old, new = incoming / f"old{HALF_SUFFIX}", incoming / f"new{HALF_SUFFIX}"
    for path in (old, new):
        path.write_bytes(b"half")
    yesterday = time.time() - 25 * 3_600
    os.utime(old, (yesterday, yesterday))
    dropped.take("cat.png", in_chunks(picture()))

    assert not old.exists()
    assert new.exists()
