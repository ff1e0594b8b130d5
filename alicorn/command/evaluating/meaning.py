"""Vectors of queries and of categories, for baselines that compare those two and nothing else.

Categories are the concepts that the classifier sees itself, without what is above them. A concept's
vector is that of its own synset where the words know meanings, else the first of its name or of one
of its lemmas; a concept that no word is known for has zeros. A query's vector is that of the whole
term's most usual meaning, failing that the sum of its words'. What all vectors have in common is
taken out of both (DB-13).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alicorn.documents.text import tokens
from ranker.evaluation.measuring import Query
from understanding.concepts.taxonomy import Concept, Taxonomy
from understanding.concepts.words.space import WordSpace

__all__ = ["Meaning"]

Vector = npt.NDArray[np.float32]


class Meaning:
    """The categories of ``taxonomy`` and queries as points of ``words``."""

    def __init__(self, words: WordSpace, taxonomy: Taxonomy) -> None:
        self._words = words
        seen = [concept for concept in taxonomy.concepts if concept.class_index is not None]
        vectors = [self._centred(self._of_concept(concept)) for concept in seen]
        self.categories: npt.NDArray[np.float32] = np.stack(vectors)
        """Shape (categories, dimensions), in the classifier's order; of length 1 or 0."""

    def of_query(self, query: Query) -> Vector | None:
        """Return the vector of ``query``, of length 1; None where no word of it is known."""
        words = tuple(tokens(query.text))
        whole = self._most_usual(words, query.language)
        parts: Sequence[Vector | None] = (
            [self._most_usual((word,), query.language) for word in words] if whole is None else ()
        )
        known = [part for part in (whole, *parts) if part is not None]
        if not known:
            return None
        centred = self._centred(np.sum(known, axis=0, dtype=np.float32))
        return centred if centred.any() else None

    def _most_usual(self, words: tuple[str, ...], language: str) -> Vector | None:
        """Return the first meaning in the person's language, failing that in English."""
        for each in dict.fromkeys((language, "en")):
            if each in self._words.languages and (senses := self._words.senses(words, each)):
                return senses[0].vector
        return None

    def _of_concept(self, concept: Concept) -> Vector:
        terms = [tuple(tokens(term)) for term in (concept.name, *concept.lemmas)]
        found = [sense for term in terms for sense in self._words.senses(term)]
        own = [sense for sense in found if sense.synset == concept.synset]
        for sense in (*own, *found):
            return sense.vector
        return np.zeros(self._words.dimensions, np.float32)

    def _centred(self, vector: Vector) -> Vector:
        """Return ``vector`` without what it has of the common component, of length 1."""
        common = self._words.common
        length = float(common @ common)
        if length > 0:
            vector = vector - common * np.float32(float(vector @ common) / length)
        size = float(np.linalg.norm(vector))
        centred: Vector = vector / np.float32(size) if size > 1e-6 else np.zeros_like(vector)
        return centred
