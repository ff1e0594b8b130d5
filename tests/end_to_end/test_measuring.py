"""`alicorn bench` and `alicorn evaluate` at toy size: every figure's row is there, in its shape."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def figures(document: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return what was measured, by set of queries, way to search and judge."""
    return {
        (row["queries"], row["way"], row["judged_by"]): row["measured"] for row in document["rows"]
    }


def test_evaluation_judges_the_half_that_was_not_trained_on(home: Home, judged: Path) -> None:
    """Every figure through the whole serving path, beside simpler ways; DB-13's switch, too."""
    command = ("evaluate", "photos", "--photos", judged, "--library", home.path / "judged")
    answer = home.alicorn(*command, "--ablate", "--both-halves", "--json", timeout_s=240)
    # What was seen is kept; half of a file is none.
    seen = home.path / "judged" / "probabilities.npz"
    seen.write_bytes(seen.read_bytes()[:1000])
    table = home.alicorn(*command, "--without", "first-stage", "--per-query")
    assert answer.status == 0, answer.err
    rows = figures(answer.document)
    half, whole = "evaluation half", "both halves"
    strict = rows["labels, all", "alicorn", half]
    everything = rows["labels, all", "alicorn", whole]

    assert {row["about"] for row in everything["rows"]} == {"wild_cat", "motorbike"}
    assert strict["judged"] < everything["judged"] == 16
    assert all(row["precision_at_10"] > 0 for row in strict["rows"])
    assert all(row["recall_at_100"] == 1 for row in strict["rows"])
    assert {way for _, way, _ in rows} >= {
        *("alicorn", "alicorn, nothing trained", "alicorn without common-component"),
        *("alicorn without second-stage", "plain tag match", "BM25 over names of tags", "random"),
        *("ConSE", "q_w C j, every category", "q_w C j, 10 by 50"),
    }
    assert {row["way"] for row in answer.document["rows"] if row["seen_in_training"]} >= {"alicorn"}
    assert not any(r["seen_in_training"] for r in answer.document["rows"] if r["judged_by"] == half)
    assert table.status == 0, table.err
    assert "P@10" in table.out
    assert "worst: " in table.out
    assert whole not in table.out


def test_captions_find_the_images_that_others_described(home: Home) -> None:
    """Of four captions each, by the fifth; the half that trains is searched, not asked for."""
    data = home.path / "data"
    file = data / "captions" / "coco_val2017.jsonl"
    file.parent.mkdir(parents=True)
    things = ("dog", "cat", "train", "pizza", "surfer", "clock", "zebra", "kite")
    lines = [{"image": n, "captions": [f"a {thing}"] * 5} for n, thing in enumerate(things)]
    file.write_text("\n".join(json.dumps(line) for line in lines))
    command = ("evaluate", "captions", "--data", data, "--library", home.path / "captions")
    answer = home.alicorn(*command, "--json")
    again = home.alicorn(*command)
    assert answer.status == 0, answer.err
    rows = figures(answer.document)
    ours = rows["captions", "alicorn", "evaluation half"]
    bm25 = rows["captions", "BM25", "evaluation half"]

    assert 0 < ours["queries"] < len(things) == ours["judged"]
    assert ours["queries"] + ours["left_out"] == len(things)
    assert ours["means"]["reciprocal_rank"]["mean"] == 1.0
    assert bm25["means"]["recall_at_10"]["mean"] == 1.0
    assert again.status == 0, again.err
    assert "8 images searched" in again.out


def test_a_folder_without_judged_photos_is_told(home: Home, shelf: Library) -> None:
    """The layout that is needed is in the message."""
    folder = home.path / "pictures"
    folder.mkdir()
    shutil.copy(shelf.photos / "moon.png", folder)
    answer = home.alicorn("evaluate", "photos", "--photos", folder)

    assert answer.status == 2
    assert "caltech101/<label>/" in answer.said


def test_one_folder_to_evaluate_is_needed(home: Home) -> None:
    """And only one; both layouts are in the message."""
    neither = home.alicorn("evaluate", "photos")
    both = home.alicorn("evaluate", "photos", "--data", home.path, "--photos", home.path)

    assert (neither.status, both.status) == (2, 2)
    assert "found neither --data nor --photos" in neither.said.replace("\n", " ")
    assert "--data DIR with photos/caltech101/<label>/" in both.said.replace("\n", " ")
