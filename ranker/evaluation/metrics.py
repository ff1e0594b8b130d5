"""Measures of a ranked list, and how sure one may be of their mean.

A ranked list is an array of relevances, best rank first: 0 for no match, 1 (or a grade) for one.
What was not returned counts as ranked nowhere. Definitions are those of trec_eval [1]_; NDCG takes
the grade itself as the gain, discounted by log2(rank + 1).

References
----------
.. [1] Manning, Raghavan, Schuetze, "Introduction to information retrieval", 2008, chapter 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from alicorn.errors import BadRequest

__all__ = [
    "Interval",
    "average_precision",
    "bootstrap",
    "bootstrap_ratio",
    "ndcg_at",
    "precision_at",
    "recall_at",
    "reciprocal_rank",
]

_RESAMPLES: Final = 2_000


def _checked(ranked: ArrayLike, k: int = 1) -> NDArray[np.float64]:
    if k < 1:
        raise BadRequest(f"k must be at least 1, got {k}")
    return np.asarray(ranked, dtype=np.float64)


def precision_at(ranked: ArrayLike, k: int) -> float:
    """Share of matches among the first ``k``; places that were left empty count as misses.

    Examples
    --------
    >>> precision_at([1, 0, 1, 1], 2)
    0.5
    """
    return float((_checked(ranked, k)[:k] > 0).sum() / k)


def recall_at(ranked: ArrayLike, k: int, relevant: int) -> float:
    """Share of the ``relevant`` matches that exist which are among the first ``k``; 0 if none."""
    found = float((_checked(ranked, k)[:k] > 0).sum())
    return found / relevant if relevant else 0.0


def ndcg_at(ranked: ArrayLike, k: int, ideal: ArrayLike) -> float:
    """Discounted gain of the first ``k`` by the largest possible.

    Parameters
    ----------
    ranked : array of grades, in rank order
    k : int
        At least 1.
    ideal : array of the grades of all judged documents, in any order

    Returns
    -------
    float
        In [0, 1]; 0 when nothing is relevant.
    """
    grades = _checked(ranked, k)[:k]
    best = np.sort(np.asarray(ideal, dtype=np.float64))[::-1][:k]
    most = float((best / np.log2(np.arange(2, best.size + 2))).sum())
    gained = float((grades / np.log2(np.arange(2, grades.size + 2))).sum())
    return gained / most if most > 0 else 0.0


def reciprocal_rank(ranked: ArrayLike) -> float:
    """One by the rank of the first match; 0 when there is none."""
    hits = np.flatnonzero(_checked(ranked) > 0)
    return 1.0 / (int(hits[0]) + 1) if hits.size else 0.0


def average_precision(ranked: ArrayLike, relevant: int) -> float:
    """Mean over the ``relevant`` matches that exist of the precision where each was found.

    A match that was not returned counts 0.
    """
    hits = np.flatnonzero(_checked(ranked) > 0)
    if not relevant:
        return 0.0
    return float((np.arange(1, hits.size + 1) / (hits + 1)).sum() / relevant)


class Interval(msgspec.Struct, frozen=True):
    """A mean and where it would lie with other queries of the same kind."""

    mean: float
    low: float
    high: float


def bootstrap(values: Sequence[float], *, seed: int = 0, confidence: float = 0.95) -> Interval:
    """Mean of ``values`` with a percentile bootstrap interval.

    Parameters
    ----------
    values : sequence of float
        One a query; at least one.
    seed : int
        The same seed always gives the same interval.
    confidence : float
        In (0, 1).

    Raises
    ------
    BadRequest
        If there are no values, or ``confidence`` is not in (0, 1).
    """
    if not len(values) or not 0 < confidence < 1:
        raise BadRequest(
            f"bootstrap needs values and a confidence in (0, 1), got {len(values)} values "
            f"and {confidence}"
        )
    sample = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(0, sample.size, (_RESAMPLES, sample.size))
    tail = (1 - confidence) / 2
    low, high = np.quantile(sample[drawn].mean(axis=1), (tail, 1 - tail))
    return Interval(float(sample.mean()), float(low), float(high))


def bootstrap_ratio(
    over: Sequence[float], under: Sequence[float], *, seed: int = 0, confidence: float = 0.95
) -> Interval:
    """Mean of ``over`` by the mean of ``under``, with a percentile bootstrap interval.

    The values are pairs, one a thing, and are drawn as such: what both have in common (a thing
    that is hard to find by any name) does not widen the interval.

    Parameters
    ----------
    over, under : sequence of float
        At least 0, as many of each, and ``under`` not all 0.
    seed : int
        The same seed always gives the same interval.
    confidence : float
        In (0, 1).

    Raises
    ------
    BadRequest
        If there are not as many of each, ``under`` is all 0, or ``confidence`` is not in (0, 1).
    """
    if len(over) != len(under) or not any(under) or not 0 < confidence < 1:
        raise BadRequest(
            f"a ratio needs pairs whose second is not always 0 and a confidence in (0, 1), got "
            f"{len(over)} and {len(under)} values and {confidence}"
        )
    top, bottom = np.asarray(over, dtype=np.float64), np.asarray(under, dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(0, top.size, (_RESAMPLES, top.size))
    sums = bottom[drawn].sum(axis=1)
    # A draw of nothing but things that nobody finds says nothing about a ratio.
    ratios = top[drawn].sum(axis=1)[sums > 0] / sums[sums > 0]
    tail = (1 - confidence) / 2
    low, high = np.quantile(ratios, (tail, 1 - tail))
    return Interval(float(top.sum() / bottom.sum()), float(low), float(high))
