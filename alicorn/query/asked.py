"""What an expression looks for: phrases, and the ways to meet each.

    (difference (and (strong-or (or tag:cat (and text:house text:cat)) text:mat) audience:public)
                author:5)

looks for two phrases. The first is met in one of two ways: by a tag, or by two words together; the
second by a word. The rest are conditions: they say whose photo it is, and nothing that it could
show or say. In general:

* operands of `and`, `weak-and` and `strong-or` are looked for separately;
* below an `or` stand ways to meet one phrase; an `and` there is one way in several parts;
* subtrahends, and what only limits (`range`, `ids` of people, `nn`), ask for nothing.

Ranking counts phrases, not operands: a word that ten concepts may stand for is still one word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from alicorn.query.limits import ONE
from alicorn.query.tree import (
    And,
    Difference,
    Expr,
    Extract,
    Ids,
    Or,
    Prefix,
    StrongOr,
    Term,
    WeakAnd,
)

__all__ = ["ASKED_EDGES", "AskedLeaf", "Phrase", "Way", "asked_phrases"]

ASKED_EDGES: Final = frozenset({"tag", "text"})
"""What a photo shows, and what is said of it."""


@dataclass(frozen=True, slots=True)
class AskedLeaf:
    """A tag or a word that is looked for."""

    expr: Term | Prefix | Ids
    weight: int
    """Product of the weights on its path, in 1/10,000, floored once."""


Way: TypeAlias = tuple[AskedLeaf, ...]
"""Leaves that meet a phrase together; at least one."""

Phrase: TypeAlias = tuple[Way, ...]
"""Ways, each of which meets the phrase; at least one."""


@dataclass(frozen=True, slots=True)
class _Path:
    """Weight of a path as an exact rational: numerator / ONE ** factors."""

    numerator: int = 1
    factors: int = 0

    def through(self, expr: Expr) -> _Path:
        """Return the path that goes on through ``expr``."""
        if expr.weight == ONE:
            return self
        return _Path(self.numerator * expr.weight, self.factors + 1)

    @property
    def weight(self) -> int:
        """In 1/10,000, floored."""
        weight: int = self.numerator * ONE // ONE**self.factors
        return weight


def asked_phrases(expr: Expr) -> tuple[Phrase, ...]:
    """Return the phrases that ``expr`` looks for, in the order of the text."""
    return tuple(_phrases(expr, _Path()))


def _phrases(expr: Expr, path: _Path) -> Iterator[Phrase]:
    path = path.through(expr)
    match expr:
        case And() | WeakAnd() | StrongOr():
            for operand in expr.operands:
                yield from _phrases(operand, path)
        case Difference():
            yield from _phrases(expr.operands[0], path)
        case Extract():
            yield from _phrases(expr.inner, path)
        case Or():
            ways = tuple(way for operand in expr.operands for way in _ways(operand, path))
            if ways:
                yield ways
        case Term() | Prefix() | Ids() if expr.edge in ASKED_EDGES:
            yield ((AskedLeaf(expr, path.weight),),)


def _ways(expr: Expr, path: _Path) -> Iterator[Way]:
    """Yield the ways that ``expr``, somewhere below an `or`, gives."""
    if isinstance(expr, Or):
        path = path.through(expr)
        for operand in expr.operands:
            yield from _ways(operand, path)
    elif together := tuple(_leaves(expr, path)):
        yield together


def _leaves(expr: Expr, path: _Path) -> Iterator[AskedLeaf]:
    path = path.through(expr)
    match expr:
        case And() | WeakAnd() | StrongOr() | Or():
            for operand in expr.operands:
                yield from _leaves(operand, path)
        case Difference():
            yield from _leaves(expr.operands[0], path)
        case Term() | Prefix() | Ids() if expr.edge in ASKED_EDGES:
            yield AskedLeaf(expr, path.weight)
