"""Probabilities and the least that is shown."""

from __future__ import annotations

import math

import numpy as np
import pytest

from alicorn.errors import ConfigError
from ranker.scores import SCORE_ONE
from ranker.second_stage.cutoff import Cutoff


def test_probabilities_are_the_logistic_of_the_scores() -> None:
    """PS-19: and stay finite for scores of any size."""
    cutoff = Cutoff(slope=2.0, intercept=-1.0, threshold=0.5)
    scores = np.array([-3, 0, 0.5, 4])
    expected = [1 / (1 + math.exp(-(2 * s - 1))) for s in scores]

    assert expected == pytest.approx(cutoff.probabilities((scores * SCORE_ONE).astype(np.int64)))
    assert cutoff.probabilities(np.array([-(2**60), 2**60])).tolist() == [0, 1]


def test_a_set_of_poor_matches_is_cut_to_nothing() -> None:
    """PS-19, DB-02: a query that nothing answers gets no photos, not the least bad ones."""
    cutoff = Cutoff(slope=1.0, intercept=0.0, threshold=0.3)

    assert not cutoff.keeps(np.array([-3, -2, -1]) * SCORE_ONE).any()
    assert cutoff.keeps(np.array([-3, 2]) * SCORE_ONE).tolist() == [False, True]
    assert cutoff.keeps(np.zeros(0, np.int64)).shape == (0,)


@pytest.mark.parametrize("settings", [{"slope": 0}, {"threshold": 1.1}, {"slope": float("nan")}])
def test_settings_that_would_turn_the_order_round_are_refused(settings) -> None:
    """A better score must never mean a smaller probability."""
    with pytest.raises(ConfigError):
        Cutoff(**({"slope": 1.0, "intercept": 0.0, "threshold": 0.5} | settings))
