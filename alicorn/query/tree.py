"""The tree of a query: one immutable node for each operator of the language.

Follows Unicorn [1]_: an expression is evaluated on each shard over posting lists, lists of
(DocId, HitData) in DocId order, that is by sort-key descending and id ascending. Every node is
frozen, hashable and checked when it is made, so that what `print_expression` writes, `parse`
reads back. Where a node may stand is another question: see `check.py`.

    parse('(and tag:dog (term text:beach :weight 0.5))') ==
        And((Term("tag", "dog"), Term("text", "beach", weight=5_000)))

The score of a match (the *concept score*; DB-01 is its special case of a weighted `or` of
tags) is said with each operator. It is the index server that computes it, in fixed point.

References
----------
.. [1] Curtiss et al., "Unicorn: A System for Searching the Social Graph", PVLDB 6(11), 2013.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from alicorn.errors import BadRequest
from alicorn.query.limits import CODE_BITS, INT64_MAX, INT64_MIN, MAX_ARRAYS
from alicorn.query.node import Node, check_bounds, check_name, check_value

__all__ = [
    "CODE_SPACES",
    "All",
    "And",
    "Apply",
    "Combination",
    "Difference",
    "Expr",
    "Extract",
    "Ids",
    "Leaf",
    "Nn",
    "Or",
    "Prefix",
    "Range",
    "StrongOr",
    "Term",
    "WeakAnd",
    "children",
    "leaves",
    "operator_name",
    "walk",
]

CODE_SPACES: Final = ("visual", "joint")
"""The two spaces of binary codes that `nn` searches."""


@dataclass(frozen=True, slots=True)
class Term(Node):
    """The posting list of one term: `tag:dog`, `"tag:beach ball"`.

    An unknown value is an empty list. Score: the hit's dequantised HitData; for an edge
    without HitData, 1 if the term carries an explicit weight, else 0.
    """

    operator = "term"
    edge: str
    """Type of the edge: `tag`, `friend`, `lives-in`."""
    value: str
    """Taken literally; never empty."""

    def __post_init__(self) -> None:
        Node.__post_init__(self)
        check_name("edge type", self.edge)
        check_value(self.value)
        if not self.value:
            raise BadRequest(f"found no value after '{self.edge}:', needed at least one character")


@dataclass(frozen=True, slots=True)
class Prefix(Node):
    """The union of the lists of all terms of `edge` that begin with `value`: `name:mar*`.

    The empty prefix stands for every term of the edge type. Score: the best of its terms.
    """

    operator = "prefix"
    edge: str
    value: str
    """The beginning, without the star; may be empty."""

    def __post_init__(self) -> None:
        Node.__post_init__(self)
        check_name("edge type", self.edge)
        check_value(self.value)


@dataclass(frozen=True, slots=True)
class _Combination(Node):
    """An operator over a row of operands, at least one of them."""

    operands: tuple[Expr, ...]

    def __post_init__(self) -> None:
        Node.__post_init__(self)
        if not self.operands:
            raise BadRequest(f"found no operand of {self.operator}, needed at least one")


@dataclass(frozen=True, slots=True)
class And(_Combination):
    """Intersection. Score: the sum over its operands."""

    operator = "and"


@dataclass(frozen=True, slots=True)
class Or(_Combination):
    """Union. Score: the sum over the operands that contain the document."""

    operator = "or"


@dataclass(frozen=True, slots=True)
class Difference(_Combination):
    """Hits of the first operand that are in none of the others. Score: the first operand's.

    A subtrahend must be whole: a partial result there would widen what is found, so the
    request fails closed, and soft operators and `nn :k` may not stand in one.
    """

    operator = "difference"

    def __post_init__(self) -> None:
        Node.__post_init__(self)
        if len(self.operands) < 2:
            raise BadRequest(
                f"found {len(self.operands)} operands of difference, needed at least two"
            )


@dataclass(frozen=True, slots=True)
class WeakAnd(_Combination):
    """An `and` whose marked operands may be missing from some of the hits.

    Constrains the hits of the whole expression on one shard, N being the retrieve limit.
    Required are the operands without a mark, the conditions around it, and marked ones whose
    budget is spent; a candidate must be in at least one operand. Candidates are visited once,
    in DocId order; for a hit of the whole expression the budget of every marked operand that
    it misses falls by one. `optional_hits` n is a budget of n, `optional_weight` f one of
    floor(f * N). Without any budget it is `and`. Score: the sum over the operands that contain
    the document.
    """

    operator = "weak-and"


@dataclass(frozen=True, slots=True)
class StrongOr(_Combination):
    """An `or` that keeps places for its operands.

    Membership is that of `or`. From the hits H of the whole expression, for each operand with
    a share f (`optional_weight`), in operand order, the first floor(f * N) hits of H in it are
    kept (the best ones in order `concept`), as far as places up to N remain; H fills the rest.
    Shares may add up to more than 1, since one hit may serve several. Score: as of `or`.
    """

    operator = "strong-or"


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """Run `inner`, keep its best ids, put `edge` before each, and take the `or` of those terms.

    `(apply friend: friend:5)` are the friends of the friends of 5. Two rounds, by the top
    aggregator; at most three inside one another. Score: the sum over the ids that lead to the
    document, so that mutual friends count.
    """

    operator = "apply"
    edge: str
    inner: Expr
    limit: int | None = field(default=None, kw_only=True)
    """How many ids to keep; None is 5,000. A result that was cut is marked."""
    by: str | None = field(default=None, kw_only=True)
    """Scorer that says which are the best; None is the request's own."""

    def __post_init__(self) -> None:
        Node.__post_init__(self)
        check_name("edge type", self.edge)
        check_bounds("limit", self.limit)
        if self.by is not None:
            check_name("scorer", self.by)


@dataclass(frozen=True, slots=True)
class Extract(Node):
    """The ids kept in forward-index field `field` of the results of `inner`. Score: 0.

    Needs no second round over the index, where `apply` would.
    """

    operator = "extract"
    field: str
    inner: Expr

    def __post_init__(self) -> None:
        Node.__post_init__(self)
        check_name("field", self.field)


@dataclass(frozen=True, slots=True)
class Nn(Node):
    """Live documents whose binary code is near to `code`. Score: 1 - distance / 256.

    With `radius`, all within that Hamming distance. With `k`, the k nearest among the hits of
    `within` on this shard (among all documents without it), ties in DocId order; siblings
    never change them, and racks cut to k by distance. Exactly one of the two is given.
    """

    operator = "nn"
    space: str
    """`visual` or `joint`."""
    code: bytes
    """32 bytes, as in the text's hexadecimal."""
    radius: int | None = field(default=None, kw_only=True)
    """In bits, 0 to 256."""
    k: int | None = field(default=None, kw_only=True)
    within: Expr | None = field(default=None, kw_only=True)
    """Only with `k`."""

    def __post_init__(self) -> None:
        Node.__post_init__(self)
        if self.space not in CODE_SPACES:
            raise BadRequest(f"found code space {self.space!r:.80}, needed visual or joint")
        if len(self.code) * 8 != CODE_BITS:
            raise BadRequest(f"found a code of {len(self.code)} bytes, needed {CODE_BITS // 8}")
        check_bounds("radius", self.radius)
        check_bounds("k", self.k)
        if (self.radius is None) == (self.k is None):
            found = "neither" if self.k is None else "both"
            raise BadRequest(f"found {found} of :radius and :k in nn, needed exactly one")
        if self.within is not None and self.k is None:
            raise BadRequest("found :within without :k in nn, needed both")


@dataclass(frozen=True, slots=True)
class Range(Node):
    """Documents whose numeric forward-index field is in [low, high). Score: 0."""

    operator = "range"
    field: str
    low: int | None
    """Inclusive; None is open."""
    high: int | None
    """Exclusive; None is open."""

    def __post_init__(self) -> None:
        Node.__post_init__(self)
        check_name("field", self.field)
        for bound in (self.low, self.high):
            if bound is not None and not INT64_MIN <= bound <= INT64_MAX:
                raise BadRequest(f"found bound {bound:.6g} of range, needed one of 64 bits")


@dataclass(frozen=True, slots=True)
class Ids(Node):
    """The `or` of `edge`:<id> for the ids in the request's packed array number `array`.

    This is how thousands of operands travel. Score: the sum over the ids that lead to the
    document.
    """

    operator = "ids"
    edge: str
    array: int
    """Position among the request's arrays, from 0."""

    def __post_init__(self) -> None:
        Node.__post_init__(self)
        check_name("edge type", self.edge)
        if not 0 <= self.array < MAX_ARRAYS:
            raise BadRequest(f"found array {self.array}, needed 0 to {MAX_ARRAYS - 1}")


@dataclass(frozen=True, slots=True)
class All(Node):
    """Every live document. Score: 0."""

    operator = "all"


Combination: TypeAlias = And | Or | Difference | WeakAnd | StrongOr
"""Nodes over a row of operands."""

Leaf: TypeAlias = Term | Prefix | Nn | Range | Ids | All
"""Nodes that read the shard themselves; `Nn` may hold an expression all the same."""

Expr: TypeAlias = (
    Term
    | Prefix
    | And
    | Or
    | Difference
    | WeakAnd
    | StrongOr
    | Apply
    | Extract
    | Nn
    | Range
    | Ids
    | All
)


def operator_name(expr: Expr) -> str:
    """Return the name of the operator as the text has it: `term`, `weak-and`, `nn`.

    >>> operator_name(StrongOr((Term("tag", "dog"),)))
    'strong-or'
    """
    return expr.operator


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the expressions directly inside ``expr``, in the order of the text."""
    match expr:
        case And() | Or() | Difference() | WeakAnd() | StrongOr():
            return expr.operands
        case Apply() | Extract():
            return (expr.inner,)
        case Nn(within=within) if within is not None:
            return (within,)
        case _:
            return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """Yield every node of the tree, parents before children, in the order of the text.

    Keeps its own stack, so that a tree of any depth can be looked at.
    """
    pending = [expr]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(children(node)))


def leaves(expr: Expr) -> Iterator[Leaf]:
    """Yield the nodes that read the shard themselves, in the order of the text.

    >>> [leaf.operator for leaf in leaves(And((Term("tag", "dog"), All())))]
    ['term', 'all']
    """
    return (node for node in walk(expr) if isinstance(node, Term | Prefix | Nn | Range | Ids | All))
