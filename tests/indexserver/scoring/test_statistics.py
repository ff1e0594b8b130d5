"""Text statistics: the same from documents and from segments, whole or refused on disk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import CorruptData
from indexserver.scoring.statistics import TextStatistics, load_latest


def described(statistics):
    return statistics.documents, statistics.words, dict(statistics.frequencies)


@given(data=st.data())
def test_segments_and_documents_give_the_same(worlds, data):
    """Shards need not be read document by document; the dead do not count."""
    seed, sizes = data.draw(worlds.seeds), data.draw(worlds.sizes)
    worlds_ = [worlds.world(seed, sizes, changes=False), worlds.world(seed + 1, [5], changes=False)]
    living = [document for world in worlds_ for document, _ in world.living()]

    expected = TextStatistics.of_documents(living)

    assert described(expected) == described(
        TextStatistics.of_views(worlds.view(world) for world in worlds_)
    )


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
