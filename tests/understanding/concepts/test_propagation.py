"""Confidences of all concepts, against sets and sums."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents.hitdata import quantise
from alicorn.errors import BadRequest, ShapeError
from understanding.concepts.families import Family
from understanding.concepts.taxonomy import Concept, Taxonomy


def photos(seed: int, count: int, leaves: int = 1000) -> npt.NDArray[np.float32]:
    """Probabilities as a classifier gives them: most of it in a few classes."""
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(leaves, 0.02), size=count).astype(np.float32)


def slow_confidences(taxonomy: Taxonomy, row: npt.NDArray[np.float32]) -> dict[str, float]:
    """Every leaf walks up all its paths; sets see to it that it counts once."""
    below: dict[str, set[int]] = {name: set() for name in taxonomy.names}
    for index in range(row.size):
        frontier = {taxonomy.names[index]}
        while frontier:
            for name in frontier:
                below[name].add(index)
            frontier = {p for name in frontier for p in taxonomy.concept(name).parents}
    return {
        name: min(1.0, sum(float(row[i]) for i in leaves) * math.sqrt(1 / len(leaves)))
        for name, leaves in below.items()
    }


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_propagation_agrees_with_sets_of_leaves(taxonomy: Taxonomy, seed: int) -> None:
    """The gather and sum must count each leaf once, over however many paths."""
    row = photos(seed, 1)[0]
    expected = slow_confidences(taxonomy, row)

    actual = dict(zip(taxonomy.names, taxonomy.propagate(row[None])[0].tolist(), strict=True))

    assert actual == pytest.approx(expected, rel=1e-5, abs=1e-9)


@st.composite
def small_taxonomies(draw: st.DrawFn) -> Taxonomy:
    """Draw a few leaves under a graph with several paths to the top."""
    leaves = draw(st.integers(1, 6))
    above = draw(st.integers(0, 5))
    uppers = [f"up{i}" for i in range(above)]
    concepts = []
    for index in range(leaves):
        parents = tuple(sorted(draw(st.sets(st.sampled_from(uppers))))) if uppers else ()
        concepts.append(_concept(f"leaf{index}", index, parents))
    seen = {parent for concept in concepts for parent in concept.parents}
    for i, name in enumerate(uppers):
        higher = uppers[i + 1 :]
        parents = tuple(sorted(draw(st.sets(st.sampled_from(higher))))) if higher else ()
        if name in seen:
            seen |= set(parents)
            concepts.append(_concept(name, None, parents))
    return Taxonomy(concepts)


def _concept(name: str, index: int | None, parents: tuple[str, ...]) -> Concept:
    return Concept(
        name=name,
        synset="00000000",
        class_index=index,
        family=Family.OBJECT,
        parents=parents,
        lemmas={name: 1.0},
        gloss="",
    )


@given(taxonomy=small_taxonomies(), seed=st.integers(0, 99))
def test_any_graph_of_concepts_agrees_with_the_sets(taxonomy: Taxonomy, seed: int) -> None:
    """Diamonds, chains and lone leaves alike."""
    leaves = sum(concept.class_index is not None for concept in taxonomy.concepts)
    row = photos(seed, 1, leaves)[0]
    expected = slow_confidences(taxonomy, row)

    actual = dict(zip(taxonomy.names, taxonomy.propagate(row[None])[0].tolist(), strict=True))

    assert actual == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_a_photo_gets_the_same_whatever_else_is_in_the_batch(taxonomy: Taxonomy) -> None:
    """Understanding a photo again must not change its tags."""
    batch = photos(7, 5)
    together = taxonomy.propagate(batch)

    for row, expected in zip(batch, together, strict=True):
        np.testing.assert_array_equal(expected, taxonomy.propagate(row[None])[0])


def test_a_sure_beagle_is_a_dog_and_an_animal_by_their_base_rates(taxonomy: Taxonomy) -> None:
    """The base rate is divided out: the broader, the less it says."""
    row = np.zeros(1000, dtype=np.float32)
    row[162] = 1.0
    tags = {tag.concept: tag.confidence for tag in taxonomy.tags(row)}

    assert tags["beagle"] == 1.0
    assert tags["dog"] == pytest.approx(1 / math.sqrt(118), rel=1e-6)
    assert tags["animal"] == pytest.approx(1 / math.sqrt(398), rel=1e-6)
    assert len(taxonomy.leaves_below[taxonomy.index_of["dog"]]) == 118
    assert "cat" not in tags


def test_at_most_fifty_tags_descending_and_by_name(taxonomy: Taxonomy) -> None:
    """DB-08: top 50 a photo; the order is total, so replicas agree."""
    for row in photos(3, 10):
        tags = taxonomy.tags(row)
        confidences = dict(
            zip(taxonomy.names, taxonomy.propagate(row[None])[0].tolist(), strict=True)
        )
        ranked = sorted(confidences.items(), key=lambda item: (-item[1], item[0]))
        expected = [item for item in ranked[:50] if quantise(item[1])]

        assert expected == [(tag.concept, tag.confidence) for tag in tags]
        assert len(tags) <= 50


def test_what_the_index_could_not_tell_from_nothing_is_no_tag(taxonomy: Taxonomy) -> None:
    """A confidence below half a step of the byte scale is dropped."""
    row = np.full(1000, 1e-9, dtype=np.float32)
    row[0] = 1.0

    assert all(quantise(tag.confidence) > 0 for tag in taxonomy.tags(row))
    assert "beagle" not in {tag.concept for tag in taxonomy.tags(row)}
    assert taxonomy.tags(np.zeros(1000, dtype=np.float32)) == ()


def test_probabilities_of_another_shape_or_no_numbers_are_refused(taxonomy: Taxonomy) -> None:
    """Another classifier's output must not be read as this one's."""
    with pytest.raises(ShapeError, match="1001"):
        taxonomy.propagate(np.zeros((1, 1001), dtype=np.float32))
    with pytest.raises(ShapeError):
        taxonomy.propagate(np.zeros(1000, dtype=np.float32))
    for wrong in (np.nan, -0.1, 1.5, np.inf):
        row = np.zeros((1, 1000), dtype=np.float32)
        row[0, 3] = wrong
        with pytest.raises(BadRequest, match="probabilities"):
            taxonomy.propagate(row)
