"""A memory budget changes what is in memory, and no answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alicorn.errors import ConfigError
from alicorn.log import DeleteDocument, PutDocument
from alicorn.query import parse
from indexserver.config import ShardConfig
from indexserver.execution.answers import Order
from indexserver.search import ShardSearch
from indexserver.shard import Shard

QUERIES = (
    "tag:cat",
    "(or tag:cat (term tag:dog :weight 0.5))",
    "(and text:sun (or tag:b* text:sea))",
    "(difference (all) tag:cat text:sun)",
    "(ids author: @0)",
    "(and (ids tagged: @1 :weight 2) (range taken-at 0 300000000))",
    "tag:*",
    "(weak-and (term tag:cat :optional-hits 5) text:summer)",
)
ARRAYS = (np.array([1, 3, 4], dtype=np.uint64), np.arange(0, 60, 2, dtype=np.uint64))


def warm_bytes(shard: Shard) -> int:
    return sum(part.segment.warm_bytes for part in shard.view.segments)


def cold_bytes(shard: Shard) -> int:
    return sum(part.segment.cold_bytes for part in shard.view.segments)


def answers(shard: Shard) -> list[object]:
    """Return everything that a search says, for every query in both orders."""
    found: list[object] = []
    for text in QUERIES:
        for order in Order:
            search = ShardSearch(
                expression=parse(text),
                id_arrays=ARRAYS,
                order=order,
                retrieve_limit=50,
                with_features=True,
            )
            answer = shard.search(search)
            hits = answer.hits
            found.append((hits.ids.tolist(), hits.scores.tolist(), answer.matched, answer.cuts))
            assert hits.features is not None
            found.append(hits.features.tobytes())
    found.append(shard.fetch(range(1, 4_000)))
    return found


@pytest.fixture(scope="module")
def entries(worlds):
    """Give a log of 1,200 photos, some of them deleted again."""
    puts = [PutDocument(document) for document in worlds.documents(8, 1_200)]
    gone = [DeleteDocument(put.document.id) for put in puts[::17]]
    return [worlds.entry(i + 1, write) for i, write in enumerate([*puts, *gone])]


def filled(config: ShardConfig, entries) -> Shard:
    """Return the shard of ``config`` with ``entries``, sealed as they come."""
    shard = Shard(config).open()
    for first in range(0, len(entries), 300):
        shard.apply(entries[first : first + 300])
    shard.seal()
    return shard


@pytest.fixture(scope="module")
def unlimited(tmp_path_factory, entries):
    """Give the shard that has all in memory, its bytes and what it answers."""
    config = ShardConfig(directory=tmp_path_factory.mktemp("shard"), seal_documents=250)
    with filled(config, entries) as shard:
        assert cold_bytes(shard) == 0
        yield warm_bytes(shard), answers(shard)


@pytest.mark.parametrize("share", [0.25, 0.6, 0.0])
def test_a_quarter_in_memory_answers_as_all_of_it(unlimited, entries, tmp_path, share):
    """PS-01: partly from memory, partly from flash, same results; bytes in memory are bounded."""
    whole, expected = unlimited
    budget = int(share * whole)
    config = ShardConfig(directory=tmp_path, seal_documents=250, memory_budget_bytes=budget)
    with filled(config, entries) as shard:
        assert warm_bytes(shard) <= budget
        assert cold_bytes(shard) > 0
        assert expected == answers(shard)
        read = sum(part.segment.lists.bytes_read for part in shard.view.segments)
        assert read > 0
    with Shard(config).open() as shard:
        assert warm_bytes(shard) <= budget
        assert expected == answers(shard)
        assert shard._storage._thawed.held_bytes <= budget // 4


def test_a_budget_that_changes_is_followed_when_the_shard_is_sealed(
    unlimited, entries, worlds, tmp_path
):
    """An operator lowers it and takes it away again; nobody has to build the index anew."""
    whole, expected = unlimited
    config = ShardConfig(directory=tmp_path, seal_documents=250)
    with filled(config, entries) as shard:
        assert warm_bytes(shard) == whole
    last = len(entries)
    for step, budget in enumerate((whole // 4, None)):
        changed = replace(config, memory_budget_bytes=budget)
        with Shard(changed).open() as shard:
            shard.apply([worlds.entry(last + step + 1, DeleteDocument(10**9))])
            shard.seal()
            assert (cold_bytes(shard) > 0) == (budget is not None)
            assert warm_bytes(shard) <= (whole if budget is None else budget)
            assert expected == answers(shard)


def test_the_first_segments_make_room_for_later_ones(worlds, tmp_path):
    """Whoever comes first must not keep the memory of all."""
    config = ShardConfig(directory=tmp_path, seal_documents=300, memory_budget_bytes=6_000)
    entries = [
        worlds.entry(i + 1, PutDocument(document))
        for i, document in enumerate(worlds.documents(5, 1_500))
    ]
    with filled(config, entries) as shard:
        held = [part.segment.warm_bytes for part in shard.view.segments]

        assert len(held) > 2
        assert sum(held) <= 4_500
        assert max(held) <= 2 * 4_500 * 300 // 1_500 + 1


def test_a_negative_budget_is_refused(tmp_path):
    """Found and needed are both named."""
    with pytest.raises(ConfigError, match="must not be negative, got -1"):
        ShardConfig(directory=tmp_path, memory_budget_bytes=-1)
