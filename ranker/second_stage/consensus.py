"""Consensus: what the best results look like moves up what looks like them.

The network judges one photo at a time. Where a word is matched by what it means only, its best
results are a mixture, and most of the right ones look alike while each wrong one is wrong in its
own way. So the first `MOST_MOVED` are ordered by

    s + STRENGTH * log z,    z = mean over the others j of p_j * likeness(i, j) ^ 2, by the largest

where the first `JUDGES` count alike (p = 1) and others less, by the softmax of what they are behind
them, at temperature `TEMPERATURE`; so no single result, however good, says alone what all should
look like. The likeness of two visual codes is 1 - 2 * Hamming / 256, at least 0: random pictures
have 0. It is one step of the walk of VisualRank [1]_ over the results, from the likely ones. The
codes are those of the index (PS-12, PS-13); nothing is learnt. What is given out anew are the
places, not the scores: the first gets the best score, and so on, so that the page stays in order.

References
----------
.. [1] Jing, Baluja, "VisualRank: applying PageRank to large-scale image search", TPAMI 2008.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ranker.scores import SCORE_ONE
from ranker.second_stage.candidates import hamming

__all__ = ["JUDGES", "MOST_MOVED", "STRENGTH", "TEMPERATURE", "agreed"]

MOST_MOVED: Final = 50
"""Best results among which the order may change."""

JUDGES: Final = 10
"""Best results that count alike in saying what the others should look like."""

STRENGTH: Final = 1.0
"""Points of score for a factor e in likeness."""

TEMPERATURE: Final = 0.1
"""Points of score behind the judges that make a result count a factor e less."""

_BITS: Final = 256
# Fewer pictures agree on nothing.
_LEAST_CODED: Final = 5
# However unlike the others a result is, it loses 1.2 points at most: the one photo of something
# among many of nothing stays first.
_LEAST_LIKENESS: Final = 0.3


def agreed(scores: NDArray[np.int64], visual: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the scores of ranked results after they have looked at each other.

    Parameters
    ----------
    scores : int64, shape (n,)
        Final scores in units of 1 / `SCORE_ONE`, descending.
    visual : uint8, shape (n, 32)
        Visual codes; all zero where there is none. Photos without one keep their score.

    Returns
    -------
    int64, shape (n,)
        In the same order. Of the first `MOST_MOVED` those with a code exchange theirs; the others
        keep them.
    """
    out = scores.copy()
    head = scores[:MOST_MOVED]
    coded = np.flatnonzero(visual[:MOST_MOVED].any(axis=1))
    if coded.size < _LEAST_CODED:
        return out
    points = head[coded] / SCORE_ONE
    last = points[min(JUDGES, coded.size) - 1]
    chances = np.exp((np.minimum(points, last) - last) / TEMPERATURE)
    likeness = (1 - 2 * hamming(visual[coded]).astype(np.float64) / _BITS).clip(0) ** 2
    np.fill_diagonal(likeness, 0.0)
    agreement = likeness @ chances / (chances.sum() - chances)
    largest = agreement.max()
    if largest <= 0:
        return out
    moved = points + STRENGTH * np.log((agreement / largest).clip(_LEAST_LIKENESS))
    out[coded[np.argsort(-moved, kind="stable")]] = head[coded]
    return out
