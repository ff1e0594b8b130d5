"""The text score: BM25 over the words that an expression looks for [1]_.

For each ``text:`` term that a document has,

    worth * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average length))

with k1 = 0.9 and b = 0.4, which suit short texts such as captions [2]_. tf is the hit's HitData.
What a word is worth is the weight that was written for it, else its inverse document frequency
relative to that of a word that nobody uses (`TextStatistics.worth`), times the weights around it.
So the score is BM25 by ln(2 N + 2), and words that stand for what was typed can be worth less.

Words of one way to meet a phrase add up; of several ways (*bike* or *bicycle*) the best one counts;
phrases add up (`alicorn.query.asked`). Each share is rounded to 1/65,536 on its own and the sum is
an integer, so the order of the terms changes nothing. Without statistics every share is 0. The
kernel of `features.py` computes it.

References
----------
.. [1] Robertson, Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
.. [2] Trotman et al., "Improvements to BM25 and Language Models Examined", ADCS 2014.
"""

from __future__ import annotations

from typing import Final

__all__ = ["K1", "TEXT_ONE", "B"]

K1: Final = 0.9
"""How soon more of the same word stops helping."""

B: Final = 0.4
"""How much long texts are held back."""

TEXT_ONE: Final = 65_536
"""The text score 1 as an integer."""
