"""From WordNet to the shipped file: which meanings, which words, the same bytes every time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from understanding.concepts.wordnet import WordNet, read_wordnet
from understanding.concepts.words.build import build_words
from understanding.concepts.words.distilled import WORDS_FILE, load_words
from understanding.concepts.words.meanings import MOST_SENSES, Vocabulary, choose


class Hashing:
    """An encoder without a model: a text's vector is drawn from its hash."""

    def encode(
        self, texts: Sequence[str], tell: Callable[[int], None] = lambda _: None
    ) -> npt.NDArray[np.float32]:
        vectors = np.empty((len(texts), 24), dtype=np.float32)
        for row, text in enumerate(texts):
            seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
            vectors[row] = np.random.default_rng(seed).normal(size=24) + 1
        tell(len(texts))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def wordnet(wordnet_dir: Path) -> WordNet:
    return read_wordnet(wordnet_dir)


@pytest.fixture(scope="module")
def vocabulary(wordnet: WordNet, wordnet_dir: Path) -> Vocabulary:
    return choose(wordnet, wordnet_dir)


def _texts(vocabulary: Vocabulary, term: str) -> list[str]:
    return [vocabulary.meanings[place].text for place, _ in vocabulary.terms[term]]


def test_things_come_before_people_and_people_before_the_rest(vocabulary: Vocabulary) -> None:
    """The bass in a photo is rather a fish than a singer, and never a pitch."""
    texts = _texts(vocabulary, "bass")

    assert "fish" in texts[0] + texts[1]
    assert any("singer" in text for text in texts[2:])


def test_a_word_that_first_of_all_means_a_person_means_nothing_else(
    vocabulary: Vocabulary,
) -> None:
    """A kid is no goat."""
    assert not any("goat" in text for text in _texts(vocabulary, "kid"))
    assert not any("primate" in text for text in _texts(vocabulary, "man"))


def test_weights_fall_and_are_few(vocabulary: Vocabulary) -> None:
    """At most five meanings a term, heaviest first."""
    for known in list(vocabulary.terms.values())[::500]:
        weights = [weight for _, weight in known]
        assert 0 < len(weights) <= MOST_SENSES
        assert weights == sorted(weights, reverse=True)
        assert 0 < weights[-1] <= weights[0] <= 1


def test_verbs_and_adjectives_that_are_used_are_known(vocabulary: Vocabulary) -> None:
    """Where no noun is spelt so."""
    assert "bright" in _texts(vocabulary, "sunny")[0]
    assert {meaning.part for meaning in vocabulary.meanings} == {"noun", "verb", "adj"}


def test_what_stands_above_a_meaning_is_a_meaning_too(vocabulary: Vocabulary) -> None:
    """Otherwise shared ancestors could not be counted."""
    nouns = [meaning for meaning in vocabulary.meanings if meaning.part == "noun"]

    assert all(above < len(nouns) for meaning in nouns for above in meaning.above)
    assert all(
        nouns[above].information <= meaning.information + 1e-9
        for meaning in nouns
        for above in meaning.above
    )
    assert not any(meaning.offset == "02472293" for meaning in nouns)


def test_the_same_input_gives_the_same_bytes_and_they_can_be_read(
    wordnet_dir: Path, tmp_path: Path
) -> None:
    """A card's checksum would mean nothing otherwise."""
    told: list[tuple[int, int]] = []
    card = build_words(
        wordnet_dir,
        Hashing(),
        tmp_path / "a",
        dimensions=8,
        tell=lambda done, found: told.append((done, found)),
    )
    again = build_words(wordnet_dir, Hashing(), tmp_path / "b", dimensions=8)

    assert card == again
    assert (tmp_path / "a" / WORDS_FILE).read_bytes() == (tmp_path / "b" / WORDS_FILE).read_bytes()
    assert told[-1][0] == told[-1][1] == card.counts["meanings"]
    words = load_words(tmp_path / "a")
    assert words.dimensions == 8
    assert words.senses(("ibis",))


@pytest.mark.train
def test_the_real_encoder_sees_that_an_ibis_is_a_bird() -> None:
    """all-MiniLM-L6-v2, from its package, checked by its published checksum."""
    from understanding.concepts.words.encoder import SentenceEncoder  # noqa: PLC0415

    texts = [
        "ibis: a wading bird",
        "stork: a large wading bird",
        "invoice: a list of goods shipped",
    ]
    ibis, stork, invoice = SentenceEncoder().encode(texts)

    assert np.linalg.norm(ibis) == pytest.approx(1, abs=1e-5)
    assert ibis @ stork > ibis @ invoice + 0.2
