"""Where an operand may stand, and whether its edge types exist.

`parse` runs `check_placement` on what it reads; code that builds trees calls it itself. The
rules, from the specification:

* Soft operators (`weak-and`, `strong-or`) constrain the hits of the whole expression, so they
  stand in positive places only: the root, an operand of `and`, `weak-and` or `strong-or`, the
  first operand of `difference`; nowhere below `or`, `apply`, `extract`, `:within` or in a
  subtrahend.
* `nn :k` is a partial result by its nature, so it is no part of a subtrahend, nor of a
  condition that grants or denies sight (`check_whole`): there it would widen what is found.
* `:optional-hits` stands directly below `weak-and`, `:optional-weight` also below `strong-or`.
* At most three `apply` inside one another, and the limits on depth and operands.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from alicorn.errors import BadRequest, UnknownEdge
from alicorn.query.limits import MAX_APPLY_DEPTH, MAX_DEPTH, MAX_OPERANDS
from alicorn.query.tree import (
    And,
    Apply,
    Difference,
    Expr,
    Ids,
    Nn,
    Prefix,
    StrongOr,
    Term,
    WeakAnd,
    children,
    operator_name,
    walk,
)

__all__ = [
    "Misplaced",
    "check_edges",
    "check_placement",
    "check_whole",
    "find_misplaced",
    "marks_below",
    "near_misses",
]

_MARKS: Final = {
    "weak-and": frozenset({"optional-hits", "optional-weight"}),
    "strong-or": frozenset({"optional-weight"}),
}

# difflib takes quadratic time; no name that anyone meant is longer than this.
_COMPARED: Final = 40


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An operand that may not stand where it stands."""

    operand: Expr
    reason: str
    """A message without the place."""
    expected: str
    """What may stand there."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What the way from the root to an operand says about it."""

    depth: int = 1
    applies: int = 0
    above: str = ""
    """Name of the operator directly above; empty at the root."""
    soft: bool = True
    """Whether a soft operator may stand here."""
    subtracted: bool = False
    """Whether this is part of a subtrahend of `difference`."""


def marks_below(operator: str) -> frozenset[str]:
    """Names of the optional marks that operands directly below ``operator`` may carry."""
    return _MARKS.get(operator, frozenset())


def find_misplaced(expr: Expr) -> Misplaced | None:
    """Return the first operand, in the order of the text, that is out of place.

    O(nodes), with its own stack: any tree can be checked, however deep.
    """
    operands = -1  # the root is not one
    pending: list[tuple[Expr, _Place]] = [(expr, _Place())]
    while pending:
        node, place = pending.pop()
        operands += 1
        if operands > MAX_OPERANDS:
            return Misplaced(
                node,
                f"found more than {MAX_OPERANDS} operands, needed at most that many",
                f"at most {MAX_OPERANDS} operands",
            )
        misplaced = _misplaced(node, place)
        if misplaced is not None:
            return misplaced
        inside = children(node)
        if inside:
            others = _below(node, place, first=False)
            pending.extend((child, others) for child in reversed(inside[1:]))
            pending.append((inside[0], _below(node, place, first=True)))
    return None


def check_placement(expr: Expr) -> None:
    """Refuse a tree in which an operand stands where it may not.

    Raises
    ------
    BadRequest
        With the first such operand and why. `parse` says its column as well.
    """
    misplaced = find_misplaced(expr)
    if misplaced is not None:
        raise BadRequest(misplaced.reason)


def check_whole(expr: Expr) -> None:
    """Refuse an expression whose result is partial by its nature.

    For conditions that grant or deny sight, and for whatever else must fail closed.

    Raises
    ------
    BadRequest
        If a soft operator or `nn :k` stands anywhere in ``expr``.
    """
    for node in walk(expr):
        if isinstance(node, WeakAnd | StrongOr) or _is_nearest(node):
            raise BadRequest(
                f"found {_described(node)} in a condition that must be whole, "
                "needed an operator whose result is never partial"
            )


def check_edges(expr: Expr, known: Collection[str]) -> None:
    """Refuse an expression with an edge type that is not in ``known``.

    Edge types stand in `term`, `prefix`, `apply` and `ids`. Forward-index fields (`extract`,
    `range`) are other names and are not looked at.

    Raises
    ------
    UnknownEdge
        With the first unknown edge type and its near misses, or else all that are known.
    """
    for node in walk(expr):
        if isinstance(node, Term | Prefix | Apply | Ids) and node.edge not in known:
            near = near_misses(node.edge, known)
            hint = f"did you mean {near}" if near else f"known are {', '.join(sorted(known))}"
            raise UnknownEdge(f"unknown edge type '{node.edge[:_COMPARED]}'; {hint}")


def near_misses(name: str, known: Iterable[str]) -> str:
    """Up to three of ``known`` that look like ``name``, nearest first: `'tag' or 'tagged'`.

    Empty if none does.
    """
    near = difflib.get_close_matches(name[:_COMPARED], sorted(known), n=3)
    return " or ".join(f"'{match}'" for match in near)


def _misplaced(node: Expr, place: _Place) -> Misplaced | None:
    """Say what is wrong with ``node`` itself at its place."""
    if place.depth > MAX_DEPTH:
        return Misplaced(
            node,
            f"found an expression deeper than {MAX_DEPTH} levels, needed at most that many",
            f"at most {MAX_DEPTH} levels",
        )
    if isinstance(node, WeakAnd | StrongOr) and not place.soft:
        return Misplaced(
            node,
            f"found {_described(node)} {_where(place)}, needed at the root, below and, weak-and "
            "or strong-or, or first in difference",
            "an operand without soft operators",
        )
    if _is_nearest(node) and place.subtracted:
        return Misplaced(
            node,
            "found nn with :k in a subtrahend of difference, needed an operand whose result "
            "is never partial",
            "an operand whose result is never partial",
        )
    if isinstance(node, Apply) and place.applies >= MAX_APPLY_DEPTH:
        return Misplaced(
            node,
            f"found more than {MAX_APPLY_DEPTH} apply inside one another, needed at most that many",
            "an operand without apply",
        )
    for name, value in (
        ("optional-hits", node.optional_hits),
        ("optional-weight", node.optional_weight),
    ):
        if value is not None and name not in marks_below(place.above):
            above = place.above or "the root"
            parents = " or ".join(sorted(p for p, marks in _MARKS.items() if name in marks))
            return Misplaced(
                node,
                f"found :{name} directly below {above}, needed directly below {parents}",
                "an operand without an optional mark",
            )
    return None


def _below(node: Expr, place: _Place, *, first: bool) -> _Place:
    """Return the place of an operand of ``node``, the first one or another."""
    positive = isinstance(node, And | WeakAnd | StrongOr) or (
        isinstance(node, Difference) and first
    )
    return replace(
        place,
        depth=place.depth + 1,
        applies=place.applies + isinstance(node, Apply),
        above=operator_name(node),
        soft=place.soft and positive,
        subtracted=place.subtracted or (isinstance(node, Difference) and not first),
    )


def _is_nearest(node: Expr) -> bool:
    return isinstance(node, Nn) and node.k is not None


def _described(node: Expr) -> str:
    return "nn with :k" if _is_nearest(node) else operator_name(node)


def _where(place: _Place) -> str:
    return "in a subtrahend of difference" if place.subtracted else f"below {place.above}"
