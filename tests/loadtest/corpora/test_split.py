"""Corpus B: the same documents, whichever segment they are in."""

from __future__ import annotations

import numpy as np
import pytest

from loadtest.corpora.corpus import Corpus
from loadtest.corpora.split import deleted, split


@pytest.mark.parametrize("interleaved", [False, True])
def test_every_hit_is_in_exactly_one_part(corpus: Corpus, interleaved: bool) -> None:
    """A hit has its document's place in its part, and its bytes."""
    parts = split(corpus, 8, interleaved=interleaved)
    found = []
    for part in parts:
        for word in range(part.corpus.words):
            here = part.corpus.list_of(word)
            documents = part.documents_of[part.corpus.postings[here]]
            name = part.corpus.word(word)
            found += [
                (name, int(document), int(byte))
                for document, byte in zip(documents, part.corpus.confidences[here], strict=True)
            ]
    needed = [
        (corpus.word(word), int(document), int(byte))
        for word in range(corpus.words)
        for document, byte in zip(
            corpus.postings[corpus.list_of(word)],
            corpus.confidences[corpus.list_of(word)],
            strict=True,
        )
    ]

    assert sorted(found) == sorted(needed)
    assert sum(part.corpus.documents for part in parts) == corpus.documents


def test_runs_are_of_neighbours_and_interleaved_parts_are_not(corpus: Corpus) -> None:
    """As a log seals them, and as nothing should."""
    run, woven = split(corpus, 8)[3], split(corpus, 8, interleaved=True)[3]

    assert np.all(np.diff(run.documents_of.astype(np.int64)) == 1)
    assert np.all(np.diff(woven.documents_of.astype(np.int64)) == 8)


def test_one_document_in_a_hundred_is_deleted() -> None:
    """Always the same ones."""
    dead = deleted(100_000)

    assert 0.009 < dead.mean() < 0.011
    assert np.array_equal(dead, deleted(100_000))
