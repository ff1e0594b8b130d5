"""Signals of the whole result set (PS-45), and the network's rows made with them.

One photo looks well or badly matched only beside the others. Of the visible candidates this tells
how good the best concept score and the best text are and how each compares with them, how far each
one looks from the rest, and how much of the page one author has.

The outlier score: a photo's distance is the (lower) median Hamming distance of its visual code to
those of the other results. These distances have a median m and a median absolute deviation d over
the set; the score is (distance - m) / (1.4826 d), which a few odd photos cannot shift [1]_.
Twelve beaches some 70 bits apart and one car 110 bits from each: m = 70, d under the floor of 3
bits, so the car's score is 40 / 4.4, cut to 8.

References
----------
.. [1] Iglewicz and Hoaglin, "How to detect and handle outliers", 1993 (modified z-score).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ranker.features import SECOND_STAGE
from ranker.scores import SCORE_ONE
from ranker.second_stage import _kernels
from ranker.second_stage.candidates import Candidates, hamming

__all__ = ["OUTLIER_BOUND", "SetSignals", "second_stage_rows", "set_signals"]

OUTLIER_BOUND: Final = 8.0
"""Outlier scores are cut to plus or minus this: beyond it, farther says nothing more."""

# Under five pictures there is no majority to be an outlier of.
_LEAST_CODED: Final = 5
# Bits; keeps a set of near-copies (deviation 0) from making an outlier of everything else.
_LEAST_DEVIATION: Final = 3.0
# Of a normal distribution: its standard deviation is so many median absolute deviations.
_NORMAL: Final = 1.4826


@dataclass(frozen=True, slots=True, eq=False)
class SetSignals:
    """What the result set tells; arrays have one entry a candidate, in their order."""

    concept_best: float
    """Largest concept score."""
    relative_concept: NDArray[np.float64]
    """(n,): concept score by the largest, in [0, 1]."""
    best_said: float
    """Largest share of the words asked for, by worth, that a text has."""
    relative_text: NDArray[np.float64]
    """(n,): text score by the largest, in [0, 1]."""
    visual_distance: NDArray[np.float64]
    """(n,): median Hamming distance to the other results, bits; NaN without a code."""
    outlier: NDArray[np.float64]
    """(n,): robust standard score of ``visual_distance``; 0 where it is not known."""
    author_share: NDArray[np.float64]
    """(n,): share of the set by the same author; 0 where the author is unknown."""


def set_signals(candidates: Candidates) -> SetSignals:
    """Return the signals of the result set.

    Parameters
    ----------
    candidates : Candidates
        What the searcher may see, and nothing else.

    Returns
    -------
    SetSignals
        In the order of ``candidates``. Costs O(n^2) for the visual distances.
    """
    concept = candidates.feature("concept_score").astype(np.float64)
    best = float(concept.max(initial=0.0))
    text = candidates.feature("text_score").astype(np.float64)
    best_text = float(text.max(initial=0.0))
    distance = _visual_distance(candidates.visual)
    return SetSignals(
        concept_best=best,
        relative_concept=concept / best if best > 0 else np.zeros_like(concept),
        best_said=float(candidates.feature("said_share").max(initial=0.0)),
        relative_text=text / best_text if best_text > 0 else np.zeros_like(text),
        visual_distance=distance,
        outlier=_outlier(distance),
        author_share=_author_share(candidates.authors),
    )


def second_stage_rows(candidates: Candidates, signals: SetSignals) -> NDArray[np.float32]:
    """Return the network's rows: float32 (n, F), columns of `SECOND_STAGE`; NaN is missing."""
    n = len(candidates)
    of_set: dict[str, NDArray[np.float64] | float] = {
        "first_stage_score": candidates.scores / SCORE_ONE,
        "relative_concept": signals.relative_concept,
        "best_concept": signals.concept_best,
        "relative_text": signals.relative_text,
        "best_said": signals.best_said,
        "outlier": signals.outlier,
        "author_share": signals.author_share,
    }
    rows = np.empty((n, len(SECOND_STAGE)), dtype=np.float32)
    for column, name in enumerate(SECOND_STAGE.names):
        rows[:, column] = of_set[name] if name in of_set else candidates.feature(name)
    return rows


def _visual_distance(codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    out = np.full(len(codes), np.nan)
    coded = np.flatnonzero(codes.any(axis=1))
    if coded.size < 2:
        return out
    medians = np.empty(coded.size)
    _kernels.lower_medians_into(hamming(codes[coded]), np.empty(257, dtype=np.int64), medians)
    out[coded] = medians
    return out


def _outlier(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    known = ~np.isnan(distance)
    out = np.zeros_like(distance)
    if known.sum() < _LEAST_CODED:
        return out
    middle = np.median(distance[known])
    deviation = max(float(np.median(np.abs(distance[known] - middle))), _LEAST_DEVIATION)
    scores = (distance[known] - middle) / (_NORMAL * deviation)
    out[known] = np.clip(scores, -OUTLIER_BOUND, OUTLIER_BOUND)
    return out


def _author_share(authors: NDArray[np.uint64]) -> NDArray[np.float64]:
    if not authors.size:
        return np.zeros(0)
    _, of, counts = np.unique(authors, return_inverse=True, return_counts=True)
    return np.where(authors == 0, 0.0, counts[of] / authors.size)
