"""What words are taken for, and in which language."""

from __future__ import annotations

from pathlib import Path

import pytest

from alicorn.errors import ConfigError
from understanding.queries import Kind, Phrase, Terms, UnderstandingConfig, understand


def _read(terms: Terms, text: str, *languages: str) -> list[Phrase]:
    return list(understand(text, terms, languages).phrases)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("cat", Kind.CONCEPT), ("ibis", Kind.SIMILAR), ("truth", Kind.TEXT), ("qzxv", Kind.TEXT)],
)
def test_a_word_is_named_or_like_something_or_text(whole: Terms, text: str, kind: Kind) -> None:
    """PS-29: and it says which."""
    (phrase,) = _read(whole, text)

    assert phrase.kind is kind
    assert phrase.text_only == (kind is Kind.TEXT)
    assert len(phrase.concepts) <= 10


@pytest.mark.parametrize(
    ("text", "language", "concept"),
    [
        ("chien", "fr", "dog"),
        ("gatto", "it", "cat"),
        ("cachorro", "pt", "dog"),
        ("paard", "nl", "horse"),
        ("motyl", "pl", "butterfly"),
        ("hund", "da", "dog"),
        ("kot", "pl", "cat"),
        ("papallona", "ca", "butterfly"),
        ("狗", "zh", "dog"),
    ],
)
def test_a_name_in_another_language_names_the_concept(
    whole: Terms, text: str, language: str, concept: str
) -> None:
    """DB-04, without being told the language, and with it."""
    (guessed,) = _read(whole, text)
    (hinted,) = _read(whole, text, language)

    assert concept in {match.concept for match in guessed.concepts}
    assert (hinted.language, hinted.kind) == (language, Kind.CONCEPT)
    assert concept in {match.concept for match in hinted.concepts}


def test_english_is_read_before_languages_that_nobody_asked_for(whole: Terms) -> None:
    """Pain is no bread to somebody who reads English, and is to somebody who reads French."""
    (english,) = _read(whole, "pain")
    (french,) = _read(whole, "pain", "fr")

    assert english.kind is Kind.TEXT
    assert "french loaf" in {m.concept for m in french.concepts} or french.concepts
    assert french.language == "fr"


def test_the_language_that_knows_most_words_is_read(whole: Terms) -> None:
    """Two French words make a chat a cat."""
    phrases = _read(whole, "un chat noir sur la plage")

    assert [phrase.text for phrase in phrases] == ["chat", "noir", "plage"]
    assert {phrase.language for phrase in phrases} == {"fr"}
    assert phrases[0].concepts[0].concept == "cat"


def test_a_longer_term_is_one_thing(whole: Terms) -> None:
    """DB-05: a beach ball is like other balls, and neither a beach nor any ball."""
    (phrase,) = _read(whole, "beach ball")

    assert phrase.words == ("beach", "ball")
    assert phrase.kind is Kind.SIMILAR
    assert all("ball" in match.concept or match.weight < 0.5 for match in phrase.concepts)


def test_switches_take_meanings_and_languages_away() -> None:
    """Each part can be left out, to see what it is worth."""
    names_only = Terms.load(UnderstandingConfig(projection=False))
    english = Terms.load(UnderstandingConfig(languages=()))
    french = Terms.load(UnderstandingConfig(languages=("fr",)))

    assert _read(names_only, "ibis")[0].kind is Kind.TEXT
    assert _read(english, "chien")[0].kind is Kind.TEXT
    assert _read(french, "chien")[0].kind is Kind.CONCEPT
    assert _read(french, "gatto")[0].kind is Kind.TEXT


def test_a_language_that_is_no_code_is_refused() -> None:
    with pytest.raises(ConfigError, match="must be a code"):
        UnderstandingConfig(languages=("french",))


def test_unknown_hints_change_nothing(whole: Terms) -> None:
    """A browser may send anything."""
    assert _read(whole, "ibis", "xx", "tlh") == _read(whole, "ibis")


@pytest.mark.data
@pytest.mark.parametrize(
    ("text", "concept"),
    [("hund", "dog"), ("fahrrad", "bicycle"), ("pes", "dog"), ("kolo", "bicycle")],
)
def test_vectors_of_ones_own_bring_their_languages(data_dir: Path, text: str, concept: str) -> None:
    """DB-04: German and Czech, by vectors that replace the shipped ones."""
    vectors = data_dir / "vectors" / "multi30k_lsa_en_de_fr_cs_200d.npz"
    terms = Terms.load(UnderstandingConfig(vectors=vectors, languages=("de", "cs")))

    (phrase,) = _read(terms, text)

    assert concept in {match.concept for match in phrase.concepts}
    assert phrase.language in {"de", "cs"}


def test_words_of_grammar_mean_nothing_to_be_seen(whole: Terms) -> None:
    """*All my photos* asks for no projector, and French *mes* is no mess."""
    assert all(phrase.kind is Kind.TEXT for phrase in _read(whole, "all my photos"))
    assert _read(whole, "mes chats")[0].kind is Kind.TEXT or "mes" not in {
        phrase.text for phrase in _read(whole, "mes chats")
    }
