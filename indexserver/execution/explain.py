"""What a plan does on views: each node with what was expected of it and what it took.

    and                       estimated 120  found 110  windows 3   14.2 us
      tag:dog                           300        290          3    6.1 us
      or                                800        790          4    9.9 us
        ...
      not tag:cat                       100        100          4    5.0 us

Every node is run by itself, so what it found, the windows that it visited and its time are those of
everything inside it, and not what the fused run of the whole spends on it: there a list is not even
touched in a window where the operands before it have nothing in common. Time is the best of some
runs after a first one that is not counted. Segments and shards are added up.

Soft operators depend on the order of hits, so of them the tree is that of their candidates: what
may be missing and what only shares ask for stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Final, NamedTuple

from alicorn.query import Expr, print_expression
from indexserver.execution.bind import Bound
from indexserver.execution.deadline import NO_DEADLINE
from indexserver.execution.describe import Described, describe
from indexserver.execution.frames import frames_of
from indexserver.execution.nearest import resolve_nearest
from indexserver.execution.plan import Plan, compile_plan
from indexserver.execution.plan_tree import Combination, IdArray, Leaf, PlanNode
from indexserver.execution.retrieve import Order, retrieve
from indexserver.execution.segment_run import frame_of
from indexserver.postings.forms import WINDOW
from indexserver.view import View

__all__ = ["Explained", "ExplainedNode", "explain"]

_RUNS: Final = 3
_CANCEL: Final = NO_DEADLINE.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedNode:
    """One operand, over all segments."""

    label: str
    """`and`, `or`, or a leaf as text, without its weight."""
    role: str
    """Empty for an operand; `not` for a subtrahend; `within` for what `nn :k` looks among;
    `beside` for what only soft operators ask for."""
    weight: int | None
    """Of a leaf that scores: product of the weights on its path, in 1/10,000."""
    estimated: int
    """Documents that were expected, dead ones included."""
    found: int
    """Live documents in it."""
    windows: int
    """Windows visited for it."""
    time_us: float
    operands: tuple[ExplainedNode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A plan, run."""

    expression: str
    """Canonical text."""
    order: Order
    limit: int
    segments: int
    documents: int
    """Live ones."""
    windows: int
    """Windows of all segments."""
    soft: bool
    """Whether soft operators choose among what the tree finds."""
    matched: int
    """Documents that matched; a lower bound unless ``exact``."""
    exact: bool
    time_us: float
    """Of the whole retrieval, scores included."""
    roots: tuple[ExplainedNode, ...]
    """The tree, then what stands beside it; empty if there is no segment."""


class _Place(NamedTuple):
    """A node of the plan in one segment."""

    bound: Bound
    described: Described


def explain(
    views: Sequence[View],
    expr: Expr,
    id_arrays: Sequence[IdArray] = (),
    *,
    order: Order = Order.CONCEPT,
    limit: int = 1_000,
) -> Explained:
    """Run ``expr`` over the shards ``views``, as a whole and node by node.

    Parameters
    ----------
    limit : int
        Of one shard, at least 1.

    Raises
    ------
    BadRequest
        If the expression cannot be served as it is.
    Unsupported
        If an operator is not run by shards.
    """
    plan = compile_plan(expr, id_arrays)
    answers = [retrieve(view, plan, order=order, limit=limit) for view in views]
    again = [partial(retrieve, view, plan, order=order, limit=limit) for view in views]
    parts = [part for view in views for part in view.segments]
    return Explained(
        expression=print_expression(expr),
        order=order,
        limit=limit,
        segments=len(parts),
        documents=sum(part.live_documents for part in parts),
        windows=sum(-(-part.segment.documents // WINDOW) for part in parts),
        soft=plan.soft is not None,
        matched=sum(answer.matched for answer in answers),
        exact=all(answer.exact for answer in answers),
        time_us=sum(map(_best_us, again)),
        roots=_roots(views, plan),
    )


def _roots(views: Sequence[View], plan: Plan, role: str = "") -> tuple[ExplainedNode, ...]:
    bounds = [bound for view in views for bound in _bounds(view, plan)]
    if not bounds:
        return ()
    # Operands stand as the largest segment reads them.
    bounds.sort(key=lambda bound: -bound.part.segment.documents)
    within = {nearest.leaf: nearest.within for nearest in plan.nearest}

    def node(places: Sequence[_Place], role: str) -> ExplainedNode:
        first = places[0].described
        if len(first.operands) == 1 and not first.negated:
            return node(_same(places, first.operands[0]), role)
        inside = [
            *((operand, "") for operand in first.operands),
            *((operand, "not") for operand in first.negated),
        ]
        operands = [node(_same(places, operand), name) for operand, name in inside]
        among = within.get(first.node.number) if isinstance(first.node, Leaf) else None
        if among is not None:
            operands.extend(_roots(views, among, "within"))
        return _measured(places, role, tuple(operands))

    tree = node([_Place(bound, describe(bound)) for bound in bounds], role)
    beside = [
        node([_Place(bound, describe(bound, e)) for bound in bounds], "beside")
        for e in _beside(plan)
    ]
    return (tree, *beside)


def _bounds(view: View, plan: Plan) -> list[Bound]:
    nearest = resolve_nearest(view, plan, NO_DEADLINE, _CANCEL)
    return [frame.bound for frame in frames_of(view, plan, nearest, NO_DEADLINE)]


def _beside(plan: Plan) -> list[Combination]:
    """Return the atoms of soft operators that the tree does not hold."""
    if plan.soft is None:
        return []
    inside: list[PlanNode] = [plan.root]
    for node in inside:
        if isinstance(node, Combination):
            inside.extend((*node.operands, *node.negated))
    return [atom for atom in plan.soft.atoms if not any(atom is node for node in inside)]


def _same(places: Iterable[_Place], wanted: Described) -> list[_Place]:
    """Return where the operand ``wanted`` is in each segment, whose order may differ."""
    return [
        _Place(bound, next(o for o in (*d.operands, *d.negated) if o.node is wanted.node))
        for bound, d in places
    ]


def _measured(
    places: Sequence[_Place], role: str, operands: tuple[ExplainedNode, ...]
) -> ExplainedNode:
    found = windows = 0
    time_us = 0.0
    for bound, described in places:
        frame = frame_of(replace(bound, program=bound.program_of(described.node)))
        if not frame.windows:
            continue  # empty in this segment
        count, _ = frame.count(_CANCEL.address)
        found += count
        windows += frame.visited
        time_us += _best_us(partial(frame.count, _CANCEL.address))
    first = places[0].described
    return ExplainedNode(
        label=first.label,
        role=role,
        weight=first.weight,
        estimated=sum(described.estimated for _, described in places),
        found=found,
        windows=windows,
        time_us=time_us,
        operands=operands,
    )


def _best_us(run: Callable[[], object]) -> float:
    """Return how long ``run`` takes, in microseconds: the best of some, caches warm."""
    best = float("inf")
    for _ in range(_RUNS):
        start = perf_counter()
        run()
        best = min(best, perf_counter() - start)
    return best * 1e6
