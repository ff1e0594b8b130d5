"""Training of the trees on made-up judgements."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import BadRequest, ConfigError, ShapeError
from ranker.features import FIRST_STAGE
from ranker.models import load_first_stage
from ranker.training.first_stage import LEARNED, FirstStageSettings, train_first_stage
from ranker.training.judged import JudgedQuery

pytest.importorskip("lightgbm")

QUICK = FirstStageSettings(trees=60, rows_per_leaf=20)


@pytest.fixture(scope="module")
def trained(make_judged, tmp_path_factory: pytest.TempPathFactory):
    """Train a first stage on 12 queries, measure it on 6 others."""
    out = tmp_path_factory.mktemp("first")
    card = train_first_stage(
        make_judged(12), out, held_out=make_judged(6, seed=99, names="h"), settings=QUICK
    )
    return out, card


def test_the_trained_model_loads_and_orders_unseen_queries(trained) -> None:
    """PS-42: dogs above the rest, also for a query that was not trained on."""
    out, card = trained

    assert load_first_stage(out).trees == 60
    assert card.metrics["held_out_precision_at_10"] >= 0.9
    assert card.metrics["held_out_queries"] == 6
    assert (
        card.metrics["held_out_ndcg_at_10"]
        >= card.metrics["held_out_by_concept_score_ndcg_at_10"] - 0.05
    )


@pytest.mark.parametrize("name", LEARNED)
def test_more_of_a_good_feature_never_lowers_the_score(trained, make_judged, name: str) -> None:
    """What holds in every library must hold in the model: it is monotone by construction."""
    out, _ = trained
    forest = load_first_stage(out)
    feature = FIRST_STAGE.features[FIRST_STAGE.index(name)]
    rows = np.concatenate([one.features for one in make_judged(3, seed=50)])
    scores = []
    for value in np.linspace(0, min(feature.high, 10.0), 15):
        rows[:, FIRST_STAGE.index(name)] = value
        scores.append(forest.score(rows))

    assert (np.diff(scores, axis=0) * feature.monotone >= -1e-9).all()


def test_features_of_how_the_photos_were_collected_are_not_used(trained, make_judged) -> None:
    """In the made-up judgements the picture's shape gives the match away; it must not be learnt."""
    out, _ = trained
    forest = load_first_stage(out)
    rows = make_judged(1, seed=70)[0].features
    before = forest.score(rows)
    rng = np.random.default_rng(0)
    for name in set(FIRST_STAGE.names) - set(LEARNED):
        rows[:, FIRST_STAGE.index(name)] = rng.normal(size=len(rows)) * 100

    assert (forest.score(rows) == before).all()


def test_a_friend_counts_mildly(trained, make_judged) -> None:
    """PS-49: friends' photos come first among equals, and never above a far better match."""
    out, _ = trained
    forest = load_first_stage(out)
    poor, good = np.zeros((2, len(FIRST_STAGE)), np.float32)
    for row, value in ((poor, 0.05), (good, 0.9)):
        for name in ("concept_score", "best_tag", "prominence"):
            row[FIRST_STAGE.index(name)] = value
        row[FIRST_STAGE.index("matched_phrases")] = 1
    friends = poor.copy(), good.copy()
    for row in friends:
        row[FIRST_STAGE.index("is_friend")] = 1
    poor_score, good_score, poor_friend, good_friend = forest.score(
        np.stack([poor, good, *friends])
    )

    assert good_friend >= good_score > poor_friend >= poor_score


def test_training_twice_gives_the_same_bytes(trained, make_judged, tmp_path) -> None:
    """The card's checksum can be checked by whoever has the data."""
    _, card = trained
    again = train_first_stage(
        make_judged(12), tmp_path, held_out=make_judged(6, seed=99, names="h"), settings=QUICK
    )

    assert again == card


def test_queries_that_teach_nothing_are_refused(make_judged, tmp_path) -> None:
    """Only matches, or none, say nothing of an order."""
    one = make_judged(1)[0]
    none = JudgedQuery(one.query, one.features, np.zeros_like(one.labels))
    with pytest.raises(BadRequest, match="none of 1 judged queries"):
        train_first_stage([none], tmp_path, settings=FirstStageSettings(worlds=False))
    with pytest.raises(ConfigError, match=r"leaves must be in 2\.\.31, got 40"):
        FirstStageSettings(leaves=40)
    with pytest.raises(ShapeError, match="columns of 'q0' must hold"):
        JudgedQuery("q0", one.features[:3], one.labels[:3], one.columns)
