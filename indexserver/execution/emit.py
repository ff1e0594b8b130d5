"""Emission: the steps of a program, from a plan's tree and what its leaves are in one segment.

`measure` walks the tree once: which branches are empty here, which hold everything, what the others
cost to read, and so in which order their operands stand. `emit` walks it again and writes steps.
Slots of temporary sets are numbered by depth, so a program needs as many as its tree is deep.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from indexserver.execution.plan import Plan
from indexserver.execution.plan_tree import NO_GATE, Combination, Leaf, PlanNode
from indexserver.execution.program import (
    AND,
    AND_SLOT,
    ANDNOT,
    ANDNOT_SLOT,
    CLEAR_BITMAP,
    IF_EMPTY,
    LOAD,
    LOAD_BITMAP,
    OR,
    OR_SLOT,
)
from indexserver.postings.forms import ALL, BITMAP, EMPTY, NEAR, RANGE

__all__ = ["Emitter", "Measured"]

NOTHING: Final = 0
SOME: Final = 1
EVERYTHING: Final = 2

_COMPUTED: Final = {ALL: 1, RANGE: 2, NEAR: 8}
"""Forms without a list, and what a document costs in hits of one: a value is looked up in about the
time of two, a code compared in that of eight."""


class Measured(NamedTuple):
    """What a node is in one segment."""

    state: int
    """`NOTHING`, `SOME` or `EVERYTHING`; the last only where nothing inside is kept."""
    cost: int
    """Hits to read, about."""
    operands: tuple[PlanNode, ...] = ()
    """Of a combination: those that are not empty, in the order of their steps."""
    negated: tuple[PlanNode, ...] = ()


class Emitter:
    """Writes the steps of one program.

    Parameters
    ----------
    forms, counts : sequence of int
        Of each leaf: columns FORM and COUNT of its row.
    """

    def __init__(
        self, plan: Plan, forms: Sequence[int], counts: Sequence[int], documents: int
    ) -> None:
        self._plan = plan
        self._forms = forms
        self._counts = counts
        self._documents = documents
        self._measured: list[Measured | None] = [None] * plan.combinations
        self.steps: list[list[int]] = []
        self.temporary = 1
        """Slots for sets that are read by the program alone; slot 0 is the result."""
        self.kept = 0
        """Slots that are read after it, behind the temporary ones: -1, -2 ... until `numbered`."""
        self.gates: dict[int, int] = {}
        """Slot of each gate."""
        self.atoms: dict[int, int] = {}
        """Slot of each atom."""
        self.driver = -1
        self._ors = 0
        self._ands_below_or = 0
        self._certain: set[int] = set()
        """Atoms that are worked out wherever the root has hits: not in an `and` below an `or`,
        which may end before them, or not be there at all."""

    # What a node is

    def measure(self, node: PlanNode) -> Measured:
        """Return what ``node`` is here."""
        if isinstance(node, Leaf):
            form = self._forms[node.number]
            if form == EMPTY:
                return _EMPTY
            if form not in _COMPUTED:
                return Measured(SOME, self._counts[node.number])
            if form == ALL:
                return Measured(EVERYTHING, self._documents)
            return Measured(SOME, _COMPUTED[form] * self._documents)
        found = self._measured[node.number]
        if found is None:
            found = self._measure_and(node) if node.kind == "and" else self._measure_or(node)
            self._measured[node.number] = found
        return found

    def _measure_and(self, node: Combination) -> Measured:
        operands: list[tuple[bool, int, PlanNode]] = []
        everything = None
        for operand in node.operands:
            state, cost, *_ = self.measure(operand)
            if state == NOTHING:
                return _EMPTY
            if state == EVERYTHING:
                everything = operand
            else:
                alone = self._alone(operand)
                operands.append((not self._is_list(alone), cost, alone))
        negated: list[tuple[bool, int, PlanNode]] = []
        for operand in node.negated:
            state, cost, *_ = self.measure(operand)
            if state == EVERYTHING:
                return _EMPTY
            if state == SOME:
                alone = self._alone(operand)
                # The longest list is the likeliest to leave nothing.
                is_list = self._is_list(alone)
                negated.append((not is_list, -cost if is_list else cost, alone))
        if not operands:
            assert everything is not None
            if not negated and not node.keeps:
                return Measured(EVERYTHING, self._documents, (everything,))
            operands.append((False, self._documents, everything))
        if len(operands) > 1:
            first = min(range(len(operands)), key=lambda i: operands[i][1])
            head = operands.pop(first)
            operands.sort(key=_order)
            operands.insert(0, head)
        negated.sort(key=_order)
        cost = operands[0][1]
        cost += sum(c for computed, c, _ in (*operands[1:], *negated) if computed)
        return Measured(SOME, cost, tuple(o for *_, o in operands), tuple(o for *_, o in negated))

    def _measure_or(self, node: Combination) -> Measured:
        lists: list[tuple[int, PlanNode]] = []
        others: list[tuple[int, PlanNode]] = []
        cost = 0
        for operand in node.operands:
            measured = self.measure(operand)
            if measured.state == NOTHING:
                continue
            if measured.state == EVERYTHING:
                # Only what is kept inside the others is still of interest.
                inside = [o for o in node.operands if isinstance(o, Combination) and o.keeps]
                inside = [o for o in inside if self.measure(o).state != NOTHING]
                state = SOME if node.keeps else EVERYTHING
                return Measured(state, self._documents, (operand, *inside))
            cost += measured.cost
            alone = self._alone(operand)
            (lists if isinstance(alone, Leaf) else others).append((measured.cost, alone))
        if not lists and not others:
            return _EMPTY
        # The longest list is the likeliest to be a bitmap already, which is then copied.
        lists.sort(key=lambda one: -one[0])
        return Measured(SOME, cost, tuple(o for _, o in (*lists, *others)))

    def _alone(self, node: PlanNode) -> PlanNode:
        """Return what ``node`` comes down to here: itself, or the one operand that is left."""
        while type(node) is Combination and node.gate < 0 and node.atom < 0:
            measured = self.measure(node)
            if len(measured.operands) != 1 or measured.negated:
                break
            node = measured.operands[0]
        return node

    def _is_list(self, node: PlanNode) -> bool:
        return isinstance(node, Leaf) and self._forms[node.number] not in _COMPUTED

    # Steps

    def root(self, node: PlanNode) -> None:
        """Write the steps that leave the documents of ``node`` in slot 0."""
        if self.measure(node).state == NOTHING:
            return
        node, whole = self._alone(node), node
        self.driver = self._driver(node)
        slot, exits = self._emit(node, 0, 1)
        self._land(exits)
        if slot != 0:
            self._step(CLEAR_BITMAP, 0)
            self._step(OR_SLOT, 0, slot)
        soft = self._plan.soft
        if soft is not None and whole is self._plan.root:
            exits = []
            for atom in soft.atoms:
                if atom.atom not in self._certain and self.measure(atom).state != NOTHING:
                    exits.append(self._step(IF_EMPTY, 0))
                    _, inner = self._emit(atom, 1, 1)
                    self._land(inner)
            self._land(exits)

    @property
    def slots(self) -> int:
        """Slots of the program."""
        return self.temporary + self.kept

    def numbered(self) -> list[list[int]]:
        """Return the steps with the final numbers of slots, and settle those of gates and atoms."""
        if self.kept:
            for step in self.steps:
                step[1] = self._final(step[1])
                if step[0] in _ON_SLOTS:
                    step[2] = self._final(step[2])
            self.gates = {gate: self._final(slot) for gate, slot in self.gates.items()}
            self.atoms = {atom: self._final(slot) for atom, slot in self.atoms.items()}
        return self.steps

    def _final(self, slot: int) -> int:
        return slot if slot >= 0 else self.temporary - 1 - slot

    def _driver(self, node: PlanNode) -> int:
        """Return the shortest list without whose hits ``node`` has none, or -1."""
        operands: Sequence[PlanNode] = (node,)
        if isinstance(node, Combination):
            operands = self.measure(node).operands
            if node.kind == "or":
                return -1
        lists = [o.number for o in operands if isinstance(o, Leaf) and self._is_walked(o)]
        return min(lists, key=self._counts.__getitem__, default=-1)

    def _is_walked(self, leaf: Leaf) -> bool:
        form = self._forms[leaf.number]
        return form not in _COMPUTED and form != BITMAP

    def _step(self, code: int, slot: int, argument: int = 0) -> int:
        self.steps.append([code, slot, argument, 0])
        return len(self.steps) - 1

    def _land(self, exits: Sequence[int]) -> None:
        """Make ``exits`` jump to the next step."""
        for step in exits:
            self.steps[step][3] = len(self.steps)

    def _slot(self, node: Combination, own: int, free: int) -> tuple[int, int]:
        """Return the slot of ``node`` and the first free one, given a slot that it may use."""
        if node.gate < 0 and node.atom < 0:
            self.temporary = max(self.temporary, own + 1)
            return own, free
        self.kept += 1
        if node.gate >= 0:
            self.gates[node.gate] = -self.kept
        if node.atom >= 0:
            self.atoms[node.atom] = -self.kept
        return -self.kept, own if own > 0 else free

    def _emit(self, node: PlanNode, own: int, free: int) -> tuple[int, list[int]]:
        """Write the steps of ``node``; return its slot and the exits to land behind its use.

        ``own`` is a slot that it may leave its documents in, ``free`` the first of those beyond.
        """
        if isinstance(node, Leaf):
            self.temporary = max(self.temporary, own + 1)
            self._step(LOAD, own, node.number)
            return own, []
        measured = self.measure(node)
        own, free = self._slot(node, own, free)
        if node.atom >= 0 and not self._ands_below_or:
            self._certain.add(node.atom)
        if node.kind == "and":
            below = self._ors > 0
            self._ands_below_or += below
            exits = self._emit_and(node, measured, own, free)
            self._ands_below_or -= below
            return own, exits
        self._ors += 1
        self._emit_or(measured, own, free)
        self._ors -= 1
        return own, []

    def _emit_and(self, node: Combination, measured: Measured, own: int, free: int) -> list[int]:
        exits: list[int] = []
        for i, operand in enumerate(measured.operands):
            if i == 0:
                slot, inner = self._emit(operand, own, free)
                self._land(inner)
                if slot != own:
                    self._step(CLEAR_BITMAP, own)
                    self._step(OR_SLOT, own, slot)
                continue
            if i > 1 or not self._drives(measured.operands[0], own):
                exits.append(self._step(IF_EMPTY, own))
            if isinstance(operand, Leaf):
                self._step(AND, own, operand.number)
            else:
                slot, inner = self._emit(operand, free, free + 1)
                self._land(inner)
                self._step(AND_SLOT, own, slot)
        for i, operand in enumerate(measured.negated):
            if i > 0 or len(measured.operands) > 1 or not self._drives(measured.operands[0], own):
                exits.append(self._step(IF_EMPTY, own))
            if isinstance(operand, Leaf):
                self._step(ANDNOT, own, operand.number)
            else:
                slot, inner = self._emit(operand, free, free + 1)
                self._step(ANDNOT_SLOT, own, slot)
                self._land(inner)
        return self._cut_gates(node, exits)

    def _drives(self, first: PlanNode, own: int) -> bool:
        """Whether ``first``, just loaded, cannot be empty: its empty windows are skipped."""
        return own == 0 and isinstance(first, Leaf) and first.number == self.driver

    def _cut_gates(self, node: Combination, exits: list[int]) -> list[int]:
        """Behind an outermost gate, cut the gates inside it down to those above them."""
        soft = self._plan.soft
        decided = frozenset() if soft is None else soft.gates
        gates = self._plan.gates
        if node.gate < 0 or not (gates[node.gate] == NO_GATE or gates[node.gate] in decided):
            return exits
        cut = {node.gate}
        inside = []
        for gate in range(node.gate + 1, len(gates)):
            if gates[gate] < node.gate:
                break  # those inside stand right behind it
            if gates[gate] in cut and gate in self.gates:
                cut.add(gate)
                inside.append(gate)
        if not inside:
            return exits
        self._land(exits)
        for gate in inside:
            self._step(AND_SLOT, self.gates[gate], self.gates[gates[gate]])
        return []

    def _emit_or(self, measured: Measured, own: int, free: int) -> None:
        first, *others = measured.operands
        if isinstance(first, Leaf):
            self._step(LOAD_BITMAP, own, first.number)
        else:
            self._step(CLEAR_BITMAP, own)
            others = [first, *others]
        for operand in others:
            if isinstance(operand, Leaf):
                self._step(OR, own, operand.number)
            else:
                slot, inner = self._emit(operand, free, free + 1)
                self._step(OR_SLOT, own, slot)
                self._land(inner)


_EMPTY: Final = Measured(NOTHING, 0)

_ON_SLOTS: Final = frozenset({AND_SLOT, ANDNOT_SLOT, OR_SLOT})


def _order(operand: tuple[bool, int, PlanNode]) -> tuple[bool, int]:
    """Sort key: lists first, then by cost."""
    return operand[0], operand[1]
