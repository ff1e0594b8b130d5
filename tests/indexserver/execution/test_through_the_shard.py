"""The same questions through `Shard.search`: retrieval, scorers, and the best M of each.

One shard that was written as shards are: batches, seals, deletes, photos put again.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents.hitdata import CONCEPT_ONE
from alicorn.log import DeleteDocument, PutDocument
from alicorn.query import Extract
from indexserver.config import ShardConfig
from indexserver.execution.retrieve import Order
from indexserver.search import ShardSearch
from indexserver.shard import Shard


@pytest.fixture(scope="module", params=[1, 2])
def written(oracle, worlds, request, tmp_path_factory):
    """Give a shard of several segments, and what it holds."""
    rng = random.Random(request.param)
    documents = {}
    directory = tmp_path_factory.mktemp("shard")
    with Shard(ShardConfig(directory=directory, seal_documents=10_000)).open() as shard:
        sequence = 0
        for batch in range(6):
            writes = []
            for _ in range(rng.choice([1, 30, 65])):
                number = rng.randrange(1, 300)
                if rng.random() < 0.2:
                    documents.pop(number, None)
                    writes.append(DeleteDocument(number))
                else:
                    documents[number] = worlds.document(rng, number, joint=batch % 2 == 0)
                    writes.append(PutDocument(documents[number]))
            entries = [worlds.entry(sequence + i, write) for i, write in enumerate(writes, 1)]
            sequence += len(writes)
            shard.apply(entries)
            if batch in {1, 3}:
                shard.seal()
        assert len(shard.view.segments) > 1
        yield shard, oracle.World([oracle.Part(list(documents.values()))])


@given(data=st.data())
def test_the_best_of_what_was_retrieved_come_back(oracle, worlds, written, data):
    """First N by the order of retrieval, then the best M in the order everywhere: PS-03, PS-18."""
    shard, world = written
    shelf = world.shelf()
    expr = data.draw(worlds.asked)
    order = data.draw(st.sampled_from(list(Order)))
    retrieve_limit = data.draw(st.sampled_from([1, 10, 100, 1_000]))
    limit = data.draw(st.sampled_from([1, 10, 1_000]))

    found = shard.search(
        ShardSearch(
            expression=expr,
            id_arrays=worlds.ID_ARRAYS,
            order=order,
            retrieve_limit=retrieve_limit,
            limit=limit,
        )
    )

    expected = oracle.answer(
        shelf,
        expr,
        static=order is Order.STATIC,
        limit=retrieve_limit,
        arrays=worlds.ID_ARRAYS,
    )
    extracted = isinstance(expr, Extract)
    keys = {} if extracted else {d.id: d.sort_key for d in shelf.documents}
    best = sorted(expected.hits, key=lambda hit: (-hit[1], -keys.get(hit[0], 0), hit[0]))[:limit]
    hits = found.hits
    assert hits.ids.tolist() == [document_id for document_id, _ in best]
    assert hits.concept_scores.tolist() == [points for _, points in best]
    assert hits.sort_keys.tolist() == [keys.get(document_id, 0) for document_id, _ in best]
    assert hits.score_unit == CONCEPT_ONE
    np.testing.assert_array_equal(hits.scores, hits.concept_scores[np.newaxis])
    matched = found.matched if found.exact else oracle.AtLeast(found.matched)
    assert (matched, found.cuts) == (expected.matched, expected.cuts)
    assert found.unmet_shares == expected.unmet
    assert found.documents == len(shelf.documents)


@given(data=st.data())
def test_several_scorers_give_the_union_of_their_best(worlds, written, data):
    """Each scorer's M best of all retrieved, in the order of the first one: PS-39.

    The scores of all retrieved are asked for first; what is best of them is picked here by sorting.
    """
    shard, _ = written
    expr = data.draw(worlds.expressions)
    names = data.draw(st.permutations(["concept", "first-stage"]))
    limit = data.draw(st.sampled_from([1, 5, 40]))

    def asked(most):
        search = ShardSearch(expression=expr, id_arrays=worlds.ID_ARRAYS, scorers=names, limit=most)
        hits = shard.search(search).hits
        rows = zip(hits.ids.tolist(), hits.sort_keys.tolist(), *hits.scores.tolist(), strict=True)
        return list(rows)

    everything = asked(10_000)
    kept = set()
    for scorer in (2, 3):
        ranked = sorted(everything, key=lambda row: (-row[scorer], -row[1], row[0]))
        kept |= {row[0] for row in ranked[:limit]}
    expected = sorted(
        (row for row in everything if row[0] in kept), key=lambda row: (-row[2], -row[1], row[0])
    )

    assert expected == asked(limit)


@given(data=st.data())
def test_searches_together_answer_as_one_by_one(worlds, written, data):
    """A batch shares kernel calls, never answers: PS-03."""
    shard, _ = written
    searches = [
        ShardSearch(
            expression=expr,
            id_arrays=worlds.ID_ARRAYS,
            order=data.draw(st.sampled_from(list(Order))),
            retrieve_limit=data.draw(st.sampled_from([1, 10, 100])),
            limit=data.draw(st.sampled_from([1, 10])),
        )
        for expr in data.draw(st.lists(worlds.asked, max_size=5))
    ]

    for search, one in zip(searches, shard.search_many(searches), strict=True):
        alone = shard.search(search)
        assert one.hits.ids.tolist() == alone.hits.ids.tolist()
        assert one.hits.scores.tolist() == alone.hits.scores.tolist()
        assert one.hits.concept_scores.tolist() == alone.hits.concept_scores.tolist()
        assert (one.cuts, one.unmet_shares) == (alone.cuts, alone.unmet_shares)
        if one.exact and alone.exact:
            assert one.matched == alone.matched
