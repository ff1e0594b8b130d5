"""Feature rows against the slow oracle, by name."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alicorn.query import parse
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order, retrieve
from indexserver.scoring.context import RankingContext
from indexserver.scoring.features import CandidateFeatures, feature_rows
from indexserver.scoring.scorers import shipped_models
from ranker.features import FIRST_STAGE
from ranker.forest import Forest
from understanding.texts.statistics import TextStatistics

RANKING = RankingContext(
    now=400_000_000,
    visual=bytes(range(32)),
    viewer=2,
    friends=np.array([3, 4], dtype=np.uint64),
)


@given(data=st.data())
def test_rows_agree_with_the_oracle(feature_oracle, worlds, data):
    """PS-13, PS-17, PS-26, PS-49: every column of every candidate, whatever changed."""
    world = worlds.world(data.draw(worlds.seeds), data.draw(worlds.sizes))
    expr = data.draw(worlds.expressions)
    ranking = data.draw(st.sampled_from([RANKING, RankingContext()]))
    living = {document.id: (document, terms) for document, terms in world.living()}
    statistics = data.draw(
        st.sampled_from([None, TextStatistics.of_documents(d for d, _ in living.values())])
    )
    if statistics is not None and not statistics.words:
        statistics = None
    plan = compile_plan(expr, worlds.ID_ARRAYS)
    found = retrieve(worlds.view(world), plan, order=Order.CONCEPT, limit=20)

    rows = feature_rows(found, plan, ranking=ranking, statistics=statistics)

    assert rows.dtype == np.float32
    assert rows.shape == (found.candidates.ids.size, len(FIRST_STAGE))
    for document_id, row in zip(found.candidates.ids.tolist(), rows, strict=True):
        document, terms = living[document_id]
        expected = feature_oracle.features(
            expr, document, terms, ranking=ranking, statistics=statistics, arrays=worlds.ID_ARRAYS
        )
        assert tuple(expected) == FIRST_STAGE.names
        np.testing.assert_allclose(row, list(expected.values()), rtol=2e-6, atol=2e-5)


def test_a_leaf_that_the_executor_skipped_still_counts(worlds):
    """An `and` that is empty early leaves operands unread; a hit by another way may match them."""
    view = worlds.view(worlds.world(5, [60], changes=False))
    plan = compile_plan(parse("(strong-or (or (and tag:none tag:cat)) tag:dog)"))
    found = retrieve(view, plan, order=Order.CONCEPT, limit=100)
    rows = feature_rows(found, plan, ranking=RankingContext())

    shares = set(rows[:, FIRST_STAGE.index("matched_phrases")].tolist())

    assert shares == {np.float32(1 / 2), np.float32(3 / 4)}


@given(data=st.data())
def test_bins_that_were_made_when_indexing_score_like_floats(worlds, data):
    """PS-39: which way a photo's features took to the trees may not move it by one place."""
    world = worlds.world(data.draw(worlds.seeds), data.draw(worlds.sizes))
    ranking = data.draw(st.sampled_from([RANKING, RankingContext()]))
    plan = compile_plan(data.draw(worlds.expressions), worlds.ID_ARRAYS)
    found = retrieve(worlds.view(world), plan, order=Order.CONCEPT, limit=50)
    features = CandidateFeatures(found, plan, ranking=ranking)
    forest = Forest.load(shipped_models()["first-stage"])

    expected = forest.score_fixed(features.rows).tolist()

    assert expected == forest.score_binned(features.bins(forest), features.count).tolist()
