"""Corpus A: what benchmarks say of it is so."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from loadtest.corpora._kernels import forward, invert, texts
from loadtest.corpora.corpus import Corpus, kept
from loadtest.corpora.synthetic import synthetic_corpus


def test_the_same_seed_draws_the_same_corpus(corpus: Corpus) -> None:
    """A figure of last year is of the same data as today's."""
    again, other = synthetic_corpus(3_000), synthetic_corpus(3_000, seed=8)

    assert np.array_equal(corpus.postings, again.postings)
    assert np.array_equal(corpus.confidences, again.confidences)
    assert not np.array_equal(corpus.postings[:100], other.postings[:100])


def test_documents_have_about_34_words_and_words_follow_zipf(corpus: Corpus) -> None:
    """Names are ranks of frequency, which is how queries find frequent and rare words."""
    counts = corpus.counts

    assert 32 < corpus.postings.size / corpus.documents < 36
    assert np.all(np.diff(counts) <= 0)
    assert counts[-1] >= 1
    assert corpus.word(17) == "t00017"
    assert 5 < counts[9] / counts[99] < 20


def test_lists_ascend_and_every_hit_has_its_bytes(corpus: Corpus) -> None:
    """Peers and our builder take the lists as they are."""
    for word in (0, 5, 100, corpus.words - 1):
        ids = corpus.postings[corpus.list_of(word)].astype(np.int64)
        assert np.all(np.diff(ids) > 0)
    assert corpus.postings.max() < corpus.documents
    assert corpus.confidences.min() >= 1
    assert corpus.confidences.max() == 255
    assert corpus.frequencies.min() >= 1


def test_documents_are_numbered_in_docid_order_with_few_ties(corpus: Corpus) -> None:
    """Sort-keys fall; where two are equal the ids rise, as everywhere."""
    keys = corpus.sort_keys.astype(np.int64)
    ties = np.flatnonzero(np.diff(keys) == 0)

    assert np.all(np.diff(keys) <= 0)
    assert 0 < ties.size < corpus.documents / 20
    assert np.all(corpus.ids[ties] < corpus.ids[ties + 1])
    assert np.unique(corpus.ids).size == corpus.documents


def test_forward_form_is_the_lists_turned_round(corpus: Corpus) -> None:
    """Peers read documents, we read lists: both must be of the same hits."""
    offsets, numbers, times = forward(
        corpus.posting_offsets, corpus.postings, corpus.frequencies, corpus.documents
    )
    back = invert(offsets, numbers, times, corpus.words)
    needed = (corpus.posting_offsets, corpus.postings, corpus.frequencies)

    assert all(np.array_equal(one, other) for one, other in zip(back, needed, strict=True))


def test_texts_have_each_word_as_often_as_it_stands(corpus: Corpus) -> None:
    """Frequencies are what BM25 is computed from."""
    offsets, numbers, times = forward(
        corpus.posting_offsets, corpus.postings, corpus.frequencies, corpus.documents
    )
    blob, bounds = texts(offsets, numbers, times, corpus.blob, corpus.word_offsets)
    start, end = int(offsets[7]), int(offsets[8])
    needed = [
        corpus.word(int(number))
        for number, count in zip(numbers[start:end], times[start:end], strict=True)
        for _ in range(count)
    ]

    assert blob[int(bounds[7]) : int(bounds[8])].tobytes().decode().split() == needed


def test_a_corpus_is_kept_and_read_again(corpus: Corpus, tmp_path: Path) -> None:
    """Drawn once; the second time nothing is made."""
    made = []
    folder = tmp_path / "A"

    def make() -> Corpus:
        made.append(1)
        return corpus

    first, second = kept(folder, make), kept(folder, make)

    assert made == [1]
    assert first is corpus
    assert (second.name, second.about, second.seed) == ("A", corpus.about, corpus.seed)
    assert np.array_equal(second.postings, corpus.postings)
    assert second.postings.dtype == np.uint32
    (folder / "about.json").write_text('{"format": 0}')
    kept(folder, make)
    assert made == [1, 1]
