"""Reasons: the terms that a query asked for and a photo carries, whatever was not looked at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.top.matching import Wanted
from alicorn.documents import PhotoDocument, Place, Tag
from alicorn.documents.codec import to_proto
from alicorn.documents.terms import DocumentTerm, terms_of
from alicorn.query import And, Difference, Expr, Or, Prefix, Term, children, parse

WORDS = ("cat", "cats", "berry", "berries", "bus", "glass", "Katze", "café", "K", "ſ", "cookies")

documents = st.builds(
    PhotoDocument,
    author=st.integers(0, 3),
    caption=st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join),
    album=st.sampled_from(("", "Berries and cats", "Straße")),
    uri=st.sampled_from(("", "a/cats-1.jpg", "b/IMG_2.png")),
    place=st.sampled_from((None, Place(1, "Glass", "FR", 0.0, 0.0))),
    taken_at=st.sampled_from((None, 0)),
    tags=st.lists(
        st.builds(Tag, st.sampled_from(("cat", "dog", "car")), st.sampled_from((0.0, 0.3, 0.9))),
        max_size=3,
        unique_by=lambda tag: tag.concept,
    ).map(tuple),
)
leaves = st.one_of(
    st.builds(Term, st.just("tag"), st.sampled_from(("cat", "dog"))),
    st.builds(
        Term, st.just("text"), st.sampled_from(("cat", "berry", "bus", "glass", "café", "k"))
    ),
    st.builds(Prefix, st.sampled_from(("tag", "text", "year")), st.sampled_from(("", "c", "ber"))),
    st.builds(Term, st.sampled_from(("author", "year")), st.sampled_from(("1", "1970"))),
)
expressions = st.recursive(
    leaves,
    lambda below: st.builds(
        lambda kind, operands: kind(tuple(operands)),
        st.sampled_from((And, Or, Difference)),
        st.lists(below, min_size=2, max_size=3),
    ),
    max_leaves=6,
)


def _slowly(expr: Expr, document: PhotoDocument) -> list[DocumentTerm]:
    """Cut the whole document into its terms, and look for each leaf among them."""
    if isinstance(expr, Difference):
        return _slowly(expr.operands[0], document)
    if below := children(expr):
        return [term for operand in below for term in _slowly(operand, document)]
    assert isinstance(expr, Term | Prefix)
    return [
        term
        for term in terms_of(document)
        if term.edge == expr.edge
        and (
            term.value == expr.value
            if isinstance(expr, Term)
            else term.value.startswith(expr.value)
        )
    ]


@given(expr=expressions, document=documents)
def test_the_terms_found_are_those_of_the_whole_document(
    expr: Expr, document: PhotoDocument
) -> None:
    """What is not cut, since it cannot match, must never have matched."""
    found = Wanted.of(expr).in_document(to_proto(document))

    assert set(_slowly(expr, document)) == set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("query", ["(or tag:dog tag:cat)", "(or tag:cat tag:dog)"])
def test_reasons_come_in_the_order_of_the_query(query: str) -> None:
    """Not in the order of the photo's confidences."""
    document = PhotoDocument(tags=(Tag("cat", 0.9), Tag("dog", 0.3)))
    expr = parse(query)

    found = Wanted.of(expr).in_document(to_proto(document))

    assert [leaf.value for leaf in expr.operands] == [term.value for term in found]
