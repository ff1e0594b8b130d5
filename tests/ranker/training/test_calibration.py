"""Platt's calibration against a grid, and the threshold's promise."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import BadRequest
from ranker.scores import SCORE_ONE
from ranker.training.calibration import fit_cutoff


def drawn(slope: float, intercept: float, n: int = 40_000):
    rng = np.random.default_rng(7)
    x = rng.normal(0, 2, n)
    labels = (rng.random(n) < 1 / (1 + np.exp(-(slope * x + intercept)))).astype(np.uint8)
    return np.rint(x * SCORE_ONE).astype(np.int64), labels, np.ones(n)


def test_the_fit_finds_the_curve_that_the_labels_were_drawn_from() -> None:
    """PS-19: a photo said to match with probability 0.3 matches three times in ten."""
    cutoff = fit_cutoff(*drawn(1.3, -2.0), keep=1.0, at_most=1.0)

    assert cutoff.slope == pytest.approx(1.3, rel=0.05)
    assert cutoff.intercept == pytest.approx(-2.0, rel=0.05)


def test_the_threshold_keeps_the_share_of_matches_that_was_asked_for() -> None:
    """And no match more is lost."""
    scores, labels, weights = drawn(2.0, -1.0, n=5_000)
    cutoff = fit_cutoff(scores, labels, weights, keep=0.9, at_most=1.0)
    kept = cutoff.keeps(scores)[labels > 0].mean()

    assert 0.9 <= kept < 0.902


def test_a_probable_match_is_always_shown() -> None:
    """Even where all matches are more probable still."""
    cutoff = fit_cutoff(*drawn(2.0, 0.0), keep=0.5, at_most=0.4)

    assert cutoff.threshold == 0.4


def test_perfectly_ordered_scores_do_not_give_an_endless_slope() -> None:
    """Little data is often perfectly ordered; certainty from it would be false."""
    scores = np.array([-2, -1, 1, 2]) * SCORE_ONE
    cutoff = fit_cutoff(scores, np.array([0, 0, 1, 1], np.uint8), np.ones(4), keep=1, at_most=1)

    assert 0 < cutoff.slope < 10
    assert 0.5 < cutoff.threshold < 1


def test_scores_in_the_wrong_order_do_not_turn_the_order_round() -> None:
    """A network worse than chance must not make the cut-off take the best away."""
    cutoff = fit_cutoff(*drawn(-1.0, 0.0, n=2_000), keep=0.9, at_most=1)

    assert cutoff.slope > 0


def test_labels_of_one_kind_cannot_calibrate() -> None:
    """There is nothing to tell apart."""
    with pytest.raises(BadRequest, match="got 3 of 3"):
        fit_cutoff(np.arange(3), np.ones(3, np.uint8), np.ones(3), keep=1, at_most=1)
