"""The pass over a view: candidates are fetched, visited in DocId order, and fetched again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from indexserver.execution.plan import Plan
from indexserver.execution.plan_tree import NO_GATE
from indexserver.execution.segment_run import Frame
from indexserver.execution.soft._kernels import visit
from indexserver.execution.soft.supply import Supply
from indexserver.execution.soft.tables import (
    ABOVE,
    ALL_SEEN,
    CANCELLED,
    COUNT_HERE,
    HEAD,
    LEFT,
    MATCHED,
    NODE,
    OPEN,
    RUN_COLUMNS,
    TALLIES,
    UNMET,
    USED_UP,
)
from indexserver.execution.soft_plan import COUNT, FIRST, GATE, KIND, WEAK_AND, SoftPlan

__all__ = ["Hits", "Pass", "bits_of"]

_ONE: Final = np.uint64(1)


class Hits:
    """Hits of the whole expression, parallel arrays in DocId order."""

    def __init__(
        self,
        segments: npt.NDArray[np.int32],
        locals_: npt.NDArray[np.uint32],
        shares: npt.NDArray[np.uint64],
        gates: npt.NDArray[np.uint64],
    ) -> None:
        self.segments = segments
        """Position of each one's segment in the view."""
        self.locals = locals_
        self.shares = shares
        """Bit i of a row: the hit is in the operand of share i (`SoftPlan.shares`)."""
        self.gates = gates
        """Bit i of a row: gate i of `Pass.gates`, and those above it, hold the hit."""

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.locals.size)


class Pass:
    """One walk over the candidates of a view; `advance` takes it a step on.

    Parameters
    ----------
    frames : sequence of Frame
        One a segment, of a plan with soft operators.
    limit : int
        The retrieve limit: what budgets and shares are parts of.
    cancel : int
        Address of the cancel flag.
    first : bool
        Whether the first hits in DocId order are wanted. Then the pass ends as soon as `limit` + 1
        hits are found and every share is met, and `hits` are those that may be kept.
    """

    def __init__(
        self, frames: Sequence[Frame], plan: Plan, limit: int, cancel: int, *, first: bool
    ) -> None:
        assert plan.soft is not None
        soft = plan.soft
        granted = soft.quotas(limit)
        self.gates = tuple(sorted(soft.gates))
        """Those that the pass decides, as `Plan.gates` numbers them."""
        self.quotas = tuple(int(granted[place]) for place in soft.shares)
        """Places of each share."""
        self._soft = soft
        self._limit = limit
        self._cancel = cancel
        self._first = first
        self._budgets = _budgets(soft, granted)
        self._marked = np.flatnonzero(self._budgets >= 0)
        self._shares = np.zeros((len(self.quotas), 2), dtype=np.int64)
        self._shares[:, NODE] = soft.operands[list(soft.shares)]
        self._shares[:, LEFT] = self.quotas
        self._gates = _gates(plan, self.gates)
        self._tally = np.zeros(TALLIES, dtype=np.int64)
        self._tally[UNMET] = np.count_nonzero(self._shares[:, LEFT])
        self._runs = np.zeros((len(frames), RUN_COLUMNS), dtype=np.int64)
        self._supplies = [Supply(f, run) for f, run in zip(frames, self._runs, strict=True)]
        self._pieces = [self._room(0)]
        self._why = USED_UP

    def advance(self) -> bool:
        """Visit what one more piece of each segment allows; return whether to go on."""
        for supply in self._supplies:
            if supply.used_up:
                supply.fetch(self._cancel)
        piece = self._room(int((self._runs[:, COUNT_HERE] - self._runs[:, HEAD]).sum()))
        why, written = visit(
            self._runs,
            self._soft.nodes,
            self._soft.operands,
            self._budgets,
            self._marked,
            self._shares,
            self._gates,
            np.empty(len(self._soft.nodes), dtype=np.int64),
            np.empty(len(self._runs), dtype=np.int64),
            np.empty(len(self._runs), dtype=np.uint64),
            self._tally,
            self._limit,
            self._first,
            self._cancel,
            *piece,
        )
        self._pieces.append(tuple(column[:written].copy() for column in piece))
        self._why = int(why)
        return self._why == USED_UP and self.whole

    @property
    def matched(self) -> int:
        """Hits found so far, also those that cannot be kept."""
        return int(self._tally[MATCHED])

    @property
    def exact(self) -> bool:
        """Whether every candidate has been visited."""
        runs = self._runs
        return self._why == ALL_SEEN or bool(
            np.all((runs[:, HEAD] == runs[:, COUNT_HERE]) & (runs[:, OPEN] == 0))
        )

    @property
    def whole(self) -> bool:
        """Whether the time sufficed so far."""
        return self._why != CANCELLED and not any(supply.stopped for supply in self._supplies)

    def hits(self) -> Hits:
        """Return what was found so far, a prefix of the shard's hits."""
        together = [np.concatenate(column) for column in zip(*self._pieces, strict=True)]
        return Hits(*together)

    def _room(self, candidates: int) -> tuple[npt.NDArray[np.generic], ...]:
        """Return columns as those of `Hits`."""
        return (
            np.empty(candidates, dtype=np.int32),
            np.empty(candidates, dtype=np.uint32),
            np.empty((candidates, -(-len(self._shares) // 64)), dtype=np.uint64),
            np.empty((candidates, -(-len(self._gates) // 64)), dtype=np.uint64),
        )


def bits_of(rows: npt.NDArray[np.uint64], number: int) -> npt.NDArray[np.bool_]:
    """Return bit ``number`` of each row, uint64 (n, words)."""
    bits: npt.NDArray[np.uint64] = (rows[:, number >> 6] >> np.uint64(number & 63)) & _ONE
    return bits.astype(np.bool_)


def _budgets(soft: SoftPlan, granted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return what is granted below `weak-and`, -1 elsewhere: shares are no budgets."""
    budgets = np.full(granted.size, -1, dtype=np.int64)
    for node in soft.nodes:
        if node[KIND] == WEAK_AND:
            inside = slice(node[FIRST], node[FIRST] + node[COUNT])
            budgets[inside] = granted[inside]
    return budgets


def _gates(plan: Plan, gates: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return for each of ``gates`` the node that decides it, and the position of the one above."""
    assert plan.soft is not None
    place = {gate: i for i, gate in enumerate(gates)} | {NO_GATE: -1}
    decides = {int(node[GATE]): i for i, node in enumerate(plan.soft.nodes) if node[GATE] >= 0}
    table = np.empty((len(gates), 2), dtype=np.int64)
    for i, gate in enumerate(gates):
        table[i, NODE], table[i, ABOVE] = decides[gate], place[plan.gates[gate]]
    return table
