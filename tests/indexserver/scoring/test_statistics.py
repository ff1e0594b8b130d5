"""Text statistics: what documents say, whole or refused on disk."""

from __future__ import annotations

import pytest

from alicorn.documents.terms import terms_of
from alicorn.errors import CorruptData
from indexserver.scoring.statistics import SHIPPED, TextStatistics, load_latest


def described(statistics):
    return statistics.documents, statistics.words, dict(statistics.frequencies)


def test_every_document_counts_its_words(worlds):
    """What BM25 divides by must be what `text:` finds."""
    documents = worlds.documents(3, 8)
    words = [[t for t in terms_of(d) if t.edge == "text"] for d in documents]

    found = TextStatistics.of_documents(documents)

    assert found.documents == 8
    assert found.words == sum(term.hitdata for terms in words for term in terms)
    for word, frequency in found.frequencies.items():
        assert frequency == sum(any(t.value == word for t in terms) for terms in words)


def test_rare_words_are_left_out_and_nothing_else_changes(worlds):
    """They score as the rarest there are, so the file need not name them."""
    whole = TextStatistics.of_documents(worlds.documents(3, 40))

    common = whole.without_rare_words(least=2)

    assert (common.documents, common.words) == (whole.documents, whole.words)
    assert dict(common.frequencies) == {w: n for w, n in whole.frequencies.items() if n >= 2}


def test_the_shipped_statistics_know_common_words():
    """DB-12: captions are scored from the first photo on, without any count of its own."""
    shipped = load_latest(SHIPPED)

    assert shipped is not None
    assert shipped.frequencies["man"] > shipped.frequencies["giraffe"] > 0


def test_the_newest_version_is_loaded(worlds, tmp_path):
    """Replicas that see the same folder score by the same numbers."""
    assert load_latest(tmp_path / "absent") is None
    assert load_latest(tmp_path) is None
    for version in (2, 10, 9):
        TextStatistics.of_documents(worlds.documents(version, 8), version=version).save(tmp_path)

    found = load_latest(tmp_path)

    assert found is not None
    assert found.version == 10
    assert described(found) == described(TextStatistics.of_documents(worlds.documents(10, 8)))


def test_a_damaged_file_is_refused(worlds, tmp_path):
    """A wrong frequency would only make the order a little worse, for ever, unseen."""
    path = TextStatistics.of_documents(worlds.documents(1, 8)).save(tmp_path)
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
