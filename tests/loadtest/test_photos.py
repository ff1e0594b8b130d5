"""Photos a second and bytes a photo: the figures of capacity (PS-04, DB-09)."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from alicorn.errors import NotFound
from loadtest.photos import bytes_rows, understanding_rows


def test_bytes_are_of_one_photo_and_have_their_sum() -> None:
    """A part that grows is seen by its own row, the whole by "all"."""
    rows = {row.id: row.ours for row in bytes_rows({"codes": 640, "postings": 960}, 10)}

    assert rows == {"bytes/photo/all": 160, "bytes/photo/codes": 64, "bytes/photo/postings": 96}


def test_an_empty_index_has_rows_without_figures() -> None:
    """Null, never a missing row and never a division by nothing."""
    assert [row.ours for row in bytes_rows({"codes": 0}, 0)] == [None, None]


def test_the_engine_is_measured_beside_the_bare_classifier(tmp_path: Path) -> None:
    """The same photos, one core, in turn: the ratio is what decoding and codes cost."""
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for number, path in enumerate(paths):
        Image.new("RGB", (320, 240), (80 * number, 90, 120)).save(path)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    (row,) = understanding_rows([*paths, broken])

    assert row.id == "understanding/photos/per-core"
    assert (row.unit, row.better) == ("photos/s", "more")
    assert row.ours is not None
    assert row.theirs is not None
    assert 0 < row.ours < row.theirs
    assert row.peer


def test_nothing_understood_is_an_error_not_a_rate_of_zero(tmp_path: Path) -> None:
    """A wrong folder must not become a figure."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")

    with pytest.raises(NotFound, match="none of 1 photos can be understood"):
        understanding_rows([broken])
