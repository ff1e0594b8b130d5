"""How words are cut: nothing crashes, nothing is empty, and cutting again changes nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alicorn.documents.text import MAX_TOKEN_CHARS, stem, tokens

_TEXT = st.text(max_size=80) | st.text(
    alphabet="aAsSeEi'’ İıßﬁ字か-_.\u0301\u0307\u094d", max_size=80
)


@given(text=_TEXT)
@example("x" * 200 + "字")
@example("İ\u0300")
@example("İstanbul ǰ ΐ ŉ ẞ")
def test_tokens_are_words_that_stay_as_they_are(text: str) -> None:
    """What the index has cut, a query cuts the same way."""
    cut = tokens(text)

    assert all(cut)
    assert all(len(token) <= MAX_TOKEN_CHARS for token in cut)
    assert [tokens(token) for token in cut] == [[token] for token in cut]
    assert cut == tokens(" ".join(cut))


@given(text=_TEXT)
def test_case_and_unicode_form_make_no_difference(text: str) -> None:
    """A caption typed on one phone is found from another."""
    assert tokens(text) == tokens(unicodedata.normalize("NFC", text))
    assert tokens(text) == tokens(unicodedata.normalize("NFD", text))


@given(word=st.text(max_size=20) | st.from_regex(r"\A[a-z]{1,8}(s|es|ies|ss|us|ches|zes)\Z"))
def test_a_stem_is_a_beginning_that_is_never_empty(word: str) -> None:
    """Of whatever word."""
    assert bool(stem(word)) is bool(word)
    assert len(stem(word)) <= len(word)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \t\n", []),
        ("IMG_2016-05.jpg", ["img", "2016", "05", "jpg"]),
        ("rock'n'roll isn’t the dogs' day", ["rocknroll", "isnt", "the", "dogs", "day"]),
        ("CAFÉ cafe\u0301", ["café", "café"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("İstanbul", ["istanbul"]),
        ("富士山 sushi", ["富", "士", "山", "sushi"]),
        ("हिन्दी", ["हिन्दी"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("¡Feliz cumpleaños!", ["feliz", "cumpleaños"]),
        ("½ ﬁsh", ["1", "2", "fish"]),
        ("__init__", ["init"]),
    ],
)
def test_words_of_real_captions(text: str, expected: list[str]) -> None:
    """What people write, in several scripts."""
    assert expected == tokens(text)


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("cat", "cats"),
        ("berry", "berries"),
        ("beach", "beaches"),
        ("dish", "dishes"),
        ("glass", "glasses"),
        ("box", "boxes"),
        ("waltz", "waltzes"),
        ("breeze", "breezes"),
        ("prize", "prizes"),
        ("horse", "horses"),
        ("pie", "pies"),
        ("selfie", "selfies"),
        ("cookie", "cookies"),
        ("movie", "movies"),
        ("shoe", "shoes"),
        ("day", "days"),
        ("lens", "lenses"),
        ("bus", "buses"),
        ("headache", "headaches"),
        ("tomato", "tomatoes"),
    ],
)
def test_a_plural_is_found_by_its_singular(singular: str, plural: str) -> None:
    """Both are the same term, in captions and in queries."""
    assert stem(singular) == stem(plural)


@pytest.mark.parametrize(
    "word", ["bus", "glass", "this", "gas", "tennis", "lens", "us", "s", "2016s"[:-1]]
)
def test_what_is_no_plural_stays(word: str) -> None:
    """A final s that belongs to the word."""
    assert word == stem(word)
