"""Peers answer what brute force answers: else they would be asked something else than we are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from alicorn.errors import AlicornError
from loadtest.brute import BruteForce
from loadtest.corpora.corpus import Corpus
from loadtest.peers.croaring import Roaring
from loadtest.peers.pisa import ALGORITHMS, Pisa
from loadtest.peers.tantivy import Tantivy
from loadtest.peers.xapian import Xapian
from loadtest.questions import CLASSES, Question, questions


@pytest.fixture(scope="module")
def asked(corpus: Corpus) -> list[Question]:
    """Two queries of every class."""
    return [question for name in CLASSES for question in questions(corpus, name, 2)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep the peers' indexes."""
    return tmp_path_factory.mktemp("peers")


@pytest.fixture(scope="module")
def tantivy(corpus: Corpus, folder: Path) -> Tantivy:
    """Return the corpus in tantivy, read again after it was built."""
    found = Tantivy.open(corpus, folder / "tantivy") and Tantivy.open(corpus, folder / "tantivy")
    if found is None:
        pytest.skip("tantivy is not installed: pip install -e '.[bench]'")
    return found


@pytest.fixture(scope="module")
def xapian(corpus: Corpus, folder: Path) -> Iterator[Xapian]:
    """Return the corpus in Xapian."""
    found = Xapian.open(corpus, folder / "xapian")
    if found is None:
        pytest.skip("Xapian is not installed: sudo apt-get install python3-xapian")
    with found:
        yield found


def test_tantivy_counts_what_matches(
    corpus: Corpus, asked: list[Question], tantivy: Tantivy
) -> None:
    """Every class, and the best by BM25 are among the matches."""
    brute = BruteForce(corpus)
    for question in asked:
        matches = brute.matches(question)
        best = tantivy.best(question, 100)()
        assert tantivy.count(question)() == matches.size
        assert best.size == min(100, matches.size)
        assert np.isin(best, matches).all()
    assert 1 < tantivy.bytes_a_posting < 5


def test_tantivy_of_another_corpus_is_refused(corpus: Corpus, tantivy: Tantivy) -> None:
    """A folder from before must not answer for today's data."""
    other = dataclasses.replace(corpus, documents=corpus.documents - 1)
    with pytest.raises(AlicornError, match="needed 2999 in one"):
        Tantivy(other, tantivy._folder)


def test_croaring_finds_all_ids(corpus: Corpus, asked: list[Question]) -> None:
    """Bitmaps of the same lists."""
    roaring = Roaring.open(corpus)
    if roaring is None:
        pytest.skip("pyroaring is not installed: pip install -e '.[bench]'")
    brute = BruteForce(corpus)
    for question in asked:
        assert list(roaring.ids(question)()) == brute.matches(question).tolist()


def test_xapian_finds_the_first_in_docid_order(
    corpus: Corpus, asked: list[Question], xapian: Xapian
) -> None:
    """It stops as early as we do, and takes its own time."""
    brute = BruteForce(corpus)
    for question in asked:
        assert xapian.first(question, 10).tolist() == brute.matches(question)[:10].tolist()
        assert 0 < xapian.timed(question, 10)() < 1


def test_xapian_says_when_its_process_is_gone(corpus: Corpus, xapian: Xapian, folder: Path) -> None:
    """Nothing waits for ever."""
    other = Xapian(corpus, folder / "nothing")
    with pytest.raises(AlicornError, match="process has ended"):
        other.first(Question("and", ((0,),), ((10_000,),)), 1)
    other.close()


def test_pisa_sums_bytes_exactly(corpus: Corpus, asked: list[Question], folder: Path) -> None:
    """Each of its algorithms, so that the fastest one is a right one."""
    pisa = Pisa.open(corpus, folder / "pisa")
    if pisa is None:
        pytest.skip("PISA is not installed: loadtest/peers/__init__.py says how")
    brute = BruteForce(corpus)
    tried = set()
    for question in asked:
        for algorithm in ALGORITHMS.get(question.kind, ()):
            tried.add(algorithm)
            sums = np.zeros(corpus.documents, dtype=np.int64)
            for word in question.words[0]:
                sums[corpus.postings[corpus.list_of(word)]] += corpus.confidences[
                    corpus.list_of(word)
                ]
            needed = np.sort(sums[brute.members(question)])[::-1][:100]
            documents, found = pisa.best(question, 100, algorithm)
            assert found.tolist() == needed.tolist()
            assert sums[documents].tolist() == found.tolist()
    assert tried == {name for names in ALGORITHMS.values() for name in names}
