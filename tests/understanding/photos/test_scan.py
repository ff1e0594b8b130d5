"""Scanning: which files are photos, in which order, whatever the folder does meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alicorn.errors import NotFound
from understanding.photos.scan import FoundPhoto, Scan, scan


def put(path: Path, *, size: int = 1, age: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, ns=(0, 1_000_000 - age))
    return path


def test_photos_are_listed_newest_first(tmp_path: Path) -> None:
    """What somebody has just taken should be searchable first."""
    put(tmp_path / "old.jpg", age=9)
    put(tmp_path / "a" / "new.PNG", age=1, size=5)
    put(tmp_path / "a" / "b" / "twin.heic", age=5)
    put(tmp_path / "a" / "twin.webp", age=5)

    found = scan(tmp_path)

    assert found.photos[0] == FoundPhoto("a/new.PNG", 5, 999_999)
    uris = [photo.uri for photo in found.photos]
    assert uris == ["a/new.PNG", "a/b/twin.heic", "a/twin.webp", "old.jpg"]


def test_hidden_and_other_files_are_passed_over(tmp_path: Path) -> None:
    """Caches and thumbnails of other programs are not somebody's photos."""
    for name in (".a.jpg", ".cache/b.jpg", "@eaDir/c.jpg", "note.txt", "jpg", "movie.mp4"):
        put(tmp_path / name)
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")

    assert scan(tmp_path).photos == ()


def test_an_empty_folder_has_no_photos(tmp_path: Path) -> None:
    """Bad input: nothing to do is no error."""
    assert scan(tmp_path).photos == ()


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """An unplugged disk must not look like a folder from which everything was deleted."""
    with pytest.raises(NotFound, match="gone cannot be listed: no such file"):
        scan(tmp_path / "gone")
    with pytest.raises(NotFound, match=r"a\.jpg cannot be listed: not a directory"):
        scan(put(tmp_path / "a.jpg"))


def test_links_are_followed_once(tmp_path: Path) -> None:
    """A loop of links must end, and a linked album must be found."""
    put(tmp_path / "outside" / "a.jpg")
    library = tmp_path / "library"
    library.mkdir()
    (library / "album").symlink_to(tmp_path / "outside")
    (library / "again").symlink_to(library)
    (tmp_path / "outside" / "loop").symlink_to(library)
    (library / "self.jpg").symlink_to(library / "self.jpg")
    (library / "dangling.jpg").symlink_to(library / "nothing.jpg")

    assert [photo.uri for photo in scan(library).photos] == ["album/a.jpg"]


def test_a_folder_that_may_not_be_listed_hides_its_photos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be seen is not deleted."""
    put(tmp_path / "open" / "a.jpg")
    put(tmp_path / "closed" / "b.jpg")
    listing = os.scandir

    def guarded(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "scandir", guarded)
    found = scan(tmp_path)

    assert [photo.uri for photo in found.photos] == ["open/a.jpg"]
    assert found.unreadable == ("closed",)
    assert found.hides("closed/b.jpg")
    assert not found.hides("closed2/b.jpg")
    assert not found.hides("open/c.jpg")


def test_what_vanishes_during_the_scan_was_never_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody tidies up while Alicorn starts."""
    put(tmp_path / "a.jpg")
    put(tmp_path / "sub" / "b.jpg")
    listing = os.scandir

    def tidied(path: Path) -> object:
        found = listing(path)
        if Path(path) == tmp_path:
            (tmp_path / "a.jpg").unlink()
            (tmp_path / "sub" / "b.jpg").unlink()
            (tmp_path / "sub").rmdir()
        return found

    monkeypatch.setattr(os, "scandir", tidied)

    assert scan(tmp_path) == Scan(photos=(), unreadable=(), unnameable=0)


def test_names_that_are_not_text_are_counted(tmp_path: Path) -> None:
    """Such a file has no uri; it is said, not dropped in silence."""
    (tmp_path / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"x")
    put(tmp_path / "café.jpg")

    found = scan(tmp_path)

    assert [photo.uri for photo in found.photos] == ["café.jpg"]
    assert found.unnameable == 1
