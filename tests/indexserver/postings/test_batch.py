"""Segments of a batch are those of its documents, byte for byte."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents.batch import PhotoBatch
from indexserver.postings.batch import BatchTerms, build_batch, terms_of_batch
from indexserver.postings.builder import build
from loadtest.world.generator import World


@pytest.fixture(scope="module")
def batch() -> PhotoBatch:
    found = World(people=40, photos=200, seed=9).block(0, first_sequence=11)
    # Words that repeat, other scripts, blanks and capitals, a name without a stem.
    odd = {
        0: {"captions": "dog dog Dogs, the DOG's dogs " * 60, "albums": "  Straße\t ÖRT "},
        1: {"captions": "東京タワー ไทย हिन्दी", "uris": "a/.hidden"},
        2: {"captions": "", "albums": "", "uris": "x.tar.gz", "cameras": "A  b"},
    }
    columns = {name: list(getattr(found, name)) for name in ("captions", "albums", "uris")}
    columns["cameras"] = list(found.cameras)
    for row, texts in odd.items():
        for name, text in texts.items():
            columns[name][row] = text
    return replace(found, **columns)


@pytest.fixture(scope="module")
def terms(batch: PhotoBatch) -> BatchTerms:
    return terms_of_batch(batch)


@given(data=st.data())
def test_any_choice_of_a_batch_is_built_as_its_documents_are(
    batch: PhotoBatch, terms: BatchTerms, data: st.DataObject
) -> None:
    """A shard must not be able to tell how its segment was made."""
    rows = data.draw(st.sets(st.integers(0, len(batch) - 1), max_size=30))
    chosen = np.isin(np.arange(len(batch)), list(rows))
    expected = build([batch.document(row) for row in rows], first_sequence=11, last_sequence=210)

    assert expected == build_batch(batch, terms, chosen, first_sequence=11, last_sequence=210)


def test_a_whole_batch_is_built_as_its_documents_are(batch: PhotoBatch, terms: BatchTerms) -> None:
    expected = build(batch.documents(), first_sequence=1, last_sequence=2)
    everything = np.ones(len(batch), dtype=np.bool_)

    assert expected == build_batch(batch, terms, everything, first_sequence=1, last_sequence=2)


def test_a_batch_without_tags_is_built_as_its_documents_are(batch: PhotoBatch) -> None:
    bare = replace(
        batch,
        tag_starts=np.zeros_like(batch.tag_starts),
        tag_concepts=batch.tag_concepts[:0],
        tag_levels=batch.tag_levels[:0],
    )
    everything = np.ones(len(batch), dtype=np.bool_)
    expected = build(bare.documents(), first_sequence=1, last_sequence=2)

    assert expected == build_batch(
        bare, terms_of_batch(bare), everything, first_sequence=1, last_sequence=2
    )
