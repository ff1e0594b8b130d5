"""Metrics against their definitions, rank by rank."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import BadRequest
from ranker.evaluation.metrics import (
    average_precision,
    bootstrap,
    bootstrap_ratio,
    ndcg_at,
    precision_at,
    recall_at,
    reciprocal_rank,
)

lists = st.lists(st.integers(0, 3), max_size=14)
ks = st.integers(1, 16)


@given(ranked=lists, k=ks)
def test_precision_counts_matches_rank_by_rank(ranked: list[int], k: int) -> None:
    """Empty places are misses: a page of three good photos is not a perfect ten."""
    hits = 0
    for rank in range(1, k + 1):
        if rank <= len(ranked) and ranked[rank - 1] > 0:
            hits += 1

    assert hits / k == precision_at(ranked, k)


@given(ranked=lists, k=ks, missed=st.integers(0, 5))
def test_recall_counts_what_was_missed(ranked: list[int], k: int, missed: int) -> None:
    """What was never returned is still relevant."""
    relevant = sum(r > 0 for r in ranked) + missed
    expected = sum(r > 0 for r in ranked[:k]) / relevant if relevant else 0

    assert expected == recall_at(ranked, k, relevant)


@given(ranked=lists, k=ks, missed=lists)
def test_ndcg_is_the_gain_by_the_best_gain(ranked: list[int], k: int, missed: list[int]) -> None:
    """Against the sum over ranks; the best order is found by sorting."""

    def gain(grades: list[int]) -> float:
        return sum(g / math.log2(rank + 1) for rank, g in enumerate(grades[:k], start=1))

    most = gain(sorted(ranked + missed, reverse=True))

    assert ndcg_at(ranked, k, ranked + missed) == pytest.approx(gain(ranked) / most if most else 0)


@given(ranked=lists)
def test_reciprocal_rank_is_that_of_the_first_match(ranked: list[int]) -> None:
    """The rank at which somebody who looks for one photo can stop."""
    expected = next((1 / rank for rank, r in enumerate(ranked, start=1) if r > 0), 0)

    assert expected == reciprocal_rank(ranked)


@given(ranked=lists, missed=st.integers(0, 5))
def test_average_precision_is_the_mean_of_precisions(ranked: list[int], missed: int) -> None:
    """Over the matches that exist, those never returned counting 0."""
    relevant = sum(r > 0 for r in ranked) + missed
    found = [precision_at(ranked, rank) for rank, r in enumerate(ranked, start=1) if r > 0]

    assert average_precision(ranked, relevant) == pytest.approx(
        sum(found) / relevant if relevant else 0
    )


def test_the_bootstrap_interval_holds_the_mean_as_often_as_it_says() -> None:
    """Of 200 samples of 40 from a known distribution about 95 % must cover its mean."""
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(200):
        interval = bootstrap(list(rng.beta(2, 1, 40)), seed=seed)
        covered += interval.low <= 2 / 3 <= interval.high

    assert 180 <= covered <= 199


def test_the_bootstrap_repeats_itself() -> None:
    """A report made twice is the same report."""
    values = [0.1, 0.5, 0.9, 1.0]

    assert bootstrap(values, seed=3) == bootstrap(values, seed=3)
    assert bootstrap([0.5, 0.5]).low == bootstrap([0.5, 0.5]).high == 0.5


def test_what_has_no_meaning_is_refused() -> None:
    """A mean of nothing is not 0."""
    with pytest.raises(BadRequest, match="got 0 values"):
        bootstrap([])
    with pytest.raises(BadRequest, match="k must be at least 1, got 0"):
        precision_at([1], 0)


def test_a_ratio_is_that_of_the_means_of_pairs() -> None:
    """Things that are hard by any name do not make the ratio uncertain."""
    under = [0.1, 0.9, 0.5, 1.0]
    ratio = bootstrap_ratio([value / 2 for value in under], under)

    assert (ratio.mean, ratio.low, ratio.high) == pytest.approx((0.5, 0.5, 0.5))
    assert bootstrap_ratio([0.0, 1.0], [1.0, 0.0]).mean == 1.0


@pytest.mark.parametrize(("over", "under"), [([1.0], [1.0, 1.0]), ([1.0], [0.0]), ([], [])])
def test_a_ratio_without_a_meaning_is_refused(over: list[float], under: list[float]) -> None:
    """By nothing, nothing can be divided."""
    with pytest.raises(BadRequest, match="a ratio needs pairs"):
        bootstrap_ratio(over, under)
