"""The text score: BM25 over the positive ``text:`` terms of an expression [1]_.

For each such term that a document has, whatever else it matched,

    weight * idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average length))
    idf = ln(1 + (documents - df + 0.5) / (df + 0.5))

with k1 = 0.9 and b = 0.4, which suit short texts such as captions [2]_. tf is the hit's HitData.
Each share is rounded to 1/65,536 on its own and the sum is an integer, so the order of the terms
changes nothing. Without statistics every share is 0. The kernel of `features.py` computes it.

References
----------
.. [1] Robertson, Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
.. [2] Trotman et al., "Improvements to BM25 and Language Models Examined", ADCS 2014.
"""

from __future__ import annotations

import math
from typing import Final

from indexserver.scoring.statistics import TextStatistics

__all__ = ["K1", "TEXT_ONE", "B", "inverse_frequency"]

K1: Final = 0.9
"""How soon more of the same word stops helping."""

B: Final = 0.4
"""How much long texts are held back."""

TEXT_ONE: Final = 65_536
"""The text score 1 as an integer."""


def inverse_frequency(word: str, statistics: TextStatistics) -> float:
    """Return the idf of ``word``, more for rarer words."""
    # A word may be newer than the statistics; it then counts as one that nobody else has.
    df = min(statistics.frequencies.get(word, 0), statistics.documents)
    return math.log1p((statistics.documents - df + 0.5) / (df + 0.5))
