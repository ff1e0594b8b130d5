"""What people type, through the shipped words and the real rewriting: every entry of the seeds."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from aggregator.top.rewrite import core_of
from alicorn.errors import BadRequest
from alicorn.query import Term, leaves, parse, print_expression
from understanding.concepts.taxonomy import Taxonomy
from understanding.queries import Terms, understand

_FILE = Path(__file__).with_name("queries.toml")
_USERS: list[dict[str, Any]] = [
    query
    for query in tomllib.loads(_FILE.read_text(encoding="utf-8"))["query"]
    if query["kind"] == "user"
]


@pytest.fixture(scope="module")
def terms() -> Terms:
    """Load all that words may be taken for."""
    return Terms.load()


def _terms(text: str, terms: Terms) -> set[str]:
    """Return the leaves of the rewritten query without weights; nobody's name is in it."""
    core = core_of(understand(text, terms), lambda _: [])
    plain = (
        Term(leaf.edge, leaf.value) if isinstance(leaf, Term) else leaf for leaf in leaves(core)
    )
    return {print_expression(leaf) for leaf in plain}


def _params() -> list[Any]:
    """Return every entry that is to be answered; strict where it cannot be yet."""
    return [
        pytest.param(
            query,
            id=query["text"],
            marks=[pytest.mark.xfail(reason=query["reason"], strict=True)]
            if query["status"] == "not yet"
            else [],
        )
        for query in _USERS
        if query["status"] != "refused"
    ]


@pytest.mark.parametrize("query", _params())
def test_each_typed_query_becomes_terms_that_can_find_it(
    query: dict[str, Any], terms: Terms
) -> None:
    """PS-29: the concept, its text, and no look-alike; a "not yet" that passes is to be updated."""
    found = _terms(query["text"], terms)

    assert found & set(query["expect"])
    assert not found & set(query.get("refuse", ()))
    assert "verticals" not in query, "nothing decides on verticals yet"


@pytest.mark.parametrize(
    "text",
    [
        *(pytest.param(q["text"], id=repr(q["text"])) for q in _USERS if q["status"] == "refused"),
        pytest.param("cat " * 2_500, id="10,000 characters"),
    ],
)
def test_each_refused_query_is_told_what_was_found_and_needed(text: str, terms: Terms) -> None:
    """Bad input: blanks, 10,000 characters, emoji that picture nothing."""
    with pytest.raises(BadRequest, match=r"found .*, needed"):
        _terms(text, terms)


@pytest.mark.parametrize(
    "query", [query for query in _USERS if query["status"] == "expected"], ids=lambda q: q["text"]
)
def test_the_tags_that_are_expected_exist(query: dict[str, Any]) -> None:
    """A concept that the taxonomy lacks could never be met: the entry would be a guess."""
    names = set(Taxonomy.load().names)
    for text in query["expect"]:
        term = parse(text)

        assert isinstance(term, Term)
        assert term.edge != "tag" or term.value in names
