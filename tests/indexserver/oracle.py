"""The obvious, slow index: every operator of the language over sets, dictionaries and fractions.

Written from the language's definition, not from the executor. Each operand of an expression becomes
a `Place`: the documents in it as a set where that is a matter of the lists alone; where budgets of
`weak-and` say so, they are asked document by document, in DocId order.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from alicorn.query import (
    All,
    And,
    Difference,
    Expr,
    Extract,
    Ids,
    Nn,
    Or,
    Prefix,
    Range,
    StrongOr,
    Term,
    WeakAnd,
)

_shelf = sys.modules["indexserver_tests_shelf"]
FIELDS, SIDE = _shelf.FIELDS, _shelf.SIDE
Part, Shelf, World = _shelf.Part, _shelf.Shelf, _shelf.World

ONE = 10_000
BYTE_ONE = 65_025
CONCEPT_ONE = ONE * BYTE_ONE
BITS = 256

HITDATA = {"tag": "confidence", "text": "frequency"}


class AtLeast(int):
    """A count that stopped before the end: equal to every count that it does not pass."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AtLeast) or (isinstance(other, int) and self <= other)

    def __hash__(self) -> int:
        return 0


@dataclass(frozen=True)
class Answer:
    """What a shard must say."""

    hits: list[tuple[int, int]]
    """(document id, concept score), in the order that was asked for."""
    matched: int
    """Documents; `AtLeast` where the rest was not looked at."""
    cuts: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    """`strong-or` shares that found too few."""


class Place:
    """One operand where it stands; the same text elsewhere in the expression is another one."""

    def __init__(self, expr: Expr, shelf, arrays, limit: int, path: Fraction = Fraction(1)) -> None:
        path *= Fraction(expr.weight, ONE)
        self.expr = expr
        self.points: dict[int, int] = {}
        """Of a leaf: position -> what the document scores there."""
        self.hits: set[int] | None = None
        """Positions; None where budgets decide."""
        self.inside: list[Place] = []
        self.budget: int | None = None
        """Below `weak-and`: hits that may still miss this operand."""
        self.share: int | None = None
        """Below `strong-or`: hits that are kept for it."""
        if isinstance(expr, And | Or | Difference | WeakAnd | StrongOr):
            self.inside = [Place(o, shelf, arrays, limit, path) for o in expr.operands]
            self._combine(limit)
        else:
            self.points = _leaf(expr, shelf, arrays, limit, math.floor(path * ONE))
            self.hits = set(self.points)

    def _combine(self, limit: int) -> None:
        for place in self.inside:
            hits, weight = place.expr.optional_hits, place.expr.optional_weight
            quota = hits if weight is None else weight * limit // ONE
            if isinstance(self.expr, WeakAnd):
                place.budget = quota
            elif isinstance(self.expr, StrongOr):
                place.share = quota
        sets = [place.hits for place in self.inside]
        marked = any(place.budget is not None for place in self.inside)
        if marked or any(hits is None for hits in sets):
            return
        match self.expr:
            case And() | WeakAnd():
                self.hits = set.intersection(*sets)
            case Or() | StrongOr():
                self.hits = set.union(*sets)
            case Difference():
                self.hits = sets[0].difference(*sets[1:])

    def contains(self, position: int) -> bool:
        """Whether the document is in it, as the budgets are now."""
        if self.hits is not None:
            return position in self.hits
        found = [place.contains(position) for place in self.inside]
        match self.expr:
            case And():
                return all(found)
            case StrongOr():
                return any(found)
            case Difference():
                return found[0] and not any(found[1:])
            case WeakAnd():
                return any(found) and all(
                    here or bool(place.budget)
                    for here, place in zip(found, self.inside, strict=True)
                )
        raise AssertionError(self.expr)

    def score(self, position: int) -> int:
        """Concept score of a document that it contains, in 1 / CONCEPT_ONE."""
        if not self.inside:
            return self.points[position]
        counted = self.inside[:1] if isinstance(self.expr, Difference) else self.inside
        return sum(place.score(position) for place in counted if place.contains(position))

    def walk(self) -> list[Place]:
        """Itself and what is inside, in the order of the text."""
        return [self, *(place for inner in self.inside for place in inner.walk())]


def _leaf(expr: Expr, shelf, arrays: Any, limit: int, weight: int) -> dict[int, int]:
    """Position -> points of an operand that reads the shard itself."""

    def worth(byte: int) -> int:
        if HITDATA.get(expr.edge) == "confidence":
            return weight * byte * byte
        # A word counts what was written, a beginning of words nothing.
        if (expr.edge in HITDATA and not isinstance(expr, Term)) or not expr.weighted:
            return 0
        return weight * BYTE_ONE

    found: dict[int, int] = {}
    match expr:
        case Term(edge=edge, value=value):
            return {p: worth(byte) for p, byte in shelf.lists.get((edge, value), {}).items()}
        case Prefix(edge=edge, value=start):
            for value, hits in shelf.by_edge.get(edge, {}).items():
                if value.startswith(start):
                    for position, byte in hits.items():
                        found[position] = max(found.get(position, 0), worth(byte))
            return found
        case Ids(edge=edge, array=number):
            for value in map(str, map(int, arrays[number])):
                for position, byte in shelf.lists.get((edge, value), {}).items():
                    found[position] = found.get(position, 0) + worth(byte)
            return found
        case All():
            return dict.fromkeys(range(len(shelf.documents)), 0)
        case Range(field=name, low=low, high=high):
            for position, document in enumerate(shelf.documents):
                value = FIELDS[name](document)
                above = value is not None and (low is None or value >= low)
                if above and (high is None or value < high):
                    found[position] = 0
            return found
        case Nn():
            near = _distances(expr, shelf, arrays, limit)
            return {p: weight * BYTE_ONE * (BITS - bits) // BITS for p, bits in near.items()}
    raise AssertionError(expr)


def _distances(expr: Nn, shelf, arrays: Any, limit: int) -> dict[int, int]:
    """Position -> distance in bits, of the documents that `nn` contains."""
    wanted = int.from_bytes(expr.code, "big")
    codes = shelf.codes[expr.space]
    if expr.radius is not None:
        distances = {p: (code ^ wanted).bit_count() for p, code in codes.items()}
        return {p: bits for p, bits in distances.items() if bits <= expr.radius}
    within = codes.keys()
    if expr.within is not None:
        within &= Place(expr.within, shelf, arrays, limit).hits
    # A position is a place in DocId order, so it is what breaks ties.
    ranked = sorted(((codes[p] ^ wanted).bit_count(), p) for p in within)
    return {position: bits for bits, position in ranked[: expr.k]}


def answer(shelf, expr: Expr, *, static: bool, limit: int, arrays: Any = ()) -> Answer:
    """Return what ``expr`` must find on ``shelf``; ``limit`` is N, the retrieve limit."""
    if isinstance(expr, Extract):
        return _extracted(shelf, expr, limit, arrays)
    root = Place(expr, shelf, arrays, limit)
    points, shares = _visit(root, len(shelf.documents))
    ranked = sorted(points) if static else sorted(points, key=lambda p: (-points[p], p))
    kept, unmet = _kept(ranked, shares, limit)
    hits = [(shelf.documents[p].id, points[p]) for p in ranked if p in kept]
    cuts = ("retrieve-limit",) if len(ranked) > limit else ()
    return Answer(hits, len(ranked), cuts, unmet)


def _visit(root: Place, documents: int) -> tuple[dict[int, int], list[tuple[int, set[int]]]]:
    """Visit every document once, in DocId order; only hits of the whole expression spend.

    Returns the points of each hit, and for each share its size and the hits in its operand.
    """
    places = root.walk()
    marked = [place for place in places if place.budget is not None]
    shares: list[tuple[Place, set[int]]] = [(p, set()) for p in places if p.share is not None]
    points = {}
    for position in range(documents) if root.hits is None else sorted(root.hits):
        if not root.contains(position):
            continue
        points[position] = root.score(position)
        for place, inside in shares:
            if place.contains(position):
                inside.add(position)
        for place in [place for place in marked if not place.contains(position)]:
            place.budget = max(place.budget - 1, 0)
    return points, [(place.share, inside) for place, inside in shares]


def _kept(
    ranked: Sequence[int], shares: Sequence[tuple[int, set[int]]], limit: int
) -> tuple[set[int], tuple[str, ...]]:
    """Return which hits are kept, and the shares that could not be met."""
    kept: set[int] = set()
    unmet = []
    for number, (size, inside) in enumerate(shares, start=1):
        met = 0
        for position in [p for p in ranked if p in inside][:size]:
            if position in kept or len(kept) < limit:
                kept.add(position)
                met += 1
        if met < size:
            unmet.append(f"operand {number}: {met} of {size}")
    for position in ranked:
        if len(kept) == limit:
            break
        kept.add(position)
    return kept, tuple(unmet)


def _extracted(shelf, expr: Extract, limit: int, arrays: Any) -> Answer:
    """Return the distinct authors of all hits, ascending; nobody is no author."""
    assert expr.field == "author"
    hits = Place(expr.inner, shelf, arrays, limit).hits
    authors = sorted({shelf.documents[p].author for p in hits} - {0})
    cuts = ("retrieve-limit",) if len(authors) > limit else ()
    return Answer([(author, 0) for author in authors[:limit]], len(hits), cuts)


def search(
    world: World, expr: Expr, *, static: bool, limit: int, arrays: Any = ()
) -> tuple[list[tuple[int, int]], int, tuple[str, ...]]:
    """Return [(id, concept score)] in order, the number of matches, and the flags."""
    found = answer(world.shelf(), expr, static=static, limit=limit, arrays=arrays)
    return found.hits, found.matched, found.cuts
