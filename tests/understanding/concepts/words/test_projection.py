"""Words to categories: the formula, its brute-force oracle, and what the shipped vectors find."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.concepts.families import Family
from understanding.concepts.lexicon import MOST_MATCHES
from understanding.concepts.taxonomy import Concept, Taxonomy
from understanding.concepts.words.distilled import load_words
from understanding.concepts.words.projection import SHARPNESS, Floats, Projection
from understanding.concepts.words.space import Sense


class Space:
    """A few words as points; no hierarchy."""

    dimensions = 4
    languages = ("en",)
    common = np.array([1, 0, 0, 0], dtype=np.float32)

    def __init__(self, words: dict[str, list[float]]) -> None:
        self._words = {word: np.array(point, dtype=np.float32) for word, point in words.items()}

    def longest(self, language: str) -> int:
        return 1

    def senses(self, words: tuple[str, ...], language: str = "en") -> tuple[Sense, ...]:
        point = self._words.get(" ".join(words))
        return () if point is None else (Sense(point / np.linalg.norm(point), 1.0),)


def _taxonomy(*names: str) -> Taxonomy:
    return Taxonomy(
        [
            Concept(
                name=name,
                synset=f"{index:08d}",
                class_index=index,
                family=Family.OBJECT,
                parents=(),
                lemmas={name: 1.0},
                gloss="",
            )
            for index, name in enumerate(names)
        ]
    )


numbers = st.floats(-1, 1, width=32).filter(lambda x: abs(x) > 1e-3)
points = st.lists(numbers, min_size=4, max_size=4)


@given(categories=st.lists(points, min_size=2, max_size=6), query=points, common=st.booleans())
def test_the_scores_are_the_query_vector_times_the_matrix_of_the_categories(
    categories: list[list[float]], query: list[float], common: bool
) -> None:
    """DB-01, DB-13: f(q, j) = q_w C j_c, against plain loops over numbers."""
    names = [f"c{index}" for index in range(len(categories))]
    space = Space(dict(zip(names, categories, strict=True)))
    projection = Projection(space, _taxonomy(*names), common_component=common, ancestors=False)
    photo = np.linspace(0.1, 0.9, len(names))

    found = float(projection.scores(np.array(query, dtype=np.float32)) @ photo)

    def prepared(point: list[float]) -> list[float]:
        length = sum(x * x for x in point) ** 0.5
        unit = [x / length for x in point]
        if common:
            unit[0] = 0.0  # the common component is the first axis
            length = sum(x * x for x in unit) ** 0.5
            unit = [x / length if length else 0.0 for x in unit]
        return unit

    asked = prepared(query)
    expected = sum(
        sum(a * b for a, b in zip(asked, prepared(category), strict=True)) * seen
        for category, seen in zip(categories, photo.tolist(), strict=True)
    )
    assert found == pytest.approx(expected, abs=1e-4)


def test_the_nearest_categories_come_first_and_their_weights_fall_steeply() -> None:
    """DB-08: the best of a word, at most ten; the best weighs its similarity."""
    space = Space({"near": [0, 1, 0.1, 0], "far": [0, 0.4, 1, 0], "away": [0, 0, 0, 1]})
    space._words["word"] = np.array([0, 1, 0, 0], dtype=np.float32)
    projection = Projection(space, _taxonomy("near", "far", "away"), ancestors=False)

    first, second = projection.concepts(("word",))

    near, far = 1 / (1 + 0.01) ** 0.5, 0.4 / (0.16 + 1) ** 0.5
    assert (first.concept, second.concept) == ("near", "far")
    assert first.weight == pytest.approx(near, abs=1e-3)
    assert second.weight == pytest.approx(far**SHARPNESS / near ** (SHARPNESS - 1), abs=1e-3)


def test_a_word_without_a_vector_finds_nothing() -> None:
    """It goes to the texts."""
    projection = Projection(Space({"a": [0, 1, 0, 0], "b": [0, 0, 1, 0]}), _taxonomy("a", "b"))

    assert projection.concepts(("unheard",)) == ()


@pytest.fixture(scope="module")
def shipped() -> Projection:
    return Projection(load_words(), Taxonomy.load())


@pytest.mark.parametrize(
    ("word", "among", "never"),
    [
        ("ibis", {"spoonbill", "flamingo"}, {"ibex"}),
        ("bass", {"sturgeon", "coho", "tench", "barracouta"}, {"basset", "bassoon"}),
        ("hawksbill", {"loggerhead", "leatherback turtle"}, set()),
        ("emu", {"ostrich"}, set()),
        ("gerenuk", {"hartebeest", "impala"}, set()),
        ("headphone", {"loudspeaker", "microphone"}, {"dial telephone"}),
        ("mandolin", {"banjo", "violin"}, set()),
        ("moose", {"bison"}, set()),
    ],
)
def test_a_word_that_is_no_category_finds_its_neighbours_and_no_look_alikes(
    shipped: Projection, word: str, among: set[str], never: set[str]
) -> None:
    """DB-03: by what it means, not by its letters."""
    found = {match.concept for match in shipped.concepts((word,))}

    assert 0 < len(found) <= MOST_MATCHES
    assert found & among
    assert not found & never


@pytest.mark.parametrize("word", ["truth", "idea", "reason", "monday", "happiness", "love"])
def test_what_cannot_be_seen_finds_no_picture(shipped: Projection, word: str) -> None:
    """PS-19: an unlikely picture is worse than none."""
    assert shipped.concepts((word,)) == ()


_PEOPLE = """
man woman boy girl child kid baby people person grandmother african indian asian american christian
muslim jew black white immigrant terrorist beggar fool homosexual human
"""


@pytest.mark.parametrize("word", _PEOPLE.split())
def test_no_word_for_people_finds_animals_or_things(shipped: Projection, word: str) -> None:
    """Likeness that a model of words sees in people is prejudice: see `people`."""
    assert shipped.concepts((word,)) == ()


@pytest.mark.parametrize("word", ["goalkeeper", "welder", "skier", "drummer", "hiker", "cowboy"])
def test_people_known_by_what_they_do_find_things_only(shipped: Projection, word: str) -> None:
    """A goalkeeper has a ball beside him, and is no bird."""
    families = {
        concept.family
        for match in shipped.concepts((word,))
        for concept in [Taxonomy.load().concept(match.concept)]
    }

    assert Family.ANIMAL not in families


def test_without_its_switches_the_projection_is_another(shipped: Projection) -> None:
    """DB-13 and the ancestors: each changes what is found."""
    words, taxonomy = load_words(), Taxonomy.load()
    asked: list[tuple[str, ...]] = [(w,) for w in ("ibis", "emu", "scissors", "pagoda", "sushi")]

    def found(projection: Projection) -> list[object]:
        return [projection.concepts(words) for words in asked]

    whole = found(shipped)
    assert found(Projection(words, taxonomy, common_component=False)) != whole
    assert found(Projection(words, taxonomy, ancestors=False)) != whole
    assert found(Projection(words, taxonomy)) == whole


def test_a_category_is_nearest_to_its_own_meaning(shipped: Projection) -> None:
    """Otherwise the vectors and the taxonomy do not belong together."""
    words = load_words()
    best = []
    for index, name in enumerate(shipped.names[::25]):
        vector: Floats | None = words.vector_of(Taxonomy.load().concept(name).synset)
        assert vector is not None
        best.append(int(shipped.scores(vector).argmax()) == 25 * index)

    assert all(best)
