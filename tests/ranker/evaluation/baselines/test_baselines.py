"""Each simple way to search, against the definition written out one photo at a time."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import ConfigError, ShapeError
from ranker.evaluation.baselines.bm25 import Bm25
from ranker.evaluation.baselines.chance import Chance
from ranker.evaluation.baselines.conse import Conse
from ranker.evaluation.baselines.projection import Projection
from ranker.evaluation.baselines.tag_match import TagMatch
from ranker.evaluation.measuring import Query

Floats = npt.NDArray[np.float32]


def typed(text: str, language: str = "en") -> Query:
    return Query(text=text, about=text, labels=frozenset(), language=language)


def test_chance_returns_everything_in_an_order_of_its_own() -> None:
    """The same query and seed the same order, another query or seed another."""
    uris = [str(number) for number in range(50)]
    first = Chance(uris)(typed("cat"))

    assert sorted(first) == sorted(uris)
    assert first == Chance(uris)(typed("cat"))
    assert first != Chance(uris)(typed("dog"))
    assert first != Chance(uris, seed=1)(typed("cat"))


TAGS = {
    "a": [("sea horse", 0.2), ("horse", 0.5)],
    "b": [("horse", 0.9), ("dog", 0.3)],
    "c": [("dog", 0.3)],
    "d": [("tabby cat", 0.9)],
}


@pytest.mark.parametrize(
    ("query", "uris"),
    [
        ("horse", ["b", "a"]),
        ("Horses", ["b", "a"]),
        ("sea-horse", ["a"]),
        ("horse dog", ["b", "a", "c"]),
        ("dog", ["b", "c"]),
        ("cat", []),
    ],
)
def test_a_tag_is_matched_by_its_name(query: str, uris: list[str]) -> None:
    """The whole name first, else single words that are names; equal sums as they were given."""
    assert TagMatch(TAGS)(typed(query)) == uris


TEXTS = {
    "a": "a small dog on the beach",
    "b": "two dogs and a cat",
    "c": "a cat on a mat",
    "d": "nothing of the sort here",
}


def bm25_by_hand(query: list[str], documents: dict[str, list[str]]) -> dict[str, float]:
    """Lucene's variant of BM25, k1 1.5 and b 0.75, term by term."""
    average = sum(map(len, documents.values())) / len(documents)
    scores = {}
    for uri, words in documents.items():
        counts = Counter(words)
        score = 0.0
        for term in query:
            holding = sum(term in other for other in documents.values())
            if not counts[term]:
                continue
            idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
            norm = 1.5 * (1 - 0.75 + 0.75 * len(words) / average)
            score += idf * counts[term] / (counts[term] + norm)
        scores[uri] = score
    return scores


def test_bm25_is_that_of_the_book() -> None:
    """Stop words are gone, plurals found, and a text without a word asked for is not returned."""
    words = {
        "a": ["small", "dog", "beach"],
        "b": ["two", "dog", "cat"],
        "c": ["cat", "mat"],
        "d": ["noth", "sort", "here"],
    }
    expected = bm25_by_hand(["small", "cat"], words)
    found = Bm25(list(TEXTS), list(TEXTS.values()))(typed("the small cats"))

    assert found == sorted((u for u, s in expected.items() if s), key=lambda u: -expected[u])
    assert Bm25(list(TEXTS), list(TEXTS.values()))(typed("the of")) == []
    assert Bm25(list(TEXTS), list(TEXTS.values()))(typed("zebra")) == []


def test_bm25_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has no peers installed is told how to get them."""
    monkeypatch.setitem(__import__("sys").modules, "Stemmer", None)

    with pytest.raises(ConfigError, match=r"needs Stemmer: pip install 'alicorn\[bench\]'"):
        Bm25(["a"], ["a dog"])


def worlds() -> st.SearchStrategy[tuple[Floats, Floats, Floats]]:
    """Draw confidences, concepts and a query: a few of each."""

    def drawn(shape: tuple[int, int, int, int]) -> tuple[Floats, Floats, Floats]:
        photos, concepts, dimensions, seed = shape
        rng = np.random.default_rng(seed)
        confidences = rng.random((photos, concepts), np.float32)
        confidences[confidences < 0.3] = 0
        vectors = rng.normal(size=(concepts, dimensions)).astype(np.float32)
        return confidences, vectors, rng.normal(size=dimensions).astype(np.float32)

    sizes = st.integers(1, 7)
    return st.tuples(sizes, sizes, sizes, st.integers(0, 1_000)).map(drawn)


def ordered(scores: list[float]) -> list[float]:
    return sorted(scores, reverse=True)


@given(world=worlds())
def test_conse_is_the_cosine_with_the_mean_of_the_concepts(
    world: tuple[Floats, Floats, Floats],
) -> None:
    """Photo by photo, concept by concept."""
    confidences, concepts, query = world
    uris = [str(number) for number in range(len(confidences))]

    def score(uri: str) -> float:
        vector = np.zeros(query.size)
        for confidence, concept in zip(confidences[int(uri)], concepts, strict=True):
            vector += math.sqrt(confidence) * concept.astype(np.float64)
        length = np.linalg.norm(vector)
        return float(vector @ query / length) if length else 0.0

    found = Conse(uris, confidences, concepts, lambda _: query)(typed("x"))

    assert sorted(found) == sorted(uris)
    assert [score(uri) for uri in found] == pytest.approx(ordered([*map(score, uris)]), abs=1e-4)


@given(world=worlds(), tags=st.none() | st.integers(1, 8), asked=st.none() | st.integers(1, 8))
def test_the_projection_is_the_sum_over_concepts(
    world: tuple[Floats, Floats, Floats], tags: int | None, asked: int | None
) -> None:
    """DB-01 and DB-08: term by term, over all concepts or over the best of both sides."""
    confidences, concepts, query = world
    uris = [str(number) for number in range(len(confidences))]
    weights = [float(sum(c * q for c, q in zip(row, query, strict=True))) for row in concepts]
    kept = sorted(range(len(weights)), key=lambda c: -weights[c])[:asked]

    def score(uri: str) -> float:
        row = confidences[int(uri)]
        best = sorted(range(len(row)), key=lambda c: -row[c])[:tags]
        return sum(weights[c] * float(row[c]) for c in best if c in kept)

    found = Projection(
        uris, confidences, concepts, lambda _: query, most_tags=tags, most_concepts=asked
    )(typed("x"))

    assert [score(uri) for uri in found] == pytest.approx(ordered([*map(score, uris)]), abs=1e-4)


def test_a_query_that_no_word_is_known_of_finds_nothing() -> None:
    """Not everything in the order of the uris, which may be a good one by chance."""
    arrays = (np.ones((1, 1), np.float32), np.ones((1, 2), np.float32))

    assert Conse(["a"], *arrays, lambda _: None)(typed("x")) == []
    assert Projection(["a"], *arrays, lambda _: None)(typed("x")) == []


def test_arrays_that_do_not_fit_are_refused() -> None:
    """Confidences of another taxonomy would be multiplied with the wrong concepts."""
    for kind in (Conse, Projection):
        with pytest.raises(ShapeError, match=r"have shape \(1, 3\), needed \(1, 2\)"):
            kind(["a"], np.ones((1, 3), np.float32), np.ones((2, 2), np.float32), lambda _: None)
