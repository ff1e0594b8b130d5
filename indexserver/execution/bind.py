"""Binding: a plan and one segment, to what kernels run.

A bound plan is immutable and may be run by any number of threads, as often as wished, as long as it
is kept. Binding a query of a few terms takes tens of microseconds; it is worth keeping
(`frames.py`) unless it holds much memory or lists that were thawed for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from indexserver.execution.emit import Emitter
from indexserver.execution.neighbours import Neighbours
from indexserver.execution.plan import Plan
from indexserver.execution.plan_tree import PlanNode
from indexserver.execution.program import Program, Shares
from indexserver.execution.rows import Rows, rows_of
from indexserver.execution.shares import NO_SHARES, ShareTable, shares_of
from indexserver.postings.forms import COUNT, FORM
from indexserver.view import SegmentView

__all__ = ["Bound", "bind", "program_for"]

_NO_STEPS: Final[npt.NDArray[np.int32]] = np.empty((0, 4), dtype=np.int32)
_NO_SLOTS: Final[npt.NDArray[np.int32]] = np.empty(0, dtype=np.int32)

_WORTH_KEEPING: Final = 1 << 16
"""Bytes that a kept plan may hold: a thousand of them are 64 MiB."""


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A plan over one segment."""

    plan: Plan
    part: SegmentView
    rows: npt.NDArray[np.int64]
    """Shape (leaves, 8), by leaf number (`indexserver.postings.forms`)."""
    program: Program
    cacheable: bool
    """Whether it is small, and holds no list that was thawed for it."""
    owned: Rows
    """Keeps alive what ``rows`` points at."""

    def program_of(self, node: PlanNode) -> Program:
        """Return a program whose matches are the documents of ``node``, any of the plan's."""
        return program_for(self.plan, self.owned, self.part.segment.documents, node)

    def with_shares(self, shares: Shares) -> Bound:
        """Return the same plan with ``shares`` as what its leaves add (see `Program.gated`)."""
        return replace(self, program=replace(self.program, shares=shares, gated=()))


def bind(
    plan: Plan,
    part: SegmentView,
    nearest: Mapping[int, Neighbours] | None = None,
    check: Callable[[], None] | None = None,
) -> Bound:
    """Return ``plan`` over the segment ``part``.

    Parameters
    ----------
    nearest : mapping, optional
        By leaf number, what each `nn :k` found in this segment.
    check : callable, optional
        Called now and then while many lists are united; may raise.

    Raises
    ------
    CorruptIndex
        If a cold list is damaged.
    """
    rows = rows_of(plan, part, nearest or {}, check)
    return Bound(
        plan,
        part,
        rows.table,
        program_for(plan, rows, part.segment.documents, plan.root, scored=True),
        not rows.thawed and rows.made_bytes <= _WORTH_KEEPING,
        rows,
    )


def program_for(
    plan: Plan, rows: Rows, documents: int, node: PlanNode, *, scored: bool = False
) -> Program:
    """Return the program of ``node`` in a segment of ``documents`` where the leaves have ``rows``.

    With ``scored`` it has shares, too; ``node`` is then the plan's root.
    """
    table = rows.table.tolist()
    emitter = Emitter(plan, [row[FORM] for row in table], [row[COUNT] for row in table], documents)
    emitter.root(node)
    steps = emitter.numbered()
    points = ShareTable(NO_SHARES, 1, 0, ())
    if scored and steps:
        points = shares_of(plan, table, rows.tops, emitter.gates)
    kept = range(emitter.temporary, emitter.slots)
    atoms = _NO_SLOTS
    if plan.soft is not None:
        places = [emitter.atoms.get(i, -1) for i in range(len(plan.soft.atoms))]
        places = [slot - emitter.temporary if slot >= 0 else -1 for slot in places]
        atoms = np.array(places, dtype=np.int32)
    return Program(
        ops=np.array(steps, dtype=np.int32) if steps else _NO_STEPS,
        slots=emitter.slots,
        kept=np.array(list(kept), dtype=np.int32) if kept else _NO_SLOTS,
        driver=emitter.driver,
        shares=points.shares,
        scale=points.scale,
        bound_score=points.bound_score,
        atoms=atoms,
        gated=points.gated,
    )
