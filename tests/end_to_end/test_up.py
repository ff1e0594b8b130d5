"""`alicorn up`: the address at once, photos as they are understood, stopping and going on."""

from __future__ import annotations

import json
import shutil
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alicorn.command.library import Library, open_library
from alicorn.log import PutDocument, SqliteLog

if TYPE_CHECKING:
    from conftest import Home

Pictures = Callable[[int], Path]
Until = Callable[..., Any]

# Three batches of one worker: enough to see some of them searchable before the last.
_MANY = 24


def _library(home: Home) -> Library:
    (path,) = (home.path / "data/alicorn/libraries").iterdir()
    return open_library(path)


def _understood(library: Library) -> list[str]:
    """Return the uri of every photo that was ever published, in the order of the log."""
    log = SqliteLog(library.log_path)
    try:
        writes = [entry.write() for entry in log.read(0, 10_000)]
    finally:
        log.close()
    return [write.document.uri for write in writes if isinstance(write, PutDocument)]


def test_photos_are_searchable_while_others_are_still_understood(
    home: Home, pictures: Pictures, until: Until
) -> None:
    """Nobody waits for the whole folder: the address first, then the newest photos (PS-05)."""
    with home.up("--photos", pictures(_MANY), "--library", home.path / "library") as served:
        at_once = served.get("/")
        partly = until(
            lambda: (
                (now := served.status())["understanding"]["running"]
                and 0 < now["documents"] < _MANY
                and now
            ),
            timeout_s=60,
        )
        found = until(lambda: served.uris("(all)", "expression"), timeout_s=60)
        newest = until(lambda: served.uris("cat"), timeout_s=60)
        served.wait_for_photos(_MANY)
        code, page = served.get("/search?q=cat")

        assert at_once[0] in {200, 503}
        assert partly["understanding"]["found"] == _MANY
        assert "000.jpg" in found
        assert "000.jpg" in newest
        assert code == 200
        assert "000.jpg" in page
        assert served.stop() == 0
    understood = _understood(open_library(home.path / "library"))

    assert understood == sorted(understood), "newest first: their names are in that order"


def test_stopping_midway_and_starting_again_understands_no_photo_twice(
    home: Home, pictures: Pictures, until: Until
) -> None:
    """A folder of a hundred thousand photos takes days: each start must continue (PS-05)."""
    folder = pictures(_MANY)
    with home.up("--photos", folder) as served:
        until(lambda: served.status()["understanding"]["done"] > 0, timeout_s=60)
        assert served.stop() == 0
    before = _understood(_library(home))
    with home.up("--photos", folder) as served:
        served.wait_for_photos(_MANY)
        assert served.stop(signal.SIGINT) == 0
    whole = _understood(_library(home))
    again = home.alicorn("index", "--photos", folder, "--json").document

    assert 0 < len(before) <= _MANY
    assert whole[: len(before)] == before
    assert len(whole) == len(set(whole)) == _MANY
    assert (again["understood"], again["known"]) == (0, _MANY)


def test_what_came_and_went_between_two_runs_is_found_and_gone(
    home: Home, pictures: Pictures, shelf: Library
) -> None:
    """The folder is the truth: people move pictures while nothing of ours runs."""
    folder = pictures(4)
    with home.up("--photos", folder) as served:
        served.wait_for_photos(4)
        assert served.uris("rocket") == ["002.jpg"]
        assert served.stop() == 0
    (folder / "002.jpg").unlink()
    shutil.copy(shelf.photos / "garage-1.png", folder / "new.png")
    with home.up("--photos", folder) as served:
        served.wait_for_photos(4)

        assert served.uris("rocket") == []
        assert served.uris("motorcycle") == ["new.png"]
        assert served.stop() == 0


def test_a_search_goes_to_the_server_that_runs_here(home: Home, pictures: Pictures) -> None:
    """One library, one writer: the command asks the server, and stands back when it has gone."""
    with home.up("--photos", pictures(2)) as served:
        served.wait_for_photos(2)
        during = home.alicorn("search", "cat", "--json")
        named = home.alicorn("search", "cat", "--json", "--server", served.grpc)
        beside = home.alicorn("index", "--photos", home.path.parent / "pictures")
        note = home.path / "state/alicorn/state.json"
        known = json.loads(note.read_text())["running"]
        served.stop()
    after = home.alicorn("search", "cat", "--json")

    for answer in (during, named, after):
        assert answer.status == 0, answer.err
        assert answer.document["modules"][0]["photos"][0]["uri"] == "000.jpg"
    assert beside.status == 0, beside.err
    assert known["pid"] == served.process.pid, "indexing is no end of the server"
    assert json.loads(note.read_text())["running"] is None


def test_a_second_up_of_the_same_library_is_refused_with_the_address_of_the_first(
    home: Home, pictures: Pictures
) -> None:
    """Typed twice by mistake: what is wanted is open already."""
    folder = pictures(1)
    with home.up("--photos", folder) as served:
        second = home.alicorn(
            *("up", "--photos", folder, "--http-port", "0", "--grpc-port", "0"), timeout_s=60
        )
        served.wait_for_photos(1)

        assert second.status == 2
        assert served.address in second.said
        assert str(served.process.pid) in second.said
        assert served.stop() == 0


def test_a_shard_that_somebody_else_writes_is_left_alone(
    home: Home, pictures: Pictures, until: Until
) -> None:
    """Another home, the same library: two writers would ruin it, so the lock decides."""
    folder = pictures(1)
    library = home.path / "library"
    with home.up("--photos", folder, "--library", library) as served:
        served.wait_for_photos(1)
        second = home.alicorn(
            *("up", "--photos", folder, "--library", library),
            *("--http-port", "0", "--grpc-port", "0"),
            XDG_STATE_HOME=str(home.path / "elsewhere"),
        )

    assert second.status == 2
    assert "is written by another process; stop it" in second.said


@pytest.mark.parametrize("flag", ["--http-port", "--grpc-port"])
def test_a_taken_port_is_named_with_the_flag_that_chooses_another(
    home: Home, pictures: Pictures, flag: str
) -> None:
    """The usual first mishap on a machine where something else runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        other = {"--http-port": "--grpc-port", "--grpc-port": "--http-port"}[flag]
        answer = home.alicorn("up", "--photos", pictures(1), flag, port, other, "0")

    assert answer.status == 2
    assert flag in answer.said
    assert port in answer.said
    assert "http://" not in answer.out


def test_a_folder_that_is_not_there_is_told(home: Home) -> None:
    """A typing mistake must not make a library of nothing."""
    answer = home.alicorn("up", "--photos", "/there/is/no/such/folder")

    assert answer.status == 2
    assert "found nothing at /there/is/no/such/folder, needed a folder of photos" in answer.said
    assert not (home.path / "data/alicorn/libraries").exists()


def test_a_file_is_no_folder(home: Home) -> None:
    """`--photos cat.jpg` deserves another message than a folder that is missing."""
    (home.path / "cat.jpg").write_bytes(b"")
    answer = home.alicorn("up", "--photos", "cat.jpg")

    assert answer.status == 2
    assert "found a file at cat.jpg, needed a folder of photos" in answer.said


@pytest.mark.parametrize("inside", [None, "notes.txt"])
def test_a_folder_without_photos_serves_the_empty_page(
    home: Home, until: Until, inside: str | None
) -> None:
    """Empty, or full of other things: it says so, and a photo that comes later is found."""
    folder = home.path / "folder"
    folder.mkdir()
    if inside is not None:
        (folder / inside).write_text("no photo", "utf-8")
    with home.up("--photos", folder) as served:
        code, page = until(lambda: (got := served.get("/"))[0] == 200 and got, timeout_s=60)
        message = until(lambda: served.status()["understanding"]["message"])

        assert code == 200
        assert "No photos yet" in page
        assert message == "there are no photos in the folder yet"
        assert served.stop() == 0
        assert message in served.err


@pytest.mark.parametrize("inside", [None, "notes.txt"])
def test_indexing_a_folder_without_photos_says_so(home: Home, inside: str | None) -> None:
    """Nothing went wrong, but somebody expects a search to find something now."""
    folder = home.path / "folder"
    folder.mkdir()
    if inside is not None:
        (folder / inside).write_text("no photo", "utf-8")
    answer = home.alicorn("index", "--photos", folder, "--json")

    assert answer.status == 0
    assert answer.document["found"] == 0
    assert f"found no photos in {folder}" in answer.said
    assert "--photos" in answer.said


def test_an_address_that_others_can_reach_needs_viewer_tokens(home: Home) -> None:
    """Without tokens everybody could name any viewer: only this machine is served (PS-37)."""
    config = home.path / "cluster.toml"
    config.write_text('[web]\naddress = "0.0.0.0:0"\n', "utf-8")
    answer = home.alicorn("up", "--sample", "--config", config)

    assert answer.status == 2
    assert "viewer_secret" in answer.said


def test_nothing_is_written_beside_the_pictures(home: Home, pictures: Pictures) -> None:
    """They are somebody's own: read, never touched."""
    folder = pictures(2)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    folder.chmod(0o555)
    answer = home.alicorn("index", "--photos", folder)
    after = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}

    assert answer.status == 0
    assert after == before
