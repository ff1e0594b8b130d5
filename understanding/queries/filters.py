"""Filters that somebody typed: ``year:2016``, ``camera:"canon eos"``.

An edge of `EDGES`, a colon, and a value up to the next space or in quotes (also the curly ones that
phones write). Any other word with a colon is an ordinary word. Values are folded as documents'
values are; the value of ``text:`` is cut into words, each a term of its own.
"""

from __future__ import annotations

import re
from typing import Final

from alicorn.documents.text import stem, tokens
from alicorn.errors import BadRequest
from alicorn.query import Term

__all__ = ["EDGES", "read_filter"]

EDGES: Final = ("year", "month", "place", "camera", "album", "author", "tag", "text")
"""Edges that a person may name in a query."""

_START: Final = re.compile(rf"({'|'.join(EDGES)}):", re.IGNORECASE)
_QUOTED: Final = re.compile(r'["“”]([^"“”]*)["“”]')
_BARE: Final = re.compile(r"\S*")


def read_filter(text: str, start: int) -> tuple[tuple[Term, ...], int] | None:
    """Read the filter that begins at ``start`` of ``text``.

    Returns
    -------
    tuple or None
        The terms and where the filter ends; None when no filter begins there.

    Raises
    ------
    BadRequest
        If the value is empty or its quote is never closed.
    """
    edge = _START.match(text, start)
    if edge is None:
        return None
    name = edge[1].lower()
    if text[edge.end() : edge.end() + 1] in {'"', "“", "”"}:
        value = _QUOTED.match(text, edge.end())
        if value is None:
            raise BadRequest(f"the quote after {name}: at character {start + 1} is never closed")
        found = value[1]
    else:
        value = _BARE.match(text, edge.end())
        assert value is not None, "the pattern matches the empty string"
        found = value[0]
    terms = _terms(name, found)
    if not terms:
        raise BadRequest(
            f"found no value after {name}: at character {start + 1}, needed {name}:value"
        )
    return terms, value.end()


def _terms(edge: str, value: str) -> tuple[Term, ...]:
    if edge == "text":
        return tuple(Term("text", stem(word)) for word in dict.fromkeys(tokens(value)))
    folded = " ".join(value.casefold().split())
    return (Term(edge, folded),) if folded else ()
