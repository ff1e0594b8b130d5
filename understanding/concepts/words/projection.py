"""From what a word means to the concepts that show it: q_c = q_w C.

A word that names no concept is matched by meaning. Each of its senses is a vector q_w, the columns
of C are the vectors of the categories, and q_c = q_w C says how near each category is [1]_. Three
things were added, each measured on Caltech-101 (docs/measured.md):

* The component common to all vectors is taken out of the query's and the categories' (DB-13).
* How much a sense and a category share of their ancestors counts beside the vectors:
  Lin's 2 IC(shared) / (IC(sense) + IC(category)) [2]_, with `ANCESTORS_SHARE`.
* The senses of a word compete: a category has the best of weight * similarity ** `SHARPNESS`.

The best categories are searched, and the nearest concept above the word's first sense, in all
`MOST_MATCHES` (DB-08, DB-10). Otherwise only classes of the image model answer: broader concepts
are on every photo, and found less. Where nothing is much nearer than two
categories are to each other, the word is no thing to be seen, and is left to the texts; so are most
words for people (`people`).

References
----------
.. [1] Kleban et al., "How image search works at Dropbox", 2021.
.. [2] Lin, "An information-theoretic definition of similarity", ICML 1998, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from alicorn.documents.text import tokens
from understanding.concepts.families import Family
from understanding.concepts.lexicon import MOST_MATCHES, ConceptMatch
from understanding.concepts.taxonomy import Concept, Taxonomy
from understanding.concepts.words.people import PERSON, is_shown_by_doing
from understanding.concepts.words.space import Sense, WordSpace

__all__ = [
    "ANCESTORS_SHARE",
    "BROADER_WEIGHT",
    "LEAST_SIMILARITY",
    "SHARPNESS",
    "Hierarchy",
    "Projection",
]

ANCESTORS_SHARE: Final = 0.3
"""What shared ancestors count beside the vectors."""

SHARPNESS: Final = 4
"""Power of a similarity: twice as near counts sixteen times."""

LEAST_SIMILARITY: Final = 1.9
"""A word is matched if its best category is nearer than this many times the usual (root mean
square) similarity of two categories."""

BROADER_WEIGHT: Final = 0.3
"""What the nearest concept above a word weighs beside the best category."""

# Classes under a concept that still says something of a word below it.
_MOST_BELOW: Final = 60

Floats = npt.NDArray[np.float32]


@runtime_checkable
class Hierarchy(Protocol):
    """What a space knows that has WordNet's meanings (`distilled.DistilledWords`)."""

    def vector_of(self, synset: str) -> Floats | None:
        """Return the vector of a synset."""
        ...

    def information_of(self, synset: str) -> float:
        """Return how much a synset says, in [0, 1]."""
        ...

    def ancestors(self, synset: str) -> Mapping[str, float]:
        """Return a synset and what is above it, each with how much it says."""
        ...


class Projection:
    """Words to categories, by what they mean.

    Parameters
    ----------
    space : WordSpace
        A `Hierarchy`, too, where ancestors shall count.
    taxonomy : Taxonomy
        Its classes are the categories.
    common_component : bool
        Take the common component out (DB-13).
    ancestors : bool
        Let shared ancestors count.
    """

    def __init__(
        self,
        space: WordSpace,
        taxonomy: Taxonomy,
        *,
        common_component: bool = True,
        ancestors: bool = True,
    ) -> None:
        self._space = space
        self._common = space.common if common_component else None
        classes = [c for c in taxonomy.concepts if c.class_index is not None]
        self._are_animals = np.array([c.family is Family.ANIMAL for c in classes])
        self.names = [concept.name for concept in classes]
        """The categories, in the order of their classes."""
        self._hierarchy = space if isinstance(space, Hierarchy) else None
        self._use_ancestors = ancestors
        rows = [_vector_of(concept, space) for concept in classes]
        self.categories = np.stack([self._prepared(row) for row in rows])
        """The transpose of C: float32, shape (categories, dimensions); zeros for one without."""
        self._least = LEAST_SIMILARITY * self._spread()
        self._broader = {
            concept.synset: concept.name
            for concept, below in zip(taxonomy.concepts, taxonomy.leaves_below, strict=True)
            if concept.class_index is None and len(below) <= _MOST_BELOW
        }
        if self._hierarchy is not None:
            self._shared, self._column = _ancestor_table(classes, self._hierarchy)
            self._says = np.array([self._hierarchy.information_of(c.synset) for c in classes])

    def scores(self, vector: Floats) -> Floats:
        """Return q_w C for one vector of a word: DB-01's formula.

        Parameters
        ----------
        vector : float32, shape (dimensions,)

        Returns
        -------
        float32, shape (categories,)
            Cosines, in [-1, 1].
        """
        return self.categories @ self._prepared(vector)

    def similarities(self, sense: Sense) -> Floats:
        """Return how near each category is to ``sense``: float32 (categories,), in [0, 1]."""
        near = self.scores(sense.vector)
        if self._hierarchy is not None and sense.synset:
            above = self._hierarchy.ancestors(sense.synset)
            if PERSON in above and not is_shown_by_doing(above):
                return np.zeros_like(near)
            if self._use_ancestors:
                related = self._relatedness(above, self._hierarchy.information_of(sense.synset))
                near = ((1 - ANCESTORS_SHARE) * near + ANCESTORS_SHARE * related).astype(np.float32)
            if PERSON in above:
                near[self._are_animals] = 0
        return near.clip(0, 1)

    def concepts(self, words: tuple[str, ...], language: str = "en") -> tuple[ConceptMatch, ...]:
        """Return the categories nearest to what a term means, best first, equal ones by name.

        Parameters
        ----------
        words : tuple of str
            As `alicorn.documents.text.tokens` cuts them.
        language : str
            Two-letter code.

        Returns
        -------
        tuple of ConceptMatch
            At most `MOST_MATCHES`. The best one's weight is its similarity; empty when the term is
            not known or means nothing that the categories could show.
        """
        senses = self._space.senses(words, language)
        if not senses:
            return ()
        strengths = np.max(
            [s.weight ** (1 / SHARPNESS) * self.similarities(s) for s in senses], axis=0
        )
        best = float(strengths.max())
        if best < self._least:
            return ()
        weights = strengths**SHARPNESS / best ** (SHARPNESS - 1)
        order = sorted(range(len(self.names)), key=lambda i: (-weights[i], self.names[i]))
        broader = self._nearest_above(senses[0])
        most = MOST_MATCHES - len(broader)
        found = {self.names[i]: float(weights[i]) for i in order[:most] if weights[i] > 0}
        found |= dict.fromkeys(broader, BROADER_WEIGHT * senses[0].weight * best)
        ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return tuple(ConceptMatch(name, round(weight, 4)) for name, weight in ranked)

    def _nearest_above(self, sense: Sense) -> list[str]:
        """Return the concept above ``sense`` that says most, if there is one that is not broad."""
        if self._hierarchy is None or not self._use_ancestors or not sense.synset:
            return []
        above = self._hierarchy.ancestors(sense.synset)
        known = [(says, synset) for synset, says in above.items() if synset in self._broader]
        return [self._broader[max(known)[1]]] if known else []

    def _prepared(self, vector: Floats) -> Floats:
        """Return ``vector`` of length 1, without the common component; zeros stay zeros."""
        unit = _unit(vector)
        if self._common is not None:
            unit = _unit(unit - (unit @ self._common) * self._common)
        return unit

    def _spread(self) -> float:
        """Return the standard deviation of the similarity of two categories."""
        known = self.categories[np.any(self.categories != 0, axis=1)]
        if len(known) < 2:
            return 0.0
        pairs = (known @ known.T)[np.triu_indices(len(known), 1)]
        return float(np.sqrt(np.mean(pairs.astype(np.float64) ** 2)))

    def _relatedness(self, above: Mapping[str, float], says: float) -> npt.NDArray[np.float64]:
        """Return Lin's measure between a synset and each category: shape (categories,)."""
        columns = [self._column[synset] for synset in above if synset in self._column]
        if not columns:
            return np.zeros(len(self.names))
        both = says + self._says
        shared = self._shared[:, columns].max(axis=1)
        related: npt.NDArray[np.float64] = np.zeros(len(self.names))
        np.divide(2 * shared, both, out=related, where=both > 0)
        return related


def _unit(vector: Floats) -> Floats:
    length = float(np.linalg.norm(vector))
    return (vector / length if length > 0 else np.zeros_like(vector)).astype(np.float32)


def _vector_of(concept: Concept, space: WordSpace) -> Floats:
    """Return a category's vector: of its synset, else the mean of what its names mean."""
    if isinstance(space, Hierarchy) and (found := space.vector_of(concept.synset)) is not None:
        return found
    terms = [tuple(tokens(lemma)) for lemma in concept.lemmas]
    names = [senses[0].vector for term in terms if (senses := space.senses(term))]
    # A name that has no vector of its own means at least what its words mean.
    words = names or [
        senses[0].vector for term in terms for word in term if (senses := space.senses((word,)))
    ]
    return np.mean(words, axis=0) if words else np.zeros(space.dimensions, dtype=np.float32)


def _ancestor_table(
    classes: list[Concept], hierarchy: Hierarchy
) -> tuple[npt.NDArray[np.float32], dict[str, int]]:
    """Return how much each ancestor of each category says, and the column of each ancestor."""
    above = [hierarchy.ancestors(concept.synset) for concept in classes]
    column = {synset: i for i, synset in enumerate(sorted({s for one in above for s in one}))}
    table = np.zeros((len(classes), len(column)), dtype=np.float32)
    for row, one in enumerate(above):
        for synset, information in one.items():
            table[row, column[synset]] = information
    return table, column
