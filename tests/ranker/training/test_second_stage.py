"""Training of the network and its cut-off on made-up judgements."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from alicorn.errors import BadRequest, ConfigError
from ranker.features import FIRST_STAGE, SECOND_STAGE
from ranker.forest import Forest
from ranker.models import load_first_stage, load_second_stage
from ranker.scores import SCORE_ONE
from ranker.second_stage.pipeline import Options, rerank
from ranker.training.first_stage import FirstStageSettings, train_first_stage
from ranker.training.judged import JudgedQuery
from ranker.training.network import LEARNED, SecondStageSettings, _surprise
from ranker.training.second_stage import (
    _LEADING,
    _SAMPLED,
    _joined,
    _rows_of_query,
    train_second_stage,
)

pytestmark = pytest.mark.train
pytest.importorskip("lightgbm")
pytest.importorskip("torch")

QUICK = SecondStageSettings()


@pytest.fixture(scope="module")
def forest(make_judged, tmp_path_factory: pytest.TempPathFactory) -> Forest:
    """Train the first stage that serves before it."""
    out = tmp_path_factory.mktemp("first")
    train_first_stage(make_judged(12), out, settings=FirstStageSettings(trees=40, rows_per_leaf=20))
    return load_first_stage(out)


@pytest.fixture(scope="module")
def trained(make_judged, forest: Forest, tmp_path_factory: pytest.TempPathFactory):
    """Train a second stage on 20 queries, measure it on 8 others."""
    out = tmp_path_factory.mktemp("second")
    held_out = make_judged(8, seed=500, names="h")
    return out, train_second_stage(make_judged(20), forest, out, held_out=held_out, settings=QUICK)


def test_the_trained_network_orders_unseen_queries_better_than_the_trees(trained) -> None:
    """PS-47: it sees the set; in the made-up judgements matches look alike."""
    _, card = trained

    assert card.metrics["held_out_ndcg_at_10"] >= card.metrics["held_out_by_first_stage_ndcg_at_10"]


def test_the_cut_off_keeps_matches_and_takes_others_away(trained) -> None:
    """PS-19: on queries that neither network nor cut-off has seen."""
    _, card = trained

    assert card.metrics["held_out_matches_kept"] >= 0.9
    assert card.metrics["held_out_others_cut"] >= 0.3


def test_a_query_without_matches_is_left_with_little(trained, make_judged, forest) -> None:
    """PS-19: the least bad of a bad set are not shown."""
    out, _ = trained
    model = load_second_stage(out)
    one = make_judged(1, seed=900)[0]
    assert one.columns is not None
    candidates = one.columns.take(one.labels == 0)
    candidates.features[:, [FIRST_STAGE.index(n) for n in ("concept_score", "best_tag")]] *= 0.1
    candidates.features[:, FIRST_STAGE.index("prominence")] *= 0.1
    scores = np.rint(forest.score(candidates.features) * SCORE_ONE).astype(np.int64)
    candidates = dataclasses.replace(candidates, scores=scores)

    assert len(rerank(candidates, model).ids) < len(candidates) * 0.1
    assert len(rerank(candidates, model, Options(without_cutoff=True)).ids) == len(candidates)


@pytest.mark.parametrize(
    "name", [f.name for f in SECOND_STAGE.features if f.monotone and f.name in LEARNED]
)
def test_more_of_a_good_feature_never_lowers_the_score(trained, name: str) -> None:
    """Monotone by construction, also far outside of what was judged."""
    out, _ = trained
    network = load_second_stage(out).network
    feature = SECOND_STAGE.features[SECOND_STAGE.index(name)]
    rows = np.random.default_rng(1).normal(0, 3, (50, len(SECOND_STAGE))).astype(np.float32)
    scores = []
    for value in np.linspace(-20, 20, 30):
        rows[:, SECOND_STAGE.index(name)] = value
        scores.append(network.score(rows))

    assert (np.diff(scores, axis=0) * feature.monotone >= -1).all()


def test_features_that_are_not_learned_have_no_weight(trained) -> None:
    """How the judged photos were collected must not order anybody's own photos."""
    out, _ = trained
    network = load_second_stage(out).network
    ignored = [i for i, name in enumerate(SECOND_STAGE.names) if name not in LEARNED]

    assert ignored
    assert not network.weights[0][ignored].any()


def test_descriptions_get_a_cut_off_of_their_own(make_judged, forest, tmp_path) -> None:
    """PS-19: one match among hundreds is improbable, and must stay all the same."""
    described = []
    for one in make_judged(12, seed=300, names="d"):
        labels = np.zeros_like(one.labels)
        labels[np.flatnonzero(one.labels)[:1]] = 1
        described.append(dataclasses.replace(one, labels=labels, described=True))
    held_out = described[8:] + make_judged(4, seed=700, names="h")
    judged = [*make_judged(8), *described[:8]]
    card = train_second_stage(judged, forest, tmp_path, held_out=held_out, settings=QUICK)
    model = load_second_stage(tmp_path)

    assert model.described_cutoff != model.cutoff
    assert card.metrics["threshold_described"] < card.metrics["threshold"]
    assert card.metrics["held_out_described_queries"] == 4
    assert card.metrics["held_out_queries"] == 4
    assert card.metrics["trained_on_described_matches_kept"] >= 0.85


def test_rows_that_are_left_out_are_stood_for(make_judged, forest) -> None:
    """The sample weighs what the whole set weighs; every match is a row."""
    one = make_judged(1, n=900)[0]
    rows = _rows_of_query(one, forest, seed=1)
    others = int((one.labels == 0).sum())

    assert rows.labels.sum() == one.labels.sum()
    assert rows.labels.size - rows.labels.sum() == _LEADING + _SAMPLED
    assert rows.stands_for.sum() == pytest.approx(900)
    assert rows.stands_for.max() == pytest.approx((others - _LEADING) / _SAMPLED)
    assert rows.weights.sum() == pytest.approx(1)


def test_the_listwise_loss_is_the_surprise_at_the_matches(make_judged, forest) -> None:
    """Against sums of exponentials, query by query."""
    torch = pytest.importorskip("torch")
    rows = _joined([_rows_of_query(one, forest, seed=1) for one in make_judged(4, n=200)])
    scores = np.random.default_rng(0).normal(0, 30, rows.labels.size)
    expected = []
    for query in range(4):
        here = rows.queries == query
        shares = np.exp(scores[here] - scores[here].max()) * rows.stands_for[here]
        of_matches = np.exp(scores[here] - scores[here].max()) / shares.sum()
        expected.append(-np.log(of_matches[rows.labels[here] > 0]).mean())

    found = _surprise(torch, rows)(torch.from_numpy(scores))

    assert float(found) == pytest.approx(np.mean(expected))


def test_training_twice_gives_the_same_bytes(trained, make_judged, forest, tmp_path) -> None:
    """Seeds are fixed; the card's checksum can be checked."""
    _, card = trained
    again = train_second_stage(make_judged(20), forest, tmp_path, settings=QUICK)

    assert again.sha256 == card.sha256


def test_judged_queries_without_columns_are_refused(make_judged, forest, tmp_path) -> None:
    """Signals of the set need fingerprints and codes."""
    one = make_judged(1)[0]
    bare = JudgedQuery(one.query, one.features, one.labels)
    with pytest.raises(BadRequest, match="'q0' has no columns"):
        train_second_stage([bare], forest, tmp_path, settings=QUICK)
    with pytest.raises(ConfigError, match="2 or 3 even widths"):
        SecondStageSettings(hidden=(7, 4))
