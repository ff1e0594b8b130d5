"""Emoji as words."""

from __future__ import annotations

import pytest

from understanding.queries import Terms, understand
from understanding.queries.emoji import EMOJI, words_of_emoji


@pytest.mark.parametrize(
    ("emoji", "concept"),
    [
        ("🐱", "cat"),
        ("🐶", "dog"),
        ("☕", "coffee"),
        ("🚀", "rocket"),
        ("🏍", "motorcycle"),
        ("🏍️", "motorcycle"),
        ("🌸", "flower"),
        ("🦓", "zebra"),
        ("🤠", "cowboy hat"),
        ("🐕\u200d🦺", "dog"),
    ],
)
def test_an_emoji_names_what_it_shows(named: Terms, emoji: str, concept: str) -> None:
    """By the table, or by its Unicode name; selectors and what is joined on do not matter."""
    (phrase,) = understand(emoji, named).phrases

    assert phrase.concepts[0].concept == concept


@pytest.mark.parametrize("emoji", ["👩🏽\u200d🚀", "👨\u200d🚀"])
def test_a_joined_emoji_of_the_table_is_one_thing(named: Terms, emoji: str) -> None:
    """An astronaut is no woman with a rocket, whatever the tone of the skin."""
    (phrase,) = understand(emoji, named).phrases

    assert phrase.words == ("astronaut",)


def test_emoji_stand_between_words_without_spaces(named: Terms) -> None:
    """Phones write them so."""
    words = [phrase.text for phrase in understand("🐶🏖happy", named).phrases]

    assert words == ["dog", "beach", "happy"]


def test_an_emoji_that_nothing_is_known_of_is_left_out_beside_others(named: Terms) -> None:
    """A smile must not make a query find nothing."""
    understanding = understand("cats 😀", named)

    assert [phrase.text for phrase in understanding.phrases] == ["cats"]
    assert [part.text for part in understanding.dropped] == ["😀"]


def test_every_sign_of_the_emoji_blocks_is_read_without_an_error(named: Terms) -> None:
    """Also those that Python's Unicode does not name."""
    signs = [chr(code) for code in [*range(0x2300, 0x2800), *range(0x1F000, 0x1FB00)]]
    for sign in signs:
        if match := EMOJI.fullmatch(sign):
            assert all(words_of_emoji(match[0], named.lexicon))


def test_every_name_of_the_table_is_understood(named: Terms) -> None:
    """Terms of several words in it must be one phrase."""
    for emoji in ("⚽", "🖱", "🚒", "🛵", "🐻\u200d❄️"):
        assert len(understand(emoji, named).phrases) == 1, emoji
