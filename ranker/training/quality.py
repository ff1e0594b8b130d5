"""How well scores order judged queries: the figures that go on a card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ranker.evaluation.metrics import ndcg_at, precision_at
from ranker.training.judged import JudgedQuery

__all__ = ["kinds_of", "order_quality"]


def kinds_of(judged: Sequence[JudgedQuery], name: str) -> Iterator[tuple[str, list[JudgedQuery]]]:
    """Yield the queries that require what they say, then those that describe, each with a name."""
    for described, kind in ((False, name), (True, f"{name}_described")):
        some = [one for one in judged if one.described is described]
        if some:
            yield kind, some


def order_quality(
    judged: Sequence[JudgedQuery], scores: Sequence[NDArray[np.generic]], name: str
) -> dict[str, float]:
    """Mean precision and NDCG at 10 over the queries that have a match.

    Parameters
    ----------
    judged : sequence of JudgedQuery
    scores : sequence of arrays
        One a query, (n,); more is better, equal ones stay as they came.
    name : str
        What the figures' names begin with.

    Returns
    -------
    dict
        ``<name>_precision_at_10``, ``<name>_ndcg_at_10`` and ``<name>_queries``; the first two are
        left out when no query has a match.
    """
    precisions, gains = [], []
    for one, score in zip(judged, scores, strict=True):
        if not one.labels.any():
            continue
        ranked = one.labels[np.argsort(-score.astype(np.float64), kind="stable")]
        precisions.append(precision_at(ranked, 10))
        gains.append(ndcg_at(ranked, 10, one.labels))
    figures = {f"{name}_queries": float(len(precisions))}
    if precisions:
        figures[f"{name}_precision_at_10"] = round(float(np.mean(precisions)), 4)
        figures[f"{name}_ndcg_at_10"] = round(float(np.mean(gains)), 4)
    return figures
