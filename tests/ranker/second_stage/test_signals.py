"""Signals of the result set against slow, obvious ones."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.features import FIRST_STAGE, SECOND_STAGE
from ranker.scores import SCORE_ONE
from ranker.second_stage.signals import second_stage_rows, set_signals


@given(seed=st.integers(0, 1000), n=st.integers(0, 14), uncoded=st.integers(0, 5))
def test_visual_distance_is_the_lower_median_to_the_others(
    make_candidates, seed, n, uncoded
) -> None:
    """PS-45: the outlier score is made of it."""
    visual = np.random.default_rng(seed).integers(0, 256, (n, 32)).astype(np.uint8)
    visual[:uncoded] = 0
    found = set_signals(make_candidates(n, visual=visual)).visual_distance
    for i in range(n):
        others = [
            sum(int(x ^ y).bit_count() for x, y in zip(visual[i], visual[j], strict=True))
            for j in range(n)
            if j != i and visual[j].any()
        ]
        expected = statistics.median_low(others) if others and visual[i].any() else None

        assert expected == (None if np.isnan(found[i]) else found[i])


def test_one_car_among_beaches_is_an_outlier(make_candidates) -> None:
    """PS-45: a result unlike the rest gets the largest outlier score, the others stay near 0."""
    rng = np.random.default_rng(4)
    visual = np.tile(rng.integers(0, 256, 32).astype(np.uint8), (13, 1))
    for row in range(13):
        visual[row, rng.integers(0, 32, 6)] ^= rng.integers(1, 256, 6).astype(np.uint8)
    visual[5] = rng.integers(0, 256, 32)
    signals = set_signals(make_candidates(13, visual=visual))

    assert signals.outlier.argmax() == 5
    assert signals.outlier[5] > 3
    assert np.abs(np.delete(signals.outlier, 5)).max() < 3


def test_few_pictures_have_no_outlier(make_candidates) -> None:
    """Of four photos nobody can say which one is odd."""
    assert not set_signals(make_candidates(4)).outlier.any()


def test_near_copies_do_not_make_everything_else_an_extreme_outlier(make_candidates) -> None:
    """Their distances do not deviate; a floor keeps the score finite, a bound keeps it small."""
    visual = np.zeros((9, 32), np.uint8)
    visual[:, 0] = 1
    visual[8] = 255
    outlier = set_signals(make_candidates(9, visual=visual)).outlier

    assert outlier[8] == 8
    assert not outlier[:8].any()


def test_concept_scores_are_compared_with_the_best(make_candidates) -> None:
    """PS-45: how good the whole set is says how good one result is."""
    candidates = make_candidates(5)
    candidates.features[:, FIRST_STAGE.index("concept_score")] = [0.2, 0.8, 0.4, 0.0, 0.6]
    signals = set_signals(candidates)

    assert signals.concept_best == pytest.approx(0.8)
    assert signals.relative_concept == pytest.approx([0.25, 1, 0.5, 0, 0.75])


def test_texts_are_compared_with_the_best(make_candidates) -> None:
    """PS-45: whether some text answers the query, and how near each comes to it."""
    candidates = make_candidates(4)
    candidates.features[:, FIRST_STAGE.index("text_score")] = [0.5, 2.0, 0.0, 1.0]
    candidates.features[:, FIRST_STAGE.index("said_share")] = [0.25, 0.75, 0.0, 0.5]
    signals = set_signals(candidates)

    assert signals.relative_text == pytest.approx([0.25, 1, 0, 0.5])
    assert signals.best_said == pytest.approx(0.75)
    assert set_signals(make_candidates(0)).best_said == 0


def test_authors_are_counted_where_known(make_candidates) -> None:
    """An unknown author is nobody's flood of photos."""
    signals = set_signals(make_candidates(4, authors=np.array([7, 0, 7, 0], np.uint64)))

    assert signals.author_share.tolist() == [0.5, 0, 0.5, 0]


def test_an_empty_set_has_signals_too(make_candidates) -> None:
    """No visible result is an ordinary case, not an error."""
    signals = set_signals(make_candidates(0))

    assert signals.concept_best == 0
    assert signals.outlier.shape == (0,)


def test_rows_have_the_columns_of_the_schema(make_candidates) -> None:
    """PS-47: the network must read what it was trained on."""
    candidates = make_candidates(7)
    signals = set_signals(candidates)
    rows = second_stage_rows(candidates, signals)

    def column(name: str):
        return rows[:, SECOND_STAGE.index(name)]

    assert rows.shape == (7, len(SECOND_STAGE))
    assert column("first_stage_score") == pytest.approx(candidates.scores / SCORE_ONE)
    assert column("outlier") == pytest.approx(signals.outlier)
    assert (column("best_concept") == np.float32(signals.concept_best)).all()
    for name in set(SECOND_STAGE.names) & set(FIRST_STAGE.names):
        assert (column(name) == candidates.feature(name)).all()
