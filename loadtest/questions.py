"""The six classes of queries that every engine is asked, drawn from the words of a corpus.

    and2_ff    and of two frequent words            and_or10  and of two or of ten
    and2_fr    and of a frequent and a rare word    andnot    difference of two frequent words
    and3       and of a frequent, a middling and    or10      or of ten, frequent to rare
               a fairly rare word

Frequent is rank 3 to 60 by frequency, rare 1,000 to 8,000; where the vocabulary is smaller than
50,000 words the rarest ranks are taken closer together. Weights are quarters, so concept scores of
different words count differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from loadtest.corpora.corpus import Corpus

__all__ = ["CLASSES", "SEED", "Question", "questions", "terms_of"]

Kind = Literal["and", "or", "and-of-or", "difference"]

CLASSES: Final = ("and2_ff", "and2_fr", "and3", "or10", "and_or10", "andnot")
SEED: Final = 5

_WIDTH: Final = 10
"""Operands of each `or`."""
_VOCABULARY: Final = 8_000
"""Rarest rank that is asked for, where there are so many."""
_WEIGHTS: Final = (2_500, 5_000, 7_500, 10_000)


@dataclass(frozen=True, slots=True)
class Question:
    """One query over the words of a corpus."""

    kind: Kind
    words: tuple[tuple[int, ...], ...]
    """Word numbers: one group, of `and-of-or` two; of `difference` the second is taken out."""
    weights: tuple[tuple[int, ...], ...]
    """Beside ``words``, in 1/10,000."""

    def text(self, corpus: Corpus, edge: str, *, weighted: bool = False) -> str:
        """Return the s-expression over terms of ``edge``."""
        groups = [
            [
                _term(edge, corpus.word(word), weight if weighted else 10_000)
                for word, weight in zip(words, weights, strict=True)
            ]
            for words, weights in zip(self.words, self.weights, strict=True)
        ]
        if self.kind == "and-of-or":
            return "(and " + " ".join(f"(or {' '.join(group)})" for group in groups) + ")"
        return f"({self.kind} {' '.join(term for group in groups for term in group)})"


def questions(corpus: Corpus, name: str, count: int, seed: int = SEED) -> list[Question]:
    """Draw ``count`` queries of the class ``name``; the same arguments give the same ones."""
    random = np.random.default_rng([seed, CLASSES.index(name)])
    ranks = _Ranks(corpus, random)
    found = []
    for _ in range(count):
        kind: Kind
        match name:
            case "and2_ff":
                kind, words = "and", [ranks.distinct(3, 60, 2)]
            case "and2_fr":
                kind, words = "and", [[ranks.one(3, 60), ranks.one(1_000, _VOCABULARY)]]
            case "and3":
                kind = "and"
                words = [[ranks.one(3, 40), ranks.one(40, 150), ranks.one(150, 600)]]
            case "or10":
                kind, words = "or", [ranks.spread(30, 5_000)]
            case "and_or10":
                kind, words = "and-of-or", [ranks.spread(30, 5_000), ranks.spread(30, 5_000)]
            case _:
                kind, words = "difference", [[word] for word in ranks.distinct(3, 60, 2)]
        weights = [tuple(int(w) for w in random.choice(_WEIGHTS, len(g))) for g in words]
        found.append(Question(kind, tuple(tuple(group) for group in words), tuple(weights)))
    return found


class _Ranks:
    """Draws word numbers by rank of frequency."""

    def __init__(self, corpus: Corpus, random: np.random.Generator) -> None:
        self._by_frequency = corpus.by_frequency
        self._shrink = min(1.0, (corpus.words - 1) / _VOCABULARY)
        self._random = random

    def one(self, low: int, high: int) -> int:
        """Return a word of a rank in [low, high)."""
        return self._word(int(self._random.integers(low, high)))

    def distinct(self, low: int, high: int, count: int) -> list[int]:
        """Return ``count`` different words of ranks in [low, high)."""
        return self._different(np.arange(low, high), count)

    def spread(self, low: int, high: int) -> list[int]:
        """Return different words whose ranks are spread evenly over orders of magnitude."""
        return self._different(np.unique(np.geomspace(low, high, 800).astype(np.int64)), _WIDTH)

    def _different(self, ranks: np.ndarray, count: int) -> list[int]:
        words = np.unique([self._word(int(rank)) for rank in ranks])
        return [int(word) for word in self._random.choice(words, count, replace=False)]

    def _word(self, rank: int) -> int:
        # The head is left as it is: it is what makes lists long.
        if rank > 60:
            rank = 60 + int((rank - 60) * self._shrink)
        return int(self._by_frequency[min(rank, self._by_frequency.size - 1)])


def _term(edge: str, word: str, weight: int) -> str:
    bare = f'"{edge}:{word}"' if set(word) & set(' ()[]"\\*:') else f"{edge}:{word}"
    return bare if weight == 10_000 else f"(term {bare} :weight {weight / 10_000:g})"


def terms_of(questions: Sequence[Question]) -> set[int]:
    """Return the numbers of all words that are asked for."""
    return {word for question in questions for group in question.words for word in group}
