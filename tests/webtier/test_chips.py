"""What a query was taken for, and the query without one part of it."""

from __future__ import annotations

import html
import re
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.api.search.v1 import search_pb2 as pb
from webtier.chips import chips, query_without
from webtier.questions import Question

CAT, DOG, UNKNOWN = "\U0001f408", "\U0001f415", "\U0001f433"

_PIECES = [
    *(
        "cat",
        "dog",
        "Cat,",
        "the",
        "a",
        "beach",
        "cat/dog",
        "the-cat",
        "sea-dog-cat",
        "«cat»",
        "...",
    ),
    *("year:2016", 'place:"New York"', "Year:2016", 'place:"x"cat', "year:", "猫犬", "it's"),
    *(CAT, DOG, UNKNOWN, f"{CAT}{DOG}", f"{CAT}year:2016", f"cat{DOG}beach"),
]

_queries = st.lists(
    st.tuples(st.sampled_from(_PIECES), st.sampled_from([" ", "  ", "\t", "", ", "])), max_size=8
).map(lambda parts: "".join(piece + gap for piece, gap in parts).strip())


@pytest.fixture(scope="module")
def read(memory_backend):
    """Give the slow reader: which part stands where."""
    return memory_backend.read


def _phrases(parts):
    return [
        pb.Phrase(
            text=part.text,
            start=part.start,
            end=part.end,
            kind={"word": "text"}.get(part.kind, part.kind),
        )
        for part in parts
    ]


def _wanted(parts):
    return {(part.kind, part.text) for part in parts if part.kind != "dropped"}


def _without(query, read):
    """Yield each part of ``query`` that can be taken away, and what is asked for then."""
    parts = read(query)
    for number, part in enumerate(parts):
        if part.kind != "dropped":
            yield part, query_without(query, _phrases(parts), number)


@given(query=_queries)
def test_taking_a_part_away_leaves_exactly_the_others(read, query):
    """No part is lost, none appears, and a word that stands on its own is gone for good."""
    pieces = Counter(piece.casefold() for piece in query.split())
    for part, rest in _without(query, read):
        others = _wanted(read(query)) - {(part.kind, part.text)}
        assert rest is not None
        found = _wanted(read(rest))

        assert others == found - {(part.kind, part.text)}, (part, rest)
        inside = sum(part.text in piece for piece in pieces.elements())
        if inside <= 1 and not any(sign in query for sign in (CAT, DOG)):
            assert others == found, (part, rest)


@given(query=_queries)
def test_taking_all_parts_away_one_by_one_ends_at_the_newest_photos(read, query):
    """A person who presses every cross is never caught in a circle."""
    for _ in range(40):
        rest = next((rest for _, rest in _without(query, read)), "")
        assert rest is not None
        if not rest:
            return
        query = rest

    pytest.fail(f"{query!r} is left for ever")


@pytest.mark.parametrize(
    ("query", "part", "expected"),
    [
        ("cat dog", "cat", "dog"),
        ("my cat, dog", "cat", "my dog"),
        ("cat dog cat", "cat", "dog"),
        ("cat/dog beach", "cat", "dog beach"),
        (f"cat{DOG}beach", "dog", "cat beach"),
        (f"{CAT}year:2016", "cat", "year 2016"),
        ("cat year:2016", "year:2016", "cat"),
        ("cat year:2016", "cat", "year:2016"),
        ('place:"New York"cat', "cat", 'place:"New York"'),
        ("the cat", "cat", ""),
        ("Dog  in   Oslo cat", "cat", "Dog  in   Oslo"),
    ],
)
def test_what_is_left_is_as_it_was_typed(read, query, part, expected):
    """Examples that a person can check."""
    assert expected == {found.text: rest for found, rest in _without(query, read)}[part]


@pytest.mark.parametrize(("start", "end"), [(0, 0), (4, 3), (0, 99), (7, 9)])
def test_a_place_outside_the_query_gives_no_link(start, end):
    """An older top does not say where a phrase stood; nothing is guessed."""
    phrase = pb.Phrase(text="cat", start=start, end=end, kind="text")

    (chip,) = chips([phrase], Question(text="cat dog", limit=60))

    assert (chip.text, chip.without) == ("cat", "")


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        (pb.Phrase(text="sea", kind="concept", concepts=["seashore", "coast"]), "seashore, coast"),
        (pb.Phrase(text="spoonbill", kind="similar", concepts=["flamingo"]), "like flamingo"),
        (pb.Phrase(text="oma", kind="text"), "in texts"),
        (pb.Phrase(text="year:2016", kind="filter"), "filter"),
        (pb.Phrase(text="the", kind="dropped"), "left out"),
        (pb.Phrase(text="oma"), "in texts"),
        (pb.Phrase(text="cat", concepts=["cat"]), "cat"),
    ],
)
def test_a_chip_says_what_the_words_were_taken_for(phrase, expected):
    """One sentence each; without a kind the concepts decide."""
    (chip,) = chips([phrase], Question(text="x", limit=60))

    assert chip.meaning == expected


def test_many_concepts_are_counted_and_all_are_in_the_title():
    """A chip stays a chip."""
    concepts = ["crane", "stork", "pelican", "flamingo", "heron"]
    phrase = pb.Phrase(text="wader", kind="similar", concepts=concepts)
    (chip,) = chips([phrase], Question(text="wader", limit=60))

    assert (chip.meaning, chip.more) == ("like crane, stork, pelican", 2)
    assert chip.title == ", ".join(concepts)


# ---------------------------------------------------------------- on the page


def _links(page):
    return [html.unescape(link) for link in re.findall(r'class="chip-remove" href="([^"]*)"', page)]


def test_the_page_has_a_chip_with_a_link_for_each_part(client):
    """Links, so that they work without scripts and with the keyboard."""
    page = client.get("/search", params={"q": "the cat year:2016"}).text

    assert [parse_qs(urlsplit(link).query)["q"] for link in _links(page)] == [
        ["the year:2016"],
        ["the cat"],
    ]
    assert 'aria-label="Search without “cat”"' in page
    assert '<li class="chip dropped">' in page


def test_the_links_of_chips_keep_who_is_looking(client):
    """The same search with one part less, through the same eyes and in the same languages."""
    page = client.get("/search?q=cat+dog&viewer=2&lang=fr").text

    assert _links(page) == [
        "/search?q=dog&viewer=2&lang=fr",
        "/search?q=cat&viewer=2&lang=fr",
    ]


def test_the_last_chip_leads_to_the_newest_photos(client):
    """An empty search is no search."""
    assert _links(client.get("/search?q=cat").text) == ["/"]


def test_words_that_only_resemble_look_weaker_and_languages_are_named(client, backend):
    """PS-29: what was guessed is told as a guess."""
    backend.nearest["spoonbill"] = ["flamingo", "crane"]
    backend.languages["cat"] = "fr"
    page = client.get("/search?q=spoonbill+cat").text

    assert '<li class="chip similar" title="flamingo, crane">' in page
    assert "like flamingo, crane" in page
    assert '<span class="chip-words" lang="fr">cat</span>' in page
    assert "français" in page


def test_an_expression_has_no_chips(client):
    """Its text is the plan already."""
    page = client.get("/search", params={"q": "(and tag:cat)", "as": "expression"}).text

    assert "chip-remove" not in page


HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"


def test_hostile_words_and_concepts_stay_text_in_chips(client, backend):
    """Everything in a chip was typed or named by somebody."""
    for word in ("script", "alert", "1", "7"):
        backend.nearest[word] = [HOSTILE]
        backend.languages[word] = HOSTILE
    page = client.get("/search", params={"q": HOSTILE + " cat"}).text

    assert "<script>alert" not in page
    assert "{{7*7}}" in page
    assert all(link.startswith("/search?q=") for link in _links(page))
