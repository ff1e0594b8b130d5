"""Corpus C: people's words, counted as search counts them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from alicorn.documents.text import stem, tokens
from alicorn.errors import NotFound
from loadtest.corpora.captions import captions_corpus, captions_in


def test_captions_are_repeated_with_fresh_ids(captions: Path) -> None:
    """Each document's words are those of its caption, whichever copy it is."""
    corpus = captions_corpus(captions, 200)
    needed = [
        Counter(stem(token) for token in tokens(caption)) for caption in captions_in(captions)
    ]
    found: list[Counter[str]] = [Counter() for _ in range(200)]
    for word in range(corpus.words):
        here = corpus.list_of(word)
        for document, times in zip(corpus.postings[here], corpus.frequencies[here], strict=True):
            found[document][corpus.word(word)] = int(times)

    assert len(needed) == 135
    assert found == [needed[number % 135] for number in range(200)]
    assert np.unique(corpus.ids).size == 200


def test_words_are_in_byte_order(captions: Path) -> None:
    """A dictionary, ours and PISA's, is searched by halves."""
    corpus = captions_corpus(captions, 15)
    words = [corpus.word(number).encode() for number in range(corpus.words)]

    assert words == sorted(set(words))


def test_missing_captions_are_named(tmp_path: Path) -> None:
    """The message says what --data must name."""
    with pytest.raises(NotFound, match=r"coco_val2017\.jsonl"):
        captions_corpus(tmp_path, 10)


@pytest.mark.data
def test_the_development_data_has_a_hundred_thousand_captions(data_dir: Path) -> None:
    """Enough different ones that a million documents repeat each only ten times."""
    assert sum(1 for _ in captions_in(data_dir)) > 100_000
    assert 1_000 < captions_corpus(data_dir, 2_000).words < 10_000
