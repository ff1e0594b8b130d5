"""Edge types: what may be asked for."""

from __future__ import annotations

import re

from alicorn.documents.schema import edge_types, edges_of
from alicorn.query import Term, parse, print_expression

VERTICALS = {"photos", "people", "places", "pages"}


def test_the_photos_have_the_edges_of_the_design() -> None:
    """Other rooms name them; taking one away breaks queries."""
    assert set(edges_of("photos")) == {
        "tag", "text", "author", "tagged", "audience", "listed", "place", "country", "year",
        "month", "camera", "album",
    }  # fmt: skip


def test_every_edge_says_what_it_links_and_means() -> None:
    """So that `apply` knows where its inner query runs."""
    for (vertical, name), edge in edge_types().items():
        assert (edge.vertical, edge.name) == (vertical, name)
        assert vertical in VERTICALS
        assert edge.links is None or edge.links in VERTICALS
        assert edge.hitdata in {"none", "confidence", "frequency"}
        assert edge.about
        assert re.fullmatch(r"[a-z][a-z-]*", name)


def test_every_edge_can_be_written_as_a_term() -> None:
    """Names of the schema are names of the language."""
    for _, name in edge_types():
        assert parse(print_expression(Term(name, "x"))) == Term(name, "x")


def test_an_unknown_vertical_has_no_edges() -> None:
    """Rather than an error where somebody only asks."""
    assert edges_of("videos") == {}
