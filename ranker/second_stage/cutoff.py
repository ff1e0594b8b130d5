"""The calibrated cut-off (PS-19): a poor match is not shown, however few there are.

A network's score orders; it does not say how good the best of a bad set is. Platt's calibration
[1]_ turns it into the probability that a photo matches,
p = 1 / (1 + exp(-(slope * score + intercept))), fitted on judged queries that the network has not
seen. What lies under the threshold is cut.
A query that the library cannot answer may be left with nothing, and that is then said plainly.

A description of a picture (`aggregator.top.rewrite`), of which no word is required, finds nearly
everything, and one photo is meant: there a match is improbable even where it is the best there is.
So such queries have a curve and a threshold of their own, and what meets less than half as many of
the phrases as the best does (`LEAST_MET`) is not what was meant: 97 in 100 images that captions of
COCO describe meet more, and 71 in 100 others less.

References
----------
.. [1] Platt, "Probabilistic outputs for support vector machines ...", 1999.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alicorn.errors import ConfigError
from ranker.scores import SCORE_ONE

__all__ = ["LEAST_MET", "Cutoff"]

LEAST_MET: Final = 0.5
"""Of a description: the phrases that a photo must meet, by those that the best photo meets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """From scores to probabilities, and the least that is shown."""

    slope: float
    """Positive, so that a better score never means a smaller probability."""
    intercept: float
    threshold: float
    """Least probability that is shown, in [0, 1]."""

    def __post_init__(self) -> None:
        if not self.slope > 0:
            raise ConfigError(f"slope must be positive, got {self.slope}")
        if not 0 <= self.threshold <= 1:
            raise ConfigError(f"threshold must be in 0..1, got {self.threshold}")

    def probabilities(self, scores: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the probability of a match for each score (units of 1 / `SCORE_ONE`)."""
        logit = self.slope * (scores / SCORE_ONE) + self.intercept
        # tanh does not overflow for large scores of either sign.
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logit)))

    def keeps(self, scores: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which scores are good enough to be shown, bool (n,)."""
        return np.asarray(self.probabilities(scores) >= self.threshold)
