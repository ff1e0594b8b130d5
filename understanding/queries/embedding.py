"""A query as one point among the meanings of words, and what lies near it (PS-30).

The vector of a query is the mean of its phrases', each the weighted mean of its senses', without
the component common to all. So queries that mean much the same lie close, however they are worded,
also in two languages. Where nothing in a collection matches, the concepts nearest to the query are
what to try next; they come from the taxonomy, so they tell nothing of anybody's photos.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.text import tokens
from understanding.concepts.languages.accents import unaccented
from understanding.concepts.taxonomy import Taxonomy
from understanding.concepts.words.space import Sense, WordSpace
from understanding.queries.model import Phrase, Understanding

__all__ = ["MOST_RELATED", "QueryEmbedding"]

MOST_RELATED: Final = 5
"""Concepts that are named as near to a query."""

_LEAST_SIMILARITY: Final = 0.35

Floats = npt.NDArray[np.float32]


class QueryEmbedding:
    """Queries and concepts in the space of words.

    Parameters
    ----------
    space : WordSpace
    taxonomy : Taxonomy
        Its concepts are what queries are near to.
    """

    def __init__(self, space: WordSpace, taxonomy: Taxonomy) -> None:
        self._space = space
        known = [
            (c.name, self._of_senses(space.senses(tuple(tokens(c.name)))))
            for c in taxonomy.concepts
        ]
        self._names = [name for name, vector in known if vector is not None]
        self._vectors = np.array([vector for _, vector in known if vector is not None])

    def vector(self, understood: Understanding) -> Floats | None:
        """Return the point of a query: float32, shape (dimensions,), of length 1.

        None where no word of it is known.
        """
        parts = [self._of_phrase(phrase) for phrase in understood.phrases]
        return _mean([part for part in parts if part is not None])

    def nearest(self, understood: Understanding, most: int = MOST_RELATED) -> tuple[str, ...]:
        """Return the concepts nearest to a query, nearest first, without those it was taken for."""
        vector = self.vector(understood)
        if vector is None or not self._names:
            return ()
        asked = {match.concept for phrase in understood.phrases for match in phrase.concepts}
        near = self._vectors @ vector
        found = (
            self._names[index]
            for index in np.argsort(-near, kind="stable").tolist()
            if near[index] >= _LEAST_SIMILARITY
        )
        return tuple(name for name in found if name not in asked)[:most]

    def _of_phrase(self, phrase: Phrase) -> Floats | None:
        plain = tuple(unaccented(word) for word in phrase.words)
        for words in dict.fromkeys((phrase.words, plain)):
            whole = self._of_senses(self._space.senses(words, phrase.language))
            if whole is not None:
                return whole
        parts = [self._of_senses(self._space.senses((w,), phrase.language)) for w in phrase.words]
        return _mean([part for part in parts if part is not None])

    def _of_senses(self, senses: Sequence[Sense]) -> Floats | None:
        common = self._space.common
        turned = []
        for sense in senses:
            rest = sense.vector - (sense.vector @ common) * common
            length = float(np.linalg.norm(rest))
            if length > 0:
                turned.append((sense.weight * rest / length).astype(np.float32))
        return _mean(turned)


def _mean(vectors: Sequence[Floats]) -> Floats | None:
    if not vectors:
        return None
    total: Floats = np.sum(vectors, axis=0, dtype=np.float32)
    length = float(np.linalg.norm(total))
    return total / np.float32(length) if length > 0 else None
