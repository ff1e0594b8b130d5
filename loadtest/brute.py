"""Brute force: what the answers are, from the arrays of the corpus alone.

One row of the whole corpus an operand, NumPy throughout; no index, no plan, no window. Every
benchmark compares its answers with these in the run that it reports.
"""

from __future__ import annotations

from functools import reduce
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.hitdata import BYTE_ONE, WEIGHT_ONE
from alicorn.documents.ordering import best_first
from alicorn.errors import AlicornError
from loadtest.corpora.corpus import Corpus
from loadtest.questions import Question

__all__ = ["CONCEPT_UNITS", "BruteForce", "refuse"]

CONCEPT_UNITS: Final = WEIGHT_ONE * BYTE_ONE
"""The concept score 1, in the units of `BruteForce.scores`."""


class BruteForce:
    """Answers questions about a corpus; who matches is worked out once a question."""

    def __init__(self, corpus: Corpus, dead: npt.NDArray[np.bool_] | None = None) -> None:
        self._corpus = corpus
        self._live = None if dead is None else ~dead
        self._matches: dict[Question, npt.NDArray[np.uint32]] = {}

    def matches(self, question: Question) -> npt.NDArray[np.uint32]:
        """Return the numbers of the documents that match, ascending: DocId order."""
        if question not in self._matches:
            self._matches[question] = np.flatnonzero(self._evaluated(question)).astype(np.uint32)
        return self._matches[question]

    def members(self, question: Question) -> npt.NDArray[np.bool_]:
        """Return which documents match, shape (documents,)."""
        members = np.zeros(self._corpus.documents, dtype=np.bool_)
        members[self.matches(question)] = True
        return members

    def first(self, question: Question, limit: int) -> npt.NDArray[np.uint64]:
        """Return the ids of the first ``limit`` matches in DocId order."""
        return self._corpus.ids[self.matches(question)[:limit]]

    def scores(self, question: Question) -> npt.NDArray[np.int64]:
        """Return the concept score of each document as a match, shape (documents,)."""
        total = np.zeros(self._corpus.documents, dtype=np.int64)
        scoring = question.words[:1] if question.kind == "difference" else question.words
        for words, weights in zip(scoring, question.weights, strict=False):
            for word, weight in zip(words, weights, strict=True):
                here = self._corpus.list_of(word)
                bytes_ = self._corpus.confidences[here].astype(np.int64)
                total[self._corpus.postings[here]] += weight * bytes_ * bytes_
        return total

    def best(
        self, question: Question, limit: int
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        """Return (ids, scores) of the ``limit`` best matches, in the order everywhere."""
        found = self.matches(question)
        scores = self.scores(question)[found]
        if found.size > limit:
            least = np.partition(scores, scores.size - limit)[scores.size - limit]
            found, scores = found[scores >= least], scores[scores >= least]
        ids = self._corpus.ids[found]
        order = best_first(scores, self._corpus.sort_keys[found], ids)[:limit]
        return ids[order], scores[order]

    def _evaluated(self, question: Question) -> npt.NDArray[np.bool_]:
        groups = [[self._row(word) for word in words] for words in question.words]
        match question.kind:
            case "and":
                found = reduce(np.logical_and, groups[0])
            case "or":
                found = reduce(np.logical_or, groups[0])
            case "and-of-or":
                found = reduce(np.logical_and, [reduce(np.logical_or, g) for g in groups])
            case "difference":
                found = groups[0][0] & ~groups[1][0]
        return found if self._live is None else found & self._live

    def _row(self, word: int) -> npt.NDArray[np.bool_]:
        row = np.zeros(self._corpus.documents, dtype=np.bool_)
        row[self._corpus.postings[self._corpus.list_of(word)]] = True
        return row


def refuse(what: str, found: object, needed: object) -> AlicornError:
    """Return the error for an answer that is wrong: then its speed says nothing.

    Of two arrays it names the first place where they differ.
    """
    if isinstance(found, np.ndarray) and isinstance(needed, np.ndarray):
        common = min(found.size, needed.size)
        differ = np.flatnonzero(found[:common] != needed[:common])
        at = int(differ[0]) if differ.size else common
        one, other = (a[at] if at < a.size else "nothing" for a in (found, needed))
        found = f"{one} at {at} of {found.size}"
        needed = f"{other} at {at} of {needed.size}"
    return AlicornError(f"{what}: found {found}, needed {needed}; no figures without the answer")
