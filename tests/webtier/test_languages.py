"""Which languages a person reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import BadRequest
from webtier.languages import accepted_languages, language_name, written_languages


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ()),
        ("fr", ("fr",)),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", ("fr", "en", "de")),
        ("en;q=0.3,de-DE;q=0.9,pl", ("pl", "de", "en")),
        ("EN-us ; Q=0.5 , Zh-Hant-TW", ("zh", "en")),
        ("es;q=0, fr;q=0.000, it;q=0.001", ("it",)),
        ("fr;q=2, de;q=-1, it;q=x, pl;q=, q=1, 12, français, c", ()),
        ("a,b,,;;,=,en", ("en",)),
        ("aa,bb,cc,dd,ee,ff,gg,hh,ii,jj", ("aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh")),
    ],
)
def test_a_header_is_read_by_quality_then_by_order(header, expected):
    """RFC 9110, 12.5.4 and 12.4.2; what is not well formed counts for nothing."""
    assert accepted_languages(header) == expected


@given(header=st.text(max_size=400))
def test_any_header_is_read_without_complaint(header):
    """A browser may send anything; a search must not fail over it."""
    found = accepted_languages(header)

    assert len(found) == len(set(found)) <= 8
    assert all(code.isascii() and code.isalpha() and code.islower() for code in found)


@pytest.mark.parametrize(
    "text", ["f", "français", "fr;de", "fr,", "en-US", "e2", ",".join("a" * 9)]
)
def test_languages_in_an_address_must_be_codes(text):
    """A program is told what was wrong."""
    with pytest.raises(BadRequest, match="lang must hold"):
        written_languages(text)


def test_too_many_languages_are_refused():
    """Each is looked up for every word."""
    with pytest.raises(BadRequest, match="at most 8"):
        written_languages("aa,bb,cc,dd,ee,ff,gg,hh,ii")


def test_languages_are_called_as_they_call_themselves():
    """A chip is read by somebody who typed the word."""
    assert language_name("fr") == "français"


@pytest.mark.parametrize("path", ["/search", "/api/search", "/api/explain", "/photo/1"])
def test_the_languages_of_the_browser_reach_the_search(client, backend, path):
    """A hint for words that two languages share."""
    params = {"q": "cat", "photo": "1"}
    client.get(path, params=params, headers={"accept-language": "en;q=0.4, fr-CA"})

    assert {tuple(asked.languages) for asked in backend.asked} == {("fr", "en")}


@pytest.mark.parametrize("path", ["/search", "/api/search"])
def test_languages_in_the_address_win(client, backend, path):
    """`lang=fr,de` is for programs."""
    client.get(path, params={"q": "cat", "lang": "fr,de"}, headers={"accept-language": "en"})

    assert tuple(backend.asked[0].languages) == ("fr", "de")
    assert client.get(path, params={"q": "cat", "lang": "not a code"}).status_code == 400


def test_answers_are_kept_apart_by_language(client):
    """A cache between must not serve a French answer to a German reader."""
    assert "Accept-Language" in client.get("/search?q=cat").headers["vary"]
