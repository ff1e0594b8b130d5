"""How many bytes must a query read, whoever answers it?

A lower bound from the lists alone, in our own representation: a list costs, in each window of
16,384 documents, the smaller of a bitmap and two bytes a hit. An intersection reads its smallest
operand whole, and of another one no more than a cache line for each of those hits; a union reads
all of its lists. HitData is one byte for each hit of a match that scores. Time comes from plain
reads of as many bytes (`loadtest.bandwidth`), so the bound holds in whatever cache the lists are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from loadtest.bandwidth import Bandwidth
from loadtest.corpora.corpus import Corpus
from loadtest.questions import Question

__all__ = ["Reading"]

_WINDOW: Final = 16_384
_BITMAP_BYTES: Final = _WINDOW // 8
_LINE_BYTES: Final = 64


class Reading:
    """The physical limit of queries over one corpus."""

    def __init__(self, corpus: Corpus, bandwidth: Bandwidth) -> None:
        self._corpus = corpus
        self._bandwidth = bandwidth
        self._sizes: dict[int, int] = {}

    def of_ids(self, questions: Sequence[Question]) -> float:
        """Return the microseconds of reading what decides who matches, the median query's."""
        return self._typical([self._bytes(question) for question in questions])

    def of_first(self, questions: Sequence[Question], ends: Sequence[int]) -> float:
        """Return the same up to document number ``ends`` of each, where the search may stop."""
        documents = self._corpus.documents
        return self._typical(
            [
                self._bytes(question) * (end + 1) / documents
                for question, end in zip(questions, ends, strict=True)
            ]
        )

    def of_scores(self, questions: Sequence[Question], matched: Sequence[int]) -> float:
        """Return the same with the HitData of ``matched`` documents of each."""
        sizes = []
        for question, matches in zip(questions, matched, strict=True):
            scoring = question.words[:1] if question.kind == "difference" else question.words
            hits = sum(
                min(int(self._corpus.counts[word]), matches) for words in scoring for word in words
            )
            sizes.append(self._bytes(question) + hits)
        return self._typical(sizes)

    def _typical(self, sizes: Sequence[float]) -> float:
        return float(np.median([self._bandwidth.seconds(size) for size in sizes])) * 1e6

    def _bytes(self, question: Question) -> int:
        if question.kind in {"or", "and-of-or"}:
            operands = [
                (
                    sum(self._list(word) for word in words),
                    sum(int(self._corpus.counts[word]) for word in words),
                )
                for words in question.words
            ]
        else:
            operands = [
                (self._list(word), int(self._corpus.counts[word]))
                for words in question.words
                for word in words
            ]
        first, *others = operands if question.kind == "difference" else sorted(operands)
        return first[0] + sum(min(size, _LINE_BYTES * first[1]) for size, _ in others)

    def _list(self, word: int) -> int:
        if word not in self._sizes:
            ids = self._corpus.postings[self._corpus.list_of(word)]
            hits = np.bincount(ids // np.uint32(_WINDOW))
            self._sizes[word] = int(np.minimum(2 * hits, _BITMAP_BYTES).sum())
        return self._sizes[word]
