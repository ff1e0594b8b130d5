"""Fitting of the cut-off: Platt's calibration and the threshold that keeps most matches.

References
----------
.. [1] Lin, Lin and Weng, "A note on Platt's probabilistic outputs for support vector machines",
   2007 (Newton's method and smoothed targets).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from alicorn.errors import BadRequest
from ranker.scores import SCORE_ONE
from ranker.second_stage.cutoff import Cutoff

__all__ = ["fit_cutoff"]

_LEAST_SLOPE: Final = 1e-3
_STEPS: Final = 100
_RIDGE: Final = 1e-6


def fit_cutoff(
    scores: NDArray[np.int64],
    labels: NDArray[np.uint8],
    weights: NDArray[np.float64],
    *,
    keep: float,
    at_most: float,
) -> Cutoff:
    """Fit probabilities to judged scores and choose what is shown.

    Parameters
    ----------
    scores : int64, shape (n,)
        Of the network, in units of 1 / `SCORE_ONE`.
    labels : uint8, shape (n,)
        1 for a match; both kinds must occur.
    weights : float64, shape (n,)
        Of each candidate, positive; usually one by the number of its query's candidates.
    keep : float
        Share of the matches that must stay, in (0, 1].
    at_most : float
        Largest threshold, in [0, 1]: a probable match is always shown.

    Raises
    ------
    BadRequest
        If there are not both matches and others.
    """
    match = labels > 0
    if match.all() or not match.any():
        raise BadRequest(f"calibration needs matches and others, got {match.sum()} of {match.size}")
    slope, intercept = _platt(scores / SCORE_ONE, match, weights)
    open_cutoff = Cutoff(slope=slope, intercept=intercept, threshold=0.0)
    probabilities = open_cutoff.probabilities(scores)
    ordered = np.sort(probabilities[match])
    # The weakest match that must stay sets the threshold.
    lost = int(np.floor((1 - keep) * ordered.size + 1e-9))
    return Cutoff(slope=slope, intercept=intercept, threshold=min(float(ordered[lost]), at_most))


def _platt(
    x: NDArray[np.float64], match: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Weighted logistic regression in one variable by Newton's method, step halved when needed."""
    good, bad = weights[match].sum(), weights[~match].sum()
    # Smoothed targets [1]_ in effective counts keep a perfect order from an infinite slope.
    unit = weights.mean()
    target = np.where(match, (good / unit + 1) / (good / unit + 2), 1 / (bad / unit + 2))
    design = np.stack((x, np.ones_like(x)), axis=1)

    def loss(at: NDArray[np.float64]) -> float:
        z = design @ at
        return float((weights * (np.logaddexp(0.0, z) - target * z)).sum())

    parameters = np.array([0.0, np.log((good + unit) / (bad + unit))])
    for _ in range(_STEPS):
        p = 0.5 * (1.0 + np.tanh(0.5 * (design @ parameters)))
        gradient = design.T @ (weights * (p - target))
        curvature = (design * (weights * p * (1 - p))[:, np.newaxis]).T @ design
        step = np.linalg.solve(curvature + _RIDGE * unit * np.eye(2), gradient)
        size, before = 1.0, loss(parameters)
        while size > _RIDGE and loss(parameters - size * step) > before:
            size /= 2
        parameters = parameters - size * step
        if float(np.abs(size * step).max()) < 1e-9:
            break
    return max(float(parameters[0]), _LEAST_SLOPE), float(parameters[1])
