"""A classifier with a class list of its own: which concept each class stands for, and its tags.

A line of the list is a WordNet id of a noun (`n02084071`, also `02084071` or `02084071-n`) or a
name: that of a concept (`golden retriever`), one of its words, or several with commas between
(`tench, Tinca tinca`). An id says exactly what is meant; a name that fits two concepts equally
well, or that stands in two lines, stands for none.

Any part of the taxonomy will do. A class may be a leaf or an ancestor (*dog*), two classes may be
one concept, and concepts that no class stands for are never seen. A concept gets the sum of the
classes at or below it, each once, less its base rate as in `propagation`: that of the shipped
taxonomy, so that a confidence means the same whichever classifier it comes from.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents import Tag
from understanding.concepts.propagation import Propagation
from understanding.concepts.tags import best_tags
from understanding.concepts.taxonomy import Concept, Taxonomy

__all__ = ["ClassTags", "concepts_of"]

_ID: Final = re.compile(r"n?(\d{8})(?:-n)?")


def concepts_of(lines: Sequence[str], taxonomy: Taxonomy) -> tuple[str | None, ...]:
    """Return the name of the concept that each line of a class list stands for.

    Parameters
    ----------
    lines : sequence of str
        Ids or names, in the order of the classifier's columns.

    Returns
    -------
    tuple of str or None
        One a line, in their order; None where the taxonomy has no such concept, or cannot tell
        which of two is meant.
    """
    by_id = {concept.synset: concept.name for concept in taxonomy.concepts}
    by_word = _words(taxonomy.concepts)
    normal = [_normal(line) for line in lines]
    seen = Counter(normal)
    found: list[str | None] = []
    for line in normal:
        if identified := _ID.fullmatch(line):
            found.append(by_id.get(identified.group(1)))
        elif seen[line] > 1:
            # Two classes of one name: the list itself does not know which is which.
            found.append(None)
        else:
            found.append(_named(line, taxonomy, by_word))
    return tuple(found)


class ClassTags:
    """The way from the probabilities of a classifier's own classes to tags.

    Parameters
    ----------
    taxonomy : Taxonomy
    classes : sequence of str or None
        The concept that each class stands for, as `concepts_of` returns them; at least one. The
        probability of a class without one is left out.
    """

    def __init__(self, taxonomy: Taxonomy, classes: Sequence[str | None]) -> None:
        below: dict[int, list[int]] = defaultdict(list)
        for column, name in enumerate(classes):
            if name is not None:
                for concept in _at_and_above(name, taxonomy):
                    below[concept].append(column)
        assert below, "a classifier without a known class sees nothing"
        seen = sorted(below)
        self._propagation = Propagation(
            [below[concept] for concept in seen],
            len(classes),
            rates=[len(taxonomy.leaves_below[concept]) for concept in seen],
        )
        self.names = [taxonomy.names[concept] for concept in seen]
        """Concepts that can be seen, in the taxonomy's order."""
        self._name_ranks = np.argsort(np.argsort(np.array(self.names), kind="stable"))

    def tags(self, probabilities: npt.NDArray[np.float32]) -> tuple[Tag, ...]:
        """Return the best 50 concepts of one photo, best first, equal ones by name.

        Parameters
        ----------
        probabilities : float32, shape (classes,)
            In [0, 1]; they need not sum to 1.
        """
        confidences = self._propagation.propagate(probabilities[np.newaxis])[0]
        return best_tags(confidences, self.names, self._name_ranks)


def _words(concepts: Sequence[Concept]) -> Mapping[str, Mapping[str, float]]:
    """Return, for each word or term, the concepts it may mean and how much it means each."""
    words: dict[str, dict[str, float]] = defaultdict(dict)
    for concept in concepts:
        for lemma, weight in concept.lemmas.items():
            words[_normal(lemma)][concept.name] = weight
    return words


def _named(line: str, taxonomy: Taxonomy, by_word: Mapping[str, Mapping[str, float]]) -> str | None:
    """Return the concept that most of a line's names mean, None where two are meant alike."""
    if line in taxonomy.index_of:
        return line
    weights: dict[str, float] = defaultdict(float)
    for part in (part.strip() for part in line.split(",")):
        for name, weight in by_word.get(part, {}).items():
            weights[name] += weight
    most = max(weights.values(), default=0.0)
    meant = [name for name, weight in weights.items() if weight == most]
    return meant[0] if len(meant) == 1 else None


def _at_and_above(name: str, taxonomy: Taxonomy) -> set[int]:
    """Return the concept and all broader ones, each once however many ways lead there."""
    reached: set[int] = set()
    pending = [name]
    while pending:
        concept = taxonomy.index_of[pending.pop()]
        if concept not in reached:
            reached.add(concept)
            pending.extend(taxonomy.parents[concept])
    return reached


def _normal(text: str) -> str:
    """Return a name as it is compared: lower case, single spaces for spaces and underscores."""
    return " ".join(text.replace("_", " ").lower().split())
