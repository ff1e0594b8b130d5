"""The forest's benchmark runs at toy size, checks its answers, and loses no row (PS-39, PS-43)."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import AlicornError
from loadtest import forest
from loadtest.corpora.trees import feature_rows, grown_model, relevance
from loadtest.peers.lightgbm import LightGBM
from loadtest.workbench import Scale, Workbench
from ranker.features import FIRST_STAGE
from ranker.forest import Forest
from ranker.forest.model import parse_model

IDS = [
    "forest/A/300x31",
    "forest/A/300x31-ns",
    "forest/A/300x31-binned-ns",
    "forest/A/300x31-100",
    "forest/A/100x31",
    "forest/A/100x31-100",
]


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """Return a workbench of few trees and documents; what is promised is not of these."""
    monkeypatch.setattr(forest, "_TREES", 6)
    monkeypatch.setattr(forest, "_FEW_TREES", 3)
    monkeypatch.setattr(forest, "_DOCUMENTS", 70)
    monkeypatch.setattr(forest, "_FEW_DOCUMENTS", 9)
    monkeypatch.setattr(forest, "_TRAINED_ON", 2_000)
    return Workbench(scale=Scale(queries=2, repeats=1), folder=tmp_path)


def test_every_row_has_figures_and_its_promise(bench) -> None:
    """Rows are compared over time: ids, promises and aims must not go missing."""
    rows = {row.id: row for row in forest.run(bench).rows}

    assert list(rows) == IDS
    assert all(row.ours and row.seed == forest.SEED for row in rows.values())
    promised, each = rows["forest/A/300x31"], rows["forest/A/300x31-ns"]
    assert (promised.at_least, promised.aim) == (30, 80)
    assert (each.limit, each.limit_aim, each.unit) == (1.2, 0.5, "ns")
    assert each.ours == pytest.approx(promised.ours * 1e3 / (6 * 70))


def test_without_lightgbm_rows_stay_and_theirs_are_null(bench, monkeypatch) -> None:
    """A peer that is not here must not count as beaten."""
    monkeypatch.setattr(LightGBM, "is_here", staticmethod(lambda: False))

    rows = forest.forest_rows(bench)

    assert [row.id for row in rows] == IDS
    assert {None} == {row.theirs for row in rows}
    assert {row.id: row.met for row in rows}["forest/A/300x31"] is None


def test_only_the_rows_that_are_wanted_are_measured(bench) -> None:
    """`--only` names parts of ids."""
    wanted = Workbench(scale=bench.scale, folder=bench.folder, only=["300x31-ns", "100x31-100"])

    assert [IDS[1], IDS[5]] == [row.id for row in forest.forest_rows(wanted)]


@pytest.mark.parametrize("method", ["score", "score_fixed", "score_binned"])
def test_a_wrong_answer_ends_the_benchmark_without_figures(bench, monkeypatch, method) -> None:
    """A speed without its answer says nothing."""
    found = getattr(Forest, method)

    def wrong(self, *arguments):
        scores = found(self, *arguments).copy()
        scores[-1] += 1
        return scores

    pytest.importorskip("lightgbm")
    monkeypatch.setattr(Forest, method, wrong)

    with pytest.raises(AlicornError, match="no figures without the answer"):
        forest.forest_rows(bench)


def test_grown_trees_are_what_they_are_said_to_be() -> None:
    """Trees of fewer leaves or features without missing values would be quicker."""
    text = grown_model(np.random.default_rng(1), 20, 31)
    held = Forest(parse_model(text, FIRST_STAGE))
    rows = feature_rows(np.random.default_rng(2), 500)
    optional = [feature.optional for feature in FIRST_STAGE.features]

    assert text.count("num_leaves=31\n") == held.trees == 20
    assert held.bins is not None
    assert optional == np.isnan(rows).any(axis=0).tolist()
    assert any(held.bins.both_ways)
    assert np.unique(held.score(rows)).size > 450


def test_trained_trees_have_all_their_leaves() -> None:
    """The promise is of 31 leaves, and of features whose missing values go both ways."""
    pytest.importorskip("lightgbm")
    rng = np.random.default_rng(4)
    rows = feature_rows(rng, 3_000)
    target = relevance(rng, rows)
    text = LightGBM.trained(rows, target, FIRST_STAGE.names, trees=20, leaves=31)
    held = Forest(parse_model(text, FIRST_STAGE))

    assert text.count("num_leaves=31\n") == held.trees == 20
    assert held.bins is not None
    assert any(held.bins.both_ways)


def test_the_same_seed_grows_the_same_trees() -> None:
    """Figures of two commits are of the same work."""
    first, again = (grown_model(np.random.default_rng(3), 3, 31) for _ in range(2))

    assert first == again
