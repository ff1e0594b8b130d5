"""A bound plan as a tree to print: what each node is and how many documents it probably has.

An estimate takes operands to be independent: of 1,000 documents, two lists of 500 and 100 hits have
50 in common and 550 together. Lists know their length; a range or a radius is tried on up to 1,024
documents spread evenly over the segment. What a node really has is counted by running its program
(`Bound.program_of`). Operands stand in the order in which the program reads them; branches that are
empty in this segment are there, too, with 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Final

import numpy as np

from alicorn.documents.model import UNKNOWN_TIME
from alicorn.query import Nn, Range, print_expression
from indexserver.execution.bind import Bound
from indexserver.execution.emit import Emitter
from indexserver.execution.plan_tree import Leaf, PlanNode
from indexserver.postings.columns import RANGE_FIELDS
from indexserver.postings.forms import COUNT, EXTRA, FORM, HITS, NEAR, RANGE
from indexserver.view import SegmentView

__all__ = ["Described", "describe"]

_SAMPLE: Final = 1_024


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """One node of a bound plan."""

    label: str
    """`and`, `or`, or the leaf as text, without its weight."""
    node: PlanNode
    """For `Bound.program_of`."""
    estimated: int
    """Documents, dead ones included."""
    cost: int
    """Hits to read, about."""
    weight: int | None
    """Of a leaf that can score: in 1/10,000."""
    operands: tuple[Described, ...] = ()
    negated: tuple[Described, ...] = ()
    """Subtrahends."""


def describe(bound: Bound, node: PlanNode | None = None) -> Described:
    """Return the tree of ``bound``; of soft operators, of the superset that is run.

    With ``node``, any of the plan's, what is below that one.
    """
    table = bound.rows.tolist()
    documents = bound.part.segment.documents
    emitter = Emitter(
        bound.plan, [row[FORM] for row in table], [row[COUNT] for row in table], documents
    )
    return _describe(bound, emitter, bound.plan.root if node is None else node)


def _describe(bound: Bound, emitter: Emitter, node: PlanNode) -> Described:
    cost = emitter.measure(node).cost
    documents = bound.part.segment.documents
    if isinstance(node, Leaf):
        weight = node.weight if node.counts else None
        label = print_expression(replace(node.expr, weighted=False))
        return Described(label, node, _of_leaf(bound, node), cost, weight)
    first = emitter.measure(node).operands
    order = {id(operand): place for place, operand in enumerate(first)}
    operands = tuple(
        _describe(bound, emitter, o)
        for o in sorted(node.operands, key=lambda o: order.get(id(o), len(order)))
    )
    negated = tuple(_describe(bound, emitter, operand) for operand in node.negated)
    if not documents:
        estimated = 0.0
    elif node.kind == "and":
        shares = [o.estimated / documents for o in operands]
        estimated = documents * prod([*shares, *(1 - n.estimated / documents for n in negated)])
    else:
        estimated = documents * (1 - prod(1 - o.estimated / documents for o in operands))
    return Described(node.kind, node, round(estimated), cost, None, operands, negated)


def _of_leaf(bound: Bound, leaf: Leaf) -> int:
    row = bound.rows[leaf.number]
    documents = bound.part.segment.documents
    if row[FORM] not in (RANGE, NEAR) or not documents:
        return int(row[COUNT])
    sample = np.arange(0, documents, max(documents // _SAMPLE, 1))
    if isinstance(leaf.expr, Range):
        inside = _in_range(bound.part, leaf.expr, sample)
    else:
        assert isinstance(leaf.expr, Nn)
        columns = bound.part.segment.columns
        code = np.frombuffer(leaf.expr.code, dtype=np.uint8)
        bits = np.unpackbits(columns[leaf.expr.space][sample] ^ code, axis=1)
        inside = int(np.count_nonzero(
            (bits.sum(axis=1, dtype=np.int64) <= row[EXTRA])
            & ((columns["flags"][sample] & row[HITS]) != 0)
        ))  # fmt: skip
    return round(documents * inside / sample.size)


def _in_range(part: SegmentView, expr: Range, sample: np.ndarray) -> int:
    values = part.segment.columns[RANGE_FIELDS[expr.field]][sample].astype(np.int64)
    inside = values != UNKNOWN_TIME
    if expr.low is not None:
        inside &= values >= expr.low
    if expr.high is not None:
        inside &= values < expr.high
    return int(np.count_nonzero(inside))
