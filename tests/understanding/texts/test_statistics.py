"""Text statistics: what documents say, whole or refused on disk, and what a word is worth."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents import PhotoDocument
from alicorn.documents.terms import terms_of
from alicorn.errors import CorruptData
from understanding.texts.statistics import SHIPPED, TextStatistics, load_latest

WORDS = ("cats", "cat", "mat", "sea", "sand", "on", "a")


def captions(count: int, seed: int = 0) -> list[PhotoDocument]:
    return [
        PhotoDocument(caption=" ".join(WORDS[(i * (seed + j)) % len(WORDS)] for j in range(i % 9)))
        for i in range(count)
    ]


def described(statistics: TextStatistics) -> tuple[int, int, dict[str, int]]:
    return statistics.documents, statistics.words, dict(statistics.frequencies)


def test_every_document_counts_its_words() -> None:
    """What BM25 divides by must be what `text:` finds."""
    documents = captions(30)
    words = [[t for t in terms_of(d) if t.edge == "text"] for d in documents]

    found = TextStatistics.of_documents(documents)

    assert found.documents == 30
    assert found.words == sum(term.hitdata for terms in words for term in terms)
    for word, frequency in found.frequencies.items():
        assert frequency == sum(any(t.value == word for t in terms) for terms in words)


def test_rare_words_are_left_out_and_nothing_else_changes() -> None:
    """They score as the rarest there are, so the file need not name them."""
    whole = TextStatistics.of_documents(captions(40))

    common = whole.without_rare_words(least=16)

    assert (common.documents, common.words) == (whole.documents, whole.words)
    assert dict(common.frequencies) == {w: n for w, n in whole.frequencies.items() if n >= 16}
    assert common.frequencies != whole.frequencies


@given(documents=st.integers(1, 10**7), df=st.integers(0, 10**7))
def test_a_word_is_worth_its_idf_by_that_of_an_unknown_one(documents: int, df: int) -> None:
    """DB-12: more for rarer words, 1 at most, whatever the collection's size."""
    statistics = TextStatistics(1, documents, 1, {"word": df})
    df = min(df, documents)
    idf = math.log(1 + (documents - df + 0.5) / (df + 0.5))
    expected = idf / math.log(1 + (documents + 0.5) / 0.5)

    assert statistics.worth("word") == pytest.approx(expected)
    assert statistics.worth("other") == 1
    assert 0 < statistics.worth("word") <= 1


def test_nothing_is_worth_anything_without_documents() -> None:
    """No division by nothing."""
    assert TextStatistics(1, 0, 0, {}).worth("word") == 0


def test_the_shipped_statistics_know_common_words() -> None:
    """DB-12: captions are scored from the first photo on, without any count of its own."""
    shipped = load_latest(SHIPPED)

    assert shipped is not None
    assert shipped.frequencies["man"] > shipped.frequencies["giraffe"] > 0
    assert shipped.worth("man") < shipped.worth("giraffe") < shipped.worth("okapi") == 1


def test_the_newest_version_is_loaded(tmp_path) -> None:
    """Replicas that see the same folder score by the same numbers."""
    assert load_latest(tmp_path / "absent") is None
    assert load_latest(tmp_path) is None
    for version in (2, 10, 9):
        TextStatistics.of_documents(captions(30, version), version=version).save(tmp_path)

    found = load_latest(tmp_path)

    assert found is not None
    assert found.version == 10
    assert described(found) == described(TextStatistics.of_documents(captions(30, 10)))


def test_a_damaged_file_is_refused(tmp_path) -> None:
    """A wrong frequency would only make the order a little worse, for ever, unseen."""
    path = TextStatistics.of_documents(captions(30)).save(tmp_path)
    whole = path.read_bytes()
    for position in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        path.write_bytes(damaged)

        with pytest.raises(CorruptData, match=path.name):
            TextStatistics.load(path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CorruptData):
        load_latest(tmp_path)
