"""Queries as points: what means the same lies close."""

from __future__ import annotations

import numpy as np
import pytest

from understanding.queries import Terms, understand
from understanding.queries.embedding import QueryEmbedding


@pytest.fixture(scope="module")
def embedding(whole: Terms) -> QueryEmbedding:
    assert whole.embedding is not None
    return whole.embedding


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("seashore", "beach", "keyboard"),
        ("a flock of pigeons", "doves", "violins"),
        ("soup", "a bowl of stew", "helicopters"),
        ("chien", "dog", "ferry"),
        ("tempête de neige", "snowstorm", "guitar"),
        ("wheelchair", "armchair", "octopus"),
    ],
)
def test_similar_queries_lie_closer_than_others(
    whole: Terms, embedding: QueryEmbedding, query: str, near: str, far: str
) -> None:
    """PS-30: by meaning, across wordings and languages."""
    here, there, elsewhere = (
        embedding.vector(understand(text, whole)) for text in (query, near, far)
    )

    assert here is not None
    assert there is not None
    assert elsewhere is not None
    assert np.linalg.norm(here) == pytest.approx(1, abs=1e-4)
    assert here @ there > here @ elsewhere + 0.1


def test_what_to_try_next_is_near_and_not_what_was_asked(
    whole: Terms, embedding: QueryEmbedding
) -> None:
    """An ibis that finds nothing leads to other birds of its kind."""
    understood = understand("ibis", whole)
    asked = {match.concept for phrase in understood.phrases for match in phrase.concepts}

    found = embedding.nearest(understood)

    assert 0 < len(found) <= 5
    assert not asked & set(found)
    assert {"wading bird", "aquatic bird", "heron", "stork", "bird"} & set(found)


def test_words_that_nobody_knows_are_nowhere(whole: Terms, embedding: QueryEmbedding) -> None:
    """And nothing is near to nowhere."""
    understood = understand("qzxv", whole)

    assert embedding.vector(understood) is None
    assert embedding.nearest(understood) == ()
