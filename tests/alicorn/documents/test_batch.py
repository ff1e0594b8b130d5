"""A batch says what its documents say, to the byte."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alicorn.documents import codec
from alicorn.documents.batch import PhotoBatch, encode_batch
from alicorn.documents.model import UNKNOWN_TIME
from loadtest.world.generator import World


@pytest.fixture(scope="module")
def batch() -> PhotoBatch:
    return World(people=40, photos=300, seed=3).block(0, first_sequence=500)


def test_a_batch_is_written_as_its_documents_are(batch: PhotoBatch) -> None:
    expected = [codec.encode(document) for document in batch.documents()]

    assert expected == encode_batch(batch)


def test_a_batch_without_texts_tags_times_and_places_is_written_as_its_documents_are(
    batch: PhotoBatch,
) -> None:
    """Fields that are not there take no byte, in either way of writing."""
    nothing = [""] * len(batch)
    bare = replace(
        batch,
        cameras=nothing,
        captions=nothing,
        albums=nothing,
        places=[None] * len(batch),
        tagged=[()] * len(batch),
        taken_at=np.full(len(batch), UNKNOWN_TIME),
        popularity=np.zeros_like(batch.popularity),
        tag_starts=np.zeros_like(batch.tag_starts),
        tag_concepts=batch.tag_concepts[:0],
        tag_levels=batch.tag_levels[:0],
    )
    expected = [codec.encode(document) for document in bare.documents()]

    assert expected == encode_batch(bare)


def test_what_a_batch_writes_is_read_as_its_documents(batch: PhotoBatch) -> None:
    read = [codec.decode(data) for data in encode_batch(batch)]

    assert [document.caption for document in batch.documents()] == [d.caption for d in read]
    assert [d.audience for d in batch.documents()] == [d.audience for d in read]
