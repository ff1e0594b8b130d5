"""`alicorn bench memory` at toy size: bytes of what really came out of the builder (DB-09)."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import loadtest.memory
from alicorn.errors import AlicornError
from loadtest import memory
from loadtest.corpora.assembled import segment_bytes
from loadtest.corpora.corpus import Corpus
from loadtest.corpora.photos import tagged_photos, without_tags
from loadtest.workbench import Workbench


def test_postings_and_photos_are_weighed(bench: Workbench) -> None:
    """Hot and cold lists of both corpora, a photo's tags and the whole of it."""
    rows = {row.id: row for row in memory.run(bench).rows}

    assert set(rows) == {
        *(f"bytes/{name}/{form}" for name in ("A", "C") for form in ("ram", "packed")),
        *("photo-bytes/photos/tags", "photo-bytes/photos/all"),
    }
    ram, packed = rows["bytes/A/ram"].ours, rows["bytes/A/packed"].ours
    assert ram is not None
    assert packed is not None
    assert 1 < packed <= ram < 10
    assert (rows["bytes/A/ram"].limit, rows["bytes/A/packed"].limit) == (3.7, 2.9)
    tags, whole = rows["photo-bytes/photos/tags"].ours, rows["photo-bytes/photos/all"].ours
    assert tags is not None
    assert whole is not None
    assert 50 < tags < whole


def test_lists_that_decode_to_something_else_have_no_weight(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form that loses hits is small, and worth nothing."""

    def lossy(corpus: Corpus, **options: Any) -> bytes:
        return segment_bytes(
            dataclasses.replace(corpus, confidences=corpus.confidences // np.uint8(2)), **options
        )

    monkeypatch.setattr(loadtest.memory, "segment_bytes", lossy)

    with pytest.raises(AlicornError, match="hits of bytes/A/ram"):
        memory.run(bench)


def test_photos_have_fifty_tags_and_differ_by_them_only() -> None:
    """What tags weigh is a difference of two indexes."""
    photos = tagged_photos(3)
    bare = without_tags(photos)

    assert all(len({tag.concept for tag in photo.tags}) == 50 for photo in photos)
    assert all(not photo.tags for photo in bare)
    assert [photo.caption for photo in bare] == [photo.caption for photo in photos]
    assert photos == tagged_photos(3)
