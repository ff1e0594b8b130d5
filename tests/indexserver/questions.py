"""Random expressions: every operator with every attribute, each where it may stand.

Three grammars inside one another, as the language has them: `whole` (what a subtrahend may be, no
`nn :k`), `plain` (no soft operator), and `asked` (soft operators in positive places, and `extract`
at the root).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import Phase, settings
from hypothesis import strategies as st

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
    walk,
)

weights = st.sampled_from([0, 1, 3, 5_000, 10_000, 15_001, 160_000])
# Factors of deep paths: all at 16 would be refused for their size.
factors = st.sampled_from([0, 1, 5_000, 10_000, 15_001, 40_000])
shares = st.sampled_from([0, 1, 999, 1_000, 3_333, 5_000, 9_999, 10_000])


def cases(times: int, *, shrunk: bool = True) -> settings:
    """Ask for ``times`` the cases of the profile: 60 are its own in CI, 4,000 in `long`.

    Without ``shrunk`` a failure is shown as it was found, where making it smaller takes minutes.
    """
    phases = [phase for phase in Phase if shrunk or phase not in {Phase.shrink, Phase.explain}]
    return settings(max_examples=times * settings.default.max_examples, phases=phases)


@dataclass(frozen=True)
class Vocabulary:
    """What there is to ask for in one family of worlds."""

    terms: Sequence[tuple[str, str]]
    prefixes: Sequence[tuple[str, str]]
    ids: Sequence[tuple[str, int]]
    """(edge, number of the request's array)."""
    bounds: Sequence[int | None]
    """Ends of ranges."""
    codes: Sequence[bytes]

    @property
    def whole(self) -> st.SearchStrategy[Expr]:
        """Expressions whose result is never partial, and leaves most often."""
        return st.recursive(self._leaves(nearest=None), _plain_combinations, max_leaves=8)

    @property
    def plain(self) -> st.SearchStrategy[Expr]:
        """Expressions without a soft operator."""
        leaves = self._leaves(nearest=self.whole)

        def combined(inner):
            return _plain_combinations(inner, self.whole)

        return st.recursive(leaves, combined, max_leaves=10)

    @property
    def asked(self) -> st.SearchStrategy[Expr]:
        """Everything that a shard can be asked."""
        plain = self.plain
        soft = st.recursive(
            plain, lambda inner: _soft_combinations(inner, self.whole), max_leaves=8
        )
        return st.one_of(soft, soft, soft, st.builds(Extract, st.just("author"), plain))

    def _leaves(self, *, nearest) -> st.SearchStrategy[Expr]:
        """Operands that read the shard; with ``nearest``, what `:within` may hold, `nn :k` too."""
        fields = st.sampled_from(["taken-at", "sort-key", "popularity", "width", "height"])
        bounds = st.sampled_from(list(self.bounds))
        terms = st.sampled_from(list(self.terms))
        shapes = [
            terms.map(lambda t: Term(*t)),
            terms.map(lambda t: Term(*t)),
            st.sampled_from(list(self.prefixes)).map(lambda t: Prefix(*t)),
            st.sampled_from(list(self.ids)).map(lambda t: Ids(*t)),
            st.just(All()),
            st.builds(Range, fields, bounds, bounds),
        ]
        spaces, codes = st.sampled_from(["visual", "joint"]), st.sampled_from(list(self.codes))
        radii = st.sampled_from([0, 1, 3, 12, 100, 128, 255, 256])
        shapes.append(st.builds(lambda s, c, r: Nn(s, c, radius=r), spaces, codes, radii))
        if nearest is not None:
            k = st.sampled_from([1, 2, 5, 40, 5_000])
            inner = st.none() | nearest
            shapes.append(
                st.builds(lambda s, c, k, e: Nn(s, c, k=k, within=e), spaces, codes, k, inner)
            )
        return st.builds(_weighted, st.one_of(shapes), st.none() | weights)


def _weighted(expr: Expr, weight: int | None) -> Expr:
    return expr if weight is None else replace(expr, weight=weight, weighted=True)


def _plain_combinations(inner, subtrahend=None):
    several = st.lists(inner, min_size=1, max_size=4).map(tuple)
    taken = st.lists(inner if subtrahend is None else subtrahend, min_size=1, max_size=3)
    weight = st.none() | factors
    return st.one_of(
        st.builds(lambda o, w: _weighted(And(o), w), several, weight),
        st.builds(lambda o, w: _weighted(Or(o), w), several, weight),
        st.builds(lambda e, t, w: _weighted(Difference((e, *t)), w), inner, taken, weight),
    )


def _soft_combinations(inner, subtrahend):
    hits = st.sampled_from([0, 1, 2, 7, 1_000])
    optional = st.one_of(
        inner,
        st.builds(lambda e, n: replace(e, optional_hits=n), inner, hits),
        st.builds(lambda e, f: replace(e, optional_weight=f), inner, shares),
    )
    shared = st.one_of(inner, st.builds(lambda e, f: replace(e, optional_weight=f), inner, shares))
    taken = st.lists(subtrahend, min_size=1, max_size=2)
    weight = st.none() | factors

    def several(one):
        return st.lists(one, min_size=1, max_size=4).map(tuple)

    return st.one_of(
        st.builds(lambda o, w: _weighted(WeakAnd(o), w), several(optional), weight),
        st.builds(lambda o, w: _weighted(StrongOr(o), w), several(shared), weight),
        st.builds(lambda o, w: _weighted(And(o), w), several(inner), weight),
        st.builds(lambda e, t, w: _weighted(Difference((e, *t)), w), inner, taken, weight),
    )


def reordered(expr: Expr, rng: random.Random) -> Expr:
    """Return ``expr`` with operands in another order wherever their order says nothing.

    The first operand of `difference` stays, and what `strong-or` stands in: shares are met in the
    order of the text.
    """
    match expr:
        case Difference(operands=operands):
            first = 1
        case And() | Or() | WeakAnd() | StrongOr():
            operands = expr.operands
            ordered = isinstance(expr, StrongOr) and any(map(_marked, walk(expr)))
            ordered |= sum(_holds_strong_or(o) for o in operands) > 1
            first = len(operands) if ordered else 0
        case Nn(within=within) if within is not None:
            return replace(expr, within=reordered(within, rng))
        case Extract(inner=inner):
            return replace(expr, inner=reordered(inner, rng))
        case _:
            return expr
    moved = rng.sample(operands[first:], len(operands) - first)
    return replace(expr, operands=tuple(reordered(o, rng) for o in (*operands[:first], *moved)))


def _marked(expr: Expr) -> bool:
    return expr.optional_weight is not None or expr.optional_hits is not None


def _holds_strong_or(expr: Expr) -> bool:
    return any(isinstance(node, StrongOr) for node in walk(expr))
