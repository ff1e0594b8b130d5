"""The seeds: every query string that the project was asked for, in `queries.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from alicorn.query import Term, parse, print_expression

_FILE = Path(__file__).with_name("queries.toml")
QUERIES: list[dict[str, Any]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["query"]
EXPRESSIONS = [query for query in QUERIES if query["kind"] == "expression"]
USERS = [query for query in QUERIES if query["kind"] == "user"]


@pytest.mark.parametrize("query", EXPRESSIONS, ids=lambda query: query["source"])
def test_each_seed_expression_parses_and_prints_in_its_canonical_form(
    query: dict[str, Any],
) -> None:
    """The examples of the specification are the first thing that a reader tries (PS-32)."""
    tree = parse(query["text"])

    assert print_expression(tree) == query["canonical"]
    assert parse(query["canonical"]) == tree


def test_every_seed_is_listed_once_and_whole() -> None:
    """Other tests read this file too; an entry without its fields would be skipped unseen."""
    texts = [query["text"] for query in QUERIES]

    assert len(QUERIES) == len(EXPRESSIONS) + len(USERS)
    assert len(texts) == len(set(texts))
    for query in USERS:
        assert query["source"]
        assert query["status"] in {"expected", "not yet", "refused"}
        assert ("reason" in query) == (query["status"] == "not yet")
        assert bool(query["expect"]) == (query["status"] != "refused")


@pytest.mark.parametrize("query", USERS, ids=lambda query: query["text"])
def test_the_terms_that_a_seed_expects_are_terms(query: dict[str, Any]) -> None:
    """They are compared with the leaves of a rewritten query, so they must be in its language."""
    for text in [*query["expect"], *query.get("refuse", ())]:
        tree = parse(text)

        assert isinstance(tree, Term)
        assert print_expression(tree) == text
