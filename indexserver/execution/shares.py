"""Shares: what each leaf adds to the scores of one segment's documents.

Multipliers are in units of 1 / `CONCEPT_ONE`. Most have a large common divisor (three tags of
weight 1 have 10,000 each), and scores are compared, added and bounded without it: with three tags
the largest sum is 3 * 65,025, which fits 32 bits, where 3 * 650,250,000 would not be far from
passing them. The exact score is the sum times `scale`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd
from typing import Final, NamedTuple

import numpy as np

from alicorn.documents.hitdata import BYTE_ONE
from alicorn.simd.memory import address_of
from indexserver.execution.plan import Plan
from indexserver.execution.plan_tree import NO_GATE, Leaf, Scoring
from indexserver.execution.program import (
    BY_DISTANCE,
    CONSTANT,
    SQUARED_BYTE,
    STORED,
    SUM,
    Shares,
)
from indexserver.postings.forms import EMPTY, HITS, MAXIMA, SCORED

__all__ = ["NO_SHARES", "ShareTable", "shares_of"]

NO_SHARES: Final[Shares] = np.empty((0, 4), dtype=np.int64)

_UNGATED: Final = -1


class ShareTable(NamedTuple):
    """The shares of a program; names as in `Program`."""

    shares: Shares
    scale: int
    bound_score: int
    gated: tuple[tuple[int, Shares], ...]


def shares_of(
    plan: Plan,
    rows: Sequence[Sequence[int]],
    tops: Mapping[int, int],
    gate_slots: Mapping[int, int],
) -> ShareTable:
    """Return what the leaves of ``plan`` add in a segment where they have ``rows``.

    Parameters
    ----------
    rows : sequence of sequences of int
        Of each leaf its row (`indexserver.postings.forms`).
    tops : mapping
        Of leaves with sums or points a document: the largest there is.
    gate_slots : mapping
        The slot of each gate that the program has; the branches of others are empty here.
    """
    found: dict[int, list[tuple[int, int, int, int]]] = {}
    scale = 0
    bound = 0
    for leaf in plan.leaves:
        if not leaf.counts or rows[leaf.number][0] == EMPTY:
            continue
        decided, slot = _gate(plan, leaf, gate_slots)
        if slot is None:
            continue
        kind, multiplier, most = _share(leaf, rows[leaf.number], tops)
        if most == 0:
            continue
        # Points that are stored or looked up have no common divisor to speak of.
        scale = gcd(scale, 1 if kind in (BY_DISTANCE, STORED) else multiplier)
        bound += most
        found.setdefault(decided, []).append((leaf.number, kind, multiplier, slot))
    if not found:
        return _NONE
    if scale > 1:
        for shares in found.values():
            shares[:] = [(leaf, kind, m // scale, slot) for leaf, kind, m, slot in shares]
    return ShareTable(
        np.array(found.pop(_UNGATED), dtype=np.int64) if _UNGATED in found else NO_SHARES,
        scale,
        bound // scale,
        tuple((gate, np.array(shares, dtype=np.int64)) for gate, shares in found.items()),
    )


_NONE: Final = ShareTable(NO_SHARES, 1, 0, ())


def _gate(plan: Plan, leaf: Leaf, gate_slots: Mapping[int, int]) -> tuple[int, int | None]:
    """Return the gate above ``leaf`` that soft operators decide (or none), and its gate's slot.

    The slot is -1 for a leaf that no gate of the program holds, None for one whose gate is empty.
    """
    gate = leaf.gate
    if gate == NO_GATE:
        return _UNGATED, -1
    decided = frozenset() if plan.soft is None else plan.soft.gates
    slot: int | None = -1
    if gate not in decided:
        slot = gate_slots.get(gate)
        while gate != NO_GATE and gate not in decided:
            gate = plan.gates[gate]
    return gate, slot


def _share(leaf: Leaf, row: Sequence[int], tops: Mapping[int, int]) -> tuple[int, int, int]:
    """Return the kind, the multiplier and the most that ``leaf`` can add."""
    top = tops.get(leaf.number)
    if leaf.scoring is Scoring.DISTANCE:
        if row[0] == SCORED:
            return STORED, 1, top or 0
        assert leaf.points is not None
        return BY_DISTANCE, address_of(leaf.points), int(leaf.points[0])
    unit = leaf.weight if leaf.scoring is Scoring.CONFIDENCE else leaf.weight * BYTE_ONE
    if top is not None and row[MAXIMA]:
        return SUM, unit, unit * top
    if leaf.scoring is Scoring.CONSTANT:
        return CONSTANT, unit, unit
    # Where every byte is 0, nothing is added.
    return SQUARED_BYTE, unit, unit * BYTE_ONE if row[HITS] else 0
