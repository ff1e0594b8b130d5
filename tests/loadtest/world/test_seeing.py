"""What the world sees is what the taxonomy makes of a classifier's probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.documents.hitdata import quantise
from loadtest.world.seeing import Seen, Sight
from understanding.concepts.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def seen() -> Seen:
    random = np.random.default_rng(5)
    subjects = random.integers(0, 1_000, (80, 2))
    subjects[::3, 1] = -1
    return Sight.load().see(subjects, random.integers(0, 1_000, 80), random)


def test_tags_are_those_of_the_taxonomy(seen: Seen) -> None:
    """The sparse sum against the dense propagation: each byte within one, for the same concepts."""
    taxonomy, sight = Taxonomy.load(), Sight.load()
    dense = np.zeros((len(seen.classes), sight.leaves), dtype=np.float64)
    rows = np.repeat(np.arange(len(dense)), seen.classes.shape[1])
    np.add.at(dense, (rows, seen.classes.ravel()), seen.probabilities.ravel())
    tags = sight.tags(seen)

    for row, probabilities in enumerate(dense.astype(np.float32)):
        expected = {t.concept: quantise(t.confidence) for t in taxonomy.tags(probabilities)}
        mine = slice(int(tags.starts[row]), int(tags.starts[row + 1]))
        levels = tags.levels[mine].tolist()
        found = dict(
            zip((sight.names[c] for c in tags.concepts[mine].tolist()), levels, strict=True)
        )
        faintest = min(levels)

        assert len(expected) == len(found)
        # At the end of the fifty, those that are equally faint may stand for each other.
        assert {c for c, level in expected.items() if level > faintest + 1} <= found.keys()
        assert all(abs(expected[c] - level) <= 1 for c, level in found.items() if c in expected)


def test_probabilities_are_those_of_one_look(seen: Seen) -> None:
    assert np.allclose(seen.probabilities.sum(axis=1), 1.0)
    assert (seen.probabilities >= 0).all()


def test_what_is_looked_at_is_most_often_what_is_seen(seen: Seen) -> None:
    """As with a real classifier: usually, and not always."""
    first = seen.classes[np.arange(len(seen.classes)), seen.probabilities.argmax(axis=1)]
    right = np.mean(first == seen.classes[:, 0])

    assert 0.5 < right < 0.99
