"""`alicorn bench` and `alicorn evaluate` at toy size: every figure's row is there, in its shape."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from alicorn.command.library import Library

if TYPE_CHECKING:
    from conftest import Home

pytestmark = pytest.mark.slow


def test_the_search_benchmark_prints_every_row(home: Home, shelf_copy: Library) -> None:
    """PS-43 and DB-09: latency in three ways, bytes by part, photos a second; answers compared."""
    answer = home.alicorn(
        *("bench", "search", "--library", shelf_copy.path, "--queries", "10", "--json"),
        timeout_s=240,
    )
    assert answer.status == 0, answer.err
    document = answer.document
    rows = {row["id"]: row for row in document["rows"]}
    ways = ("direct", "one-process", "processes")

    assert set(document) == {"rows", "machine", "commit"}
    assert {f"search/{way}/{figure}" for way in ways for figure in ("p50", "p99")} <= set(rows)
    assert {"understanding/photos/per-core", "bytes/photo/all"} <= set(rows)
    for row in rows.values():
        assert list(row) == [
            *("id", "question", "ours", "peer", "theirs"),
            *("unit", "better", "ratio", "at_least", "met"),
        ]
        assert row["ours"] is None or row["ours"] > 0 or row["unit"] == "bytes"
    assert rows["search/processes/p50"]["ratio"] is not None


@pytest.fixture
def judged(shelf: Library, tmp_path: Path) -> Path:
    """Make a tiny folder of judged photos: two labels, both halves."""
    for label, source in (("wild_cat", "chelsea.png"), ("motorbike", "garage-1.png")):
        folder = tmp_path / "judged" / "caltech101" / label
        folder.mkdir(parents=True)
        with Image.open(shelf.photos / source) as opened:
            picture = opened.convert("RGB")
        picture.thumbnail((240, 240))
        for number in range(8):
            picture.save(folder / f"image_{number:04d}.jpg", quality=95 - number)
    return tmp_path / "judged"


def test_evaluation_judges_the_half_that_was_not_trained_on(home: Home, judged: Path) -> None:
    """Precision through the whole serving path, label by label, and which labels have no word."""
    command = ("evaluate", "photos", "--photos", judged, "--library", home.path / "judged")
    answer = home.alicorn(*command, "--json")
    everything = home.alicorn(*command, "--both-halves", "--json")
    table = home.alicorn(*command)
    assert answer.status == 0, answer.err
    strict = answer.document["strict"]["rows"]
    whole = everything.document["strict"]["rows"]

    assert {row["label"] for row in whole} == {"wild_cat", "motorbike"}
    assert all(row["precision_at_10"] > 0 for row in whole)
    assert sum(row["relevant"] for row in strict) < sum(row["relevant"] for row in whole) == 16
    assert table.status == 0
    assert "P@10" in table.out


def test_a_folder_without_judged_photos_is_told(home: Home, shelf: Library) -> None:
    """The layout that is needed is in the message."""
    folder = home.path / "pictures"
    folder.mkdir()
    shutil.copy(shelf.photos / "moon.png", folder)
    answer = home.alicorn("evaluate", "photos", "--photos", folder)

    assert answer.status == 2
    assert "caltech101/<label>/" in answer.said
