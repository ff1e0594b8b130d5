"""Normal form: one tree for all the ways of saying the same thing.

    (and tag:dog (and tag:sea (or tag:cat)) (all))   ->   and tag:cat tag:dog tag:sea
    (difference (and A B) C (or D E))                ->   and A B, without C, D, E
    (or (term A :weight 2) (or B C :weight 0.5))     ->   or A:2 B:0.5 C:0.5

`and` and `or` inside their like are flattened, `difference` is an `and` with subtrahends, an `and`
or `or` of one operand is that operand, a `weak-and` without a budget is an `and`, `all` below `and`
says nothing, and what can match nowhere (`range` from 5 to 2, a `difference` by `all`) takes its
branch with it. Operands stand in the order of their keys, so that writing them in another order
gives an equal tree; those of `strong-or` stay, since shares are met in the order of the text.
Duplicates stay as well: an operand that is there twice scores twice.

The weights on the way from the root to a leaf multiply as exact rationals and are floored to
1/10,000 once, so how an expression is nested changes no score. With weights 0.5 and 0.0003 on the
path the leaf's weight is floor(1.5) = 1 in 1/10,000, not the 1 or 2 that rounding at each step
might give.

Nothing here knows a segment: an unknown value or an empty array is met when a plan is bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final, TypeAlias

from alicorn.documents.hitdata import WEIGHT_ONE
from alicorn.errors import BadRequest, Unsupported
from alicorn.query import (
    All,
    And,
    Apply,
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

__all__ = [
    "NOTHING",
    "NO_MARK",
    "Conjunction",
    "Disjunction",
    "LeafExpr",
    "Mark",
    "Marked",
    "Normal",
    "NormalNode",
    "Operand",
    "Soft",
    "normalise",
]

LeafExpr: TypeAlias = Term | Prefix | Nn | Range | Ids | All


@dataclass(frozen=True, slots=True)
class Operand:
    """A leaf."""

    key: str
    """Equal keys read equal lists with equal scores; the order of operands is that of keys."""
    expr: LeafExpr
    """Without weight, marks and `:within`; `weighted` only where it makes a difference."""
    weight: int
    """Product of the weights on its path, in 1/10,000; 0 in a subtrahend."""
    positive: bool
    """False in a subtrahend."""
    within: Normal | None = None
    """Of `nn` with `:within`."""

    @property
    def soft(self) -> bool:
        """Whether a soft operator is inside."""
        return False


@dataclass(frozen=True, slots=True)
class Conjunction:
    """What is in all of `operands` and in none of `negated`; scores are those of `operands`."""

    key: str
    operands: tuple[NormalNode, ...]
    """At least one; no conjunction among them."""
    negated: tuple[NormalNode, ...]
    """No disjunction among them, no duplicates."""
    soft: bool
    """Whether a soft operator is inside."""


@dataclass(frozen=True, slots=True)
class Disjunction:
    """What is in any of `operands`; without operands, nothing."""

    key: str
    operands: tuple[NormalNode, ...]

    @property
    def soft(self) -> bool:
        """Whether a soft operator is inside."""
        return False


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands behind an operand of a soft operator; both None is no mark."""

    hits: int | None = None
    """`:optional-hits`."""
    weight: int | None = None
    """`:optional-weight`, in 1/10,000."""

    def quota(self, limit: int) -> int:
        """Return the hits that it grants at the retrieve limit ``limit``, exactly; 0 unmarked.

        >>> Mark(weight=3_333).quota(10)
        3
        """
        return self.hits or 0 if self.weight is None else self.weight * limit // WEIGHT_ONE


NO_MARK: Final = Mark()


@dataclass(frozen=True, slots=True)
class Marked:
    """An operand of a soft operator."""

    node: NormalNode
    mark: Mark
    place: int
    """Of `strong-or`: its place among all its operators' operands in the text, an operand before
    what is inside it. Of `weak-and`: 0."""


@dataclass(frozen=True, slots=True)
class Soft:
    """A `weak-and` with a budget, or a `strong-or` with a share or a soft operator inside."""

    key: str
    operator: str
    """`weak-and` or `strong-or`."""
    operands: tuple[Marked, ...]

    @property
    def soft(self) -> bool:
        """Whether a soft operator is inside."""
        return True


NormalNode: TypeAlias = Operand | Conjunction | Disjunction | Soft

NOTHING: Final = Disjunction("(or)", ())
"""What can match nowhere."""


@dataclass(frozen=True, slots=True)
class Normal:
    """An expression in normal form."""

    root: NormalNode
    silent: tuple[Operand, ...]
    """Positive leaves over lists whose branch can match nowhere. They are still asked for: a photo
    that holds one meets more of the query, whatever let it in."""


def normalise(expr: Expr) -> Normal:
    """Return the normal form of ``expr``, at most 64 levels deep, its soft operators in place.

    Raises
    ------
    BadRequest
        If `extract` stands inside it.
    Unsupported
        If `apply` stands in it: the top aggregator runs that.
    """
    reader = _Reader()
    root = reader.node(expr, numerator=1, factors=0, positive=True)
    return Normal(root, tuple(sorted(reader.silent, key=_key)))


def _key(node: NormalNode) -> str:
    return node.key


def _digest(operator: str, keys: Iterable[str]) -> str:
    """Return the key of a combination: short, whatever is inside."""
    return f"({operator} {blake2b(chr(0).join(keys).encode(), digest_size=12).hexdigest()}"


class _Reader:
    """Walks an expression once, from the root."""

    def __init__(self) -> None:
        self.silent: list[Operand] = []
        self._shares = 0

    def node(self, expr: Expr, *, numerator: int, factors: int, positive: bool) -> NormalNode:
        """Read ``expr`` below a path whose weight is numerator / WEIGHT_ONE ** factors."""
        if expr.weight != WEIGHT_ONE:
            numerator, factors = numerator * expr.weight, factors + 1

        def read(operand: Expr) -> NormalNode:
            return self.node(operand, numerator=numerator, factors=factors, positive=positive)

        match expr:
            case Term() | Prefix() | Ids() | Range() | Nn() | All():
                weight = numerator * WEIGHT_ONE // WEIGHT_ONE**factors if positive else 0
                return _operand(expr, weight, positive)
            case And():
                return self._conjunction([read(operand) for operand in expr.operands], ())
            case Or():
                return _disjunction(read(operand) for operand in expr.operands)
            case Difference(operands=(first, *others)):
                inner = read(first)
                taken = [self.node(o, numerator=0, factors=0, positive=False) for o in others]
                return self._conjunction([inner], taken)
            case WeakAnd() | StrongOr():
                return self._soft(expr, read)
            case Extract():
                raise BadRequest("found extract inside an expression, needed it at its root")
            case Apply():
                raise Unsupported(
                    "operator apply is not run by a shard: the top aggregator runs it in two rounds"
                )
        raise AssertionError(expr)

    def _conjunction(
        self, operands: Sequence[NormalNode], negated: Sequence[NormalNode]
    ) -> NormalNode:
        kept: list[NormalNode] = []
        taken = {node.key: node for node in _alternatives(negated)}
        for operand in operands:
            if isinstance(operand, Conjunction):
                kept += operand.operands
                taken |= {node.key: node for node in operand.negated}
            else:
                kept.append(operand)
        soft = any(node.soft for node in kept)
        nothing = any(node is NOTHING for node in kept) or any(map(_is_all, taken.values()))
        if nothing and not soft:  # shares are reported even where nothing can match
            self._silence(kept)
            return NOTHING
        asked = [node for node in kept if not _is_all(node)] or kept[:1]
        if len(asked) == 1 and not taken:
            return asked[0]
        asked.sort(key=_key)
        without = tuple(taken[key] for key in sorted(taken))
        keys = [*map(_key, asked), "not", *map(_key, without)]
        return Conjunction(_digest("and", keys), tuple(asked), without, soft)

    def _soft(self, expr: WeakAnd | StrongOr, read: Callable[[Expr], NormalNode]) -> NormalNode:
        weak = isinstance(expr, WeakAnd)
        operands = []
        for operand in expr.operands:
            place = 0
            mark = Mark(operand.optional_hits, operand.optional_weight)
            if not weak:
                place = self._shares = self._shares + 1
            elif not (mark.hits or mark.weight):
                mark = NO_MARK  # a budget of none is spent from the start
            operands.append(Marked(read(operand), mark, place))
        if all(operand.mark == NO_MARK for operand in operands):
            if weak:
                return self._conjunction([operand.node for operand in operands], ())
            if not any(operand.node.soft for operand in operands):
                return _disjunction(operand.node for operand in operands)
        if weak:
            nothing = any(o.node is NOTHING and o.mark == NO_MARK for o in operands)
            if nothing and not any(o.node.soft for o in operands):
                self._silence(operand.node for operand in operands)
                return NOTHING
            # Each has a budget of its own, so their order says nothing.
            operands.sort(key=lambda o: (o.node.key, repr(o.mark)))
        keys = [f"{operand.node.key} {operand.mark}" for operand in operands]
        return Soft(_digest(expr.operator, keys), expr.operator, tuple(operands))

    def _silence(self, nodes: Iterable[NormalNode]) -> None:
        """Remember the positive lists of branches that are dropped."""
        for node in nodes:
            if isinstance(node, Operand):
                if isinstance(node.expr, Term | Prefix | Ids):
                    self.silent.append(node)
            elif isinstance(node, Soft):
                self._silence(operand.node for operand in node.operands)
            else:
                self._silence(node.operands)


def _disjunction(operands: Iterable[NormalNode]) -> NormalNode:
    kept = sorted(_alternatives(operands), key=_key)
    if len(kept) == 1:
        return kept[0]
    if not kept:
        return NOTHING
    return Disjunction(_digest("or", map(_key, kept)), tuple(kept))


def _alternatives(nodes: Iterable[NormalNode]) -> Iterator[NormalNode]:
    """Yield ``nodes``, disjunctions among them replaced by what they hold."""
    for node in nodes:
        if isinstance(node, Disjunction):
            yield from node.operands
        else:
            yield node


def _is_all(node: NormalNode) -> bool:
    return isinstance(node, Operand) and isinstance(node.expr, All)


def _operand(expr: LeafExpr, weight: int, positive: bool) -> NormalNode:
    within = None
    weighted = expr.weighted and positive
    match expr:
        case Term(edge=edge, value=value):
            name = f"term {edge}:{value}"
        case Prefix(edge=edge, value=value):
            name = f"prefix {edge}:{value}"
        case Ids(edge=edge, array=array):
            name = f"ids {edge}:{array}"
        case Range(field=field, low=low, high=high):
            if low is not None and high is not None and low >= high:
                return NOTHING
            name, weight, weighted = f"range {field} {low} {high}", 0, False
        case Nn():
            weighted = False
            within = None if expr.within is None else normalise(expr.within)
            inside = "" if within is None else within.root.key
            name = f"nn {expr.space} {expr.code.hex()} {expr.radius} {expr.k} {inside}"
            expr = replace(expr, within=None)
        case All():
            name, weight, weighted = "all", 0, False
    if (
        expr.weight != WEIGHT_ONE
        or expr.weighted != weighted
        or expr.optional_hits is not None
        or expr.optional_weight is not None
    ):
        expr = replace(
            expr, weight=WEIGHT_ONE, weighted=weighted, optional_hits=None, optional_weight=None
        )
    return Operand(f"{name} {weight} {weighted}", expr, weight, positive, within)
