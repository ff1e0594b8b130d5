"""Vectors of queries and concepts from a space of four words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from alicorn.command.evaluating.meaning import Meaning
from ranker.evaluation.measuring import Query
from understanding.concepts.families import Family
from understanding.concepts.taxonomy import Concept, Taxonomy
from understanding.concepts.words.space import Sense


def unit(*numbers: float) -> npt.NDArray[np.float32]:
    vector = np.array(numbers, np.float32)
    return vector / np.linalg.norm(vector)


class Words:
    """Three dimensions: animals, machines, and what everything has."""

    dimensions = 3
    languages = ("en", "fr")

    def __init__(self, common: float) -> None:
        self.common = np.array([0, 0, common], np.float32)

    def longest(self, language: str) -> int:
        return 1

    def senses(self, words: tuple[str, ...], language: str = "en") -> tuple[Sense, ...]:
        known = {
            ("en", ("crane",)): (Sense(unit(0, 1, 1), 1.0, "02"), Sense(unit(1, 0, 1), 0.5, "01")),
            ("en", ("dog",)): (Sense(unit(1, 0, 1), 1.0, "03"),),
            ("fr", ("grue",)): (Sense(unit(1, 0, 1), 1.0, "01"),),
        }
        return known.get((language, words), ())


def concept(name: str, synset: str, index: int | None, *, parent: str = "") -> Concept:
    return Concept(
        name=name,
        synset=synset,
        class_index=index,
        family=Family.OBJECT,
        parents=(parent,) if parent else (),
        lemmas={name.split(" (", maxsplit=1)[0]: 1.0},
        gloss="",
    )


TAXONOMY = Taxonomy(
    [
        concept("crane", "02", 0, parent="dog"),
        concept("crane (bird)", "01", 1, parent="dog"),
        concept("yurt", "09", 2, parent="dog"),
        concept("dog", "03", None),
    ]
)


def test_a_concept_is_its_own_meaning_of_its_word() -> None:
    """The bird is not the machine; what no word is known for is nowhere, nor what is above."""
    meaning = Meaning(Words(common=1), TAXONOMY)

    np.testing.assert_allclose(meaning.categories, [[0, 1, 0], [1, 0, 0], [0, 0, 0]], atol=1e-6)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("crane", "en", (0, 1, 0)),
        ("grue", "fr", (1, 0, 0)),
        ("dog", "fr", (1, 0, 0)),
        ("dog crane", "en", (1, 1, 0)),
        ("dog yurt", "en", (1, 0, 0)),
    ],
)
def test_a_query_is_what_its_words_mean(
    text: str, language: str, expected: tuple[int, int, int]
) -> None:
    """The most usual meaning, in the person's language first, words of no known term added up."""
    query = Query(text=text, about="", labels=frozenset(), language=language)
    found = Meaning(Words(common=0.3), TAXONOMY).of_query(query)

    np.testing.assert_allclose(found, unit(*expected), atol=1e-6)


def test_what_all_vectors_share_stays_where_nothing_is_shared() -> None:
    """DB-13: taken away only when the words say that there is such a component."""
    query = Query(text="dog", about="", labels=frozenset())
    found = Meaning(Words(common=0), TAXONOMY).of_query(query)

    np.testing.assert_allclose(found, unit(1, 0, 1), atol=1e-6)
    assert (
        Meaning(Words(common=0), TAXONOMY).of_query(
            Query(text="yurt", about="", labels=frozenset())
        )
        is None
    )
