"""Terms: what a photo carries, against a slow and obvious list."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents import Audience, AudienceKind, PhotoDocument, Place, Tag
from alicorn.documents.hitdata import quantise
from alicorn.documents.schema import edges_of
from alicorn.documents.terms import AUDIENCE_VALUES, terms_of, words_of
from alicorn.documents.text import stem, tokens
from alicorn.errors import BadRequest


@given(data=st.data())
def test_terms_are_what_the_document_says(documents: Any, data: Any) -> None:
    """Edge by edge, written out slowly; PS-03 and PS-14 stand on it."""
    document: PhotoDocument = data.draw(documents)
    found = terms_of(document)
    of_edge: dict[str, dict[str, int]] = {}
    for term in found:
        of_edge.setdefault(term.edge, {})[term.value] = term.hitdata
    tags = {tag.concept: 0 for tag in document.tags}
    for tag in document.tags:
        tags[tag.concept] = max(tags[tag.concept], quantise(tag.confidence))
    expected_tags = {concept: byte for concept, byte in tags.items() if byte}
    words = words_of(document)

    assert len(found) == len({(term.edge, term.value) for term in found})
    assert set(of_edge) <= set(edges_of("photos"))
    assert all(term.value and 0 <= term.hitdata <= 255 for term in found)
    assert expected_tags == of_edge.get("tag", {})
    assert {w: min(words.count(w), 255) for w in words} == of_edge.get("text", {})
    assert set(of_edge.get("author", ())) == ({str(document.author)} if document.author else set())
    assert set(of_edge.get("tagged", ())) == {str(person) for person in document.tagged}
    assert set(of_edge["audience"]) == {AUDIENCE_VALUES[document.audience.kind]}
    assert set(of_edge.get("listed", ())) == {str(m) for m in document.audience.members}
    if document.taken_at is None:
        assert not {"year", "month"} & set(of_edge)
    if document.taken_at is not None and document.taken_at >= 0:
        assert set(of_edge["month"]) == {time.strftime("%Y-%m", time.gmtime(document.taken_at))}
    assert bool(document.place) is ("place" in of_edge)


@given(data=st.data())
def test_every_word_of_the_caption_is_found(documents: Any, data: Any) -> None:
    """The same cut for captions and for queries."""
    document = data.draw(documents)
    carried = {term.value for term in terms_of(document) if term.edge == "text"}

    assert carried >= {stem(word) for word in tokens(document.caption)}


def test_a_whole_document_term_by_term() -> None:
    """In the order that is promised."""
    document = PhotoDocument(
        author=5,
        tagged=(7, 9),
        audience=Audience(AudienceKind.LIST, (1, 2)),
        taken_at=1_463_000_000,
        place=Place(2988507, "Paris", "FR", 48.9, 2.3),
        camera="Canon  EOS",
        caption="Cats and a cat",
        album="Spring",
        tags=(Tag("beach ball", 0.25), Tag("faint", 0.000001)),
        uri="spring/IMG_1.jpg",
    )
    terms = [(term.edge, term.value, term.hitdata) for term in terms_of(document)]

    assert terms == [
        ("tag", "beach ball", 128),
        ("text", "cat", 2),
        ("text", "and", 1),
        ("text", "a", 1),
        ("text", "spring", 1),
        ("text", "paris", 1),
        ("text", "canon", 1),
        ("text", "eos", 1),
        ("text", "img", 1),
        ("text", "1", 1),
        ("author", "5", 0),
        ("tagged", "7", 0),
        ("tagged", "9", 0),
        ("audience", "list", 0),
        ("listed", "1", 0),
        ("listed", "2", 0),
        ("place", "2988507", 0),
        ("country", "fr", 0),
        ("year", "2016", 0),
        ("month", "2016-05", 0),
        ("camera", "canon eos", 0),
        ("album", "spring", 0),
    ]


def test_a_word_said_a_thousand_times_is_one_byte() -> None:
    """Term frequency is capped."""
    found = terms_of(PhotoDocument(caption="dog " * 1_000))

    assert [term.hitdata for term in found if term.edge == "text"] == [255]


def test_every_audience_has_a_value() -> None:
    """A kind without one could not be asked for, nor kept apart."""
    assert set(AUDIENCE_VALUES) == set(AudienceKind)
    assert len(set(AUDIENCE_VALUES.values())) == len(AudienceKind)


@pytest.mark.parametrize("taken_at", [-(2**63), 2**63 - 1, 253_402_300_800, -62_135_596_801])
def test_a_time_that_no_calendar_has_is_refused_when_it_is_written(taken_at: int) -> None:
    """Else the one photo would stop the index that has to say its year."""
    with pytest.raises(BadRequest, match="taken_at"):
        PhotoDocument(taken_at=taken_at)


@pytest.mark.parametrize(
    ("taken_at", "month"), [(253_402_300_799, "9999-12"), (-62_135_596_800, "0001-01")]
)
def test_the_first_and_the_last_year_are_four_digits(taken_at: int, month: str) -> None:
    """So that they sort as text."""
    found = {term.edge: term.value for term in terms_of(PhotoDocument(taken_at=taken_at))}

    assert (found["year"], found["month"]) == (month[:4], month)
