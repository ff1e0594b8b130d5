"""What a shard's search answers: limits, several scorers, batches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alicorn.documents import PhotoDocument, Tag
from alicorn.errors import (
    BadRequest,
    CorruptIndex,
    MissingModel,
)
from alicorn.log import PutDocument
from alicorn.query import parse
from indexserver.config import ShardConfig
from indexserver.execution import frames
from indexserver.scoring.scorers import Scorers
from indexserver.search import ShardSearch
from indexserver.shard import Shard
from ranker.features import FIRST_STAGE

ALL = ShardSearch(expression=parse("(all)"), retrieve_limit=10_000, limit=10_000)


def photo(document_id: int, **fields) -> PhotoDocument:
    return PhotoDocument(id=document_id, author=1, **fields)


@pytest.fixture
def shard(tmp_path):
    with Shard(ShardConfig(directory=tmp_path / "shard", seal_documents=100)).open() as opened:
        yield opened


@pytest.mark.parametrize(
    ("field", "value"),
    [("limit", 0), ("limit", 10_001), ("retrieve_limit", 100_001), ("scorers", ())],
)
def test_limits_outside_their_range_are_refused(field, value):
    """Found and needed are both named."""
    with pytest.raises(BadRequest, match=field):
        replace(ALL, **{field: value})


def test_two_scorers_return_the_union_of_their_best(shard, worlds):
    """PS-39, DB-07: a hit that only the second scorer likes comes back, in the first's order."""

    class ByAge:
        bins = None

        def score_fixed(self, rows):
            return (-rows[:, FIRST_STAGE.index("megapixels")] * 65_536).astype("int64")

    shard._scorers._forests["first-stage"] = ByAge()
    shard.apply(
        [
            worlds.entry(
                i, PutDocument(photo(i, width=i * 100, height=100, tags=(Tag("cat", i / 10),)))
            )
            for i in range(1, 10)
        ]
    )
    search = ShardSearch(
        expression=parse("tag:cat"), scorers=("first-stage", "concept"), limit=2, with_features=True
    )

    answer = shard.search(search)

    assert answer.hits.ids.tolist() == [1, 2, 8, 9]
    assert answer.hits.scores.shape == (2, 4)
    assert answer.hits.features is not None
    assert answer.hits.features.shape == (4, len(FIRST_STAGE))


def test_a_model_without_a_file_fails_its_own_searches_alone(shard, tmp_path):
    """Those in the same batch that ask for none are answered."""
    shard._scorers = Scorers({"first-stage": tmp_path / "none.txt"})
    modelled = replace(ALL, scorers=("first-stage",))

    failed, found = shard.search_many([modelled, ALL])

    assert isinstance(failed, MissingModel)
    assert found.hits.count == 0


def test_a_search_that_cannot_be_retrieved_fails_alone(shard, worlds, monkeypatch):
    """Errors may show in the middle of a batch: a cold list turns out to be damaged."""
    shard.apply([worlds.entry(1, PutDocument(photo(7, caption="cat")))])
    far = replace(ALL, expression=parse("tag:damaged"))
    bind = frames.bind

    def reading(plan, *rest):
        if plan.leaves[0].key == b"tag:damaged":
            raise CorruptIndex("segment: section 'list_packed' is damaged")
        return bind(plan, *rest)

    monkeypatch.setattr(frames, "bind", reading)
    found, failed = shard.search_many([ALL, far])

    assert found.hits.ids.tolist() == [7]
    assert isinstance(failed, CorruptIndex)
