"""From what somebody types to phrases, concepts and filters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents.text import tokens
from alicorn.errors import BadRequest
from alicorn.query import And, Term, parse, print_expression
from understanding.concepts.languages.accents import unaccented
from understanding.concepts.lexicon import Lexicon
from understanding.queries import Phrase, Terms, Understanding, understand
from understanding.queries.understand import MOST_CHARACTERS, MOST_PHRASES


def phrases(named: Terms, text: str) -> list[str]:
    """Return the words of each phrase of ``text``."""
    return [phrase.text for phrase in understand(text, named).phrases]


@pytest.mark.parametrize("word", ["cat", "coffee", "motorcycle", "rocket", "flower", "palace"])
def test_a_word_of_the_sample_shelf_names_its_concept(named: Terms, word: str) -> None:
    """`alicorn search cat` finds the cat by what is seen."""
    (phrase,) = understand(word, named).phrases

    assert phrase.concepts[0].concept == word
    assert phrase.concepts[0].weight == 1.0
    assert not phrase.text_only


def test_a_beach_ball_is_one_thing(named: Terms) -> None:
    """DB-05: a multi-word term is no AND of its words: no beach, and no ball of another kind."""
    (phrase,) = understand("beach ball", named).phrases

    assert phrase.words == ("beach", "ball")
    assert phrase.text_only


def test_a_soccer_ball_is_one_concept_and_other_words_are_asked_for_beside(
    named: Terms,
) -> None:
    """DB-05: several words are an AND; the longest term is taken first."""
    understanding = understand("two soccer balls on grass", named)

    assert [phrase.words for phrase in understanding.phrases] == [
        ("two",),
        ("soccer", "balls"),
        ("grass",),
    ]
    assert [match.concept for match in understanding.phrases[1].concepts] == ["soccer ball"]
    assert understanding.phrases[2].text_only
    assert [part.text for part in understanding.dropped] == ["on"]


def test_a_prairie_dog_is_no_dog(named: Terms) -> None:
    """The last word of a compound may name something else altogether."""
    (phrase,) = understand("prairie dog", named).phrases

    assert phrase.text_only


def test_words_without_meaning_are_left_out_only_beside_others(named: Terms) -> None:
    """A query of stop words alone is still a query: somebody may have written it in a caption."""
    assert phrases(named, "show me a photo of my cats in the snow") == ["cats", "snow"]
    assert phrases(named, "the who") == ["the", "who"]
    assert phrases(named, "photos") == ["photos"]
    assert phrases(named, "photos from year:2016") == []


def test_a_stop_word_inside_a_term_belongs_to_it(named: Terms) -> None:
    """*picture* asks for photos, *picture palace* for a cinema."""
    assert phrases(named, "a picture palace") == ["picture palace"]
    assert phrases(named, "hens of the woods") == ["hens of the woods"]


def test_a_negation_is_never_dropped(named: Terms) -> None:
    """Dropping it would answer the opposite of the question."""
    assert phrases(named, "not a dog") == ["not", "dog"]


def test_filters_become_terms(named: Terms) -> None:
    """Typed edges are exact; quotes keep spaces, also the curly ones of phones."""
    understanding = understand(
        'dogs Year:2016 camera:"Canon  EOS" album:“Summer Trip” tag:"beach ball" text:Berries',
        named,
    )

    assert understanding.filters == (
        Term("year", "2016"),
        Term("camera", "canon eos"),
        Term("album", "summer trip"),
        Term("tag", "beach ball"),
        Term("text", "berry"),
    )
    assert [phrase.text for phrase in understanding.phrases] == ["dogs"]


def test_a_word_with_a_colon_that_is_no_edge_is_a_word(named: Terms) -> None:
    """Times and notes are text; `friend:` is not for people to type here."""
    assert phrases(named, "note:alpha 10:30") == ["note", "alpha", "10", "30"]
    assert understand("xyear:2016", named).filters == ()


@pytest.mark.parametrize("text", ["year:", "tag: dog", 'tag:""', "text:!!!", 'camera:"canon'])
def test_a_filter_without_a_value_is_refused(named: Terms, text: str) -> None:
    """Left out silently, it would widen what is found."""
    with pytest.raises(BadRequest, match=r"at character 1"):
        understand(text, named)


def test_phrases_know_where_they_stand(named: Terms) -> None:
    """The page marks the words that it understood."""
    text = "  my Soccer  Balls and 🐶!"
    spans = [text[p.start : p.end] for p in understand(text, named).phrases]

    assert spans == ["Soccer  Balls", "🐶"]


def test_a_phrase_typed_twice_is_asked_for_once(named: Terms) -> None:
    """AND with itself costs and changes nothing."""
    assert phrases(named, "cat dog Cat cat") == ["cat", "dog"]


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u3000\u00a0"])
def test_a_blank_query_is_refused(named: Terms, text: str) -> None:
    """There is nothing to find, and everything is not the answer."""
    with pytest.raises(BadRequest, match="found an empty query, needed at least one word"):
        understand(text, named)


@pytest.mark.parametrize("text", ["!!!", "...", "😀", "🇫🇷", "\ud800", "\u200b\u200d"])
def test_a_query_of_unknown_signs_is_refused_clearly(named: Terms, text: str) -> None:
    """What holds no word is said to hold none, and names what was found."""
    with pytest.raises(BadRequest, match="found no word in"):
        understand(text, named)


def test_a_query_may_have_a_thousand_characters_and_not_one_more(named: Terms) -> None:
    """Ten thousand characters are a mistake or an attack."""
    understand("a" * MOST_CHARACTERS, named)
    with pytest.raises(BadRequest, match=r"10,000 characters, needed at most 1,000"):
        understand("a" * 10_000, named)


def test_a_query_may_ask_for_so_many_things_and_not_one_more(named: Terms) -> None:
    """Each phrase reads posting lists on every shard."""
    words = [f"w{i}" for i in range(MOST_PHRASES + 1)]
    assert len(understand(" ".join(words[:-1]), named).phrases) == MOST_PHRASES
    with pytest.raises(BadRequest, match="33 words and terms, needed at most 32"):
        understand(" ".join(words), named)
    with pytest.raises(BadRequest, match="33 filters"):
        understand(" ".join(f"text:{word}" for word in words), named)


PIECES = st.one_of(
    st.text(max_size=10),
    st.sampled_from(
        ["beach", "ball", "cats", "a photo of", "year:2016", 'tag:"beach ball"', "tag:", '"', "🐶"]
    ),
    st.sampled_from(
        ["👩🏽\u200d🚀", "\ufe0f", "\ud800", "text:", "camera:“x", "\u200d", "日本語", "ß", "ﬁ"]
    ),
)


@given(text=st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=20).map(" ".join)))
def test_any_text_is_understood_or_refused(text: str) -> None:
    """Whatever is typed: an understanding whose parts hold, or BadRequest; never another error."""
    lexicon = Lexicon.load()
    named = Terms(lexicon)
    try:
        understanding = understand(text, named)
    except BadRequest:
        return

    assert understanding.phrases or understanding.filters
    assert understanding.text == text
    for phrase in understanding.phrases:
        assert 0 <= phrase.start < phrase.end <= len(text)
        assert phrase.words
        assert all(phrase.words)
        plain = tuple(unaccented(word) for word in phrase.words)
        assert phrase.concepts == (lexicon.lookup(phrase.words) or lexicon.lookup(plain))
        assert phrase.text_only == (not phrase.concepts)
    for term in understanding.filters:
        assert parse(print_expression(And((term, term)))) == And((term, term))
    assert understanding == understand(text, named)


@given(
    words=st.lists(
        st.sampled_from(["cat", "beach", "ball", "soccer", "dog", "t", "shirt", "of", "the"])
    )
)
def test_no_word_is_lost(words: list[str]) -> None:
    """Every word is in a phrase or among those left out."""
    text = " ".join(words[:30])
    if not words:
        return
    understanding = understand(text, Terms(Lexicon.load()))
    kept = {word for phrase in understanding.phrases for word in phrase.words}

    assert set(tokens(text)) == kept | {part.text for part in understanding.dropped}


def test_results_cannot_be_changed() -> None:
    """They are shared between requests by caches."""
    phrase = Phrase(words=("a",), start=0, end=1)
    understanding = Understanding(text="a", phrases=(phrase,))

    with pytest.raises(AttributeError):
        phrase.start = 1  # type: ignore[misc]
    with pytest.raises(AttributeError):
        understanding.text = "b"  # type: ignore[misc]
    assert {phrase: 1, understanding: 2}


def test_characters_that_stand_for_whole_phrases_are_refused_quickly(named: Terms) -> None:
    """A thousand of them would be cut into eighteen thousand words."""
    with pytest.raises(BadRequest, match="needed plain words"):
        understand("\ufdfa" * 1_000, named)
