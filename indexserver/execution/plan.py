"""Plans: an expression checked for this shard, in normal form, with what each leaf is worth.

`leaves.py` says what a leaf is worth, `plan_tree.py` how leaves combine. A plan knows no segment:
`bind.py` makes a program of it for each. Three things are not one segment's affair and are said
beside the tree: the k nearest of `nn :k` (`Plan.nearest`), which are the
shard's; soft operators (`Plan.soft`), which are met in the shard's order; and `extract`
(`Plan.extract`), which turns hits into the values of a field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, TypeGuard

import numpy as np
import numpy.typing as npt

from alicorn.errors import BadRequest
from alicorn.query import All, Expr, Extract, Ids, Nn, Prefix, Term, asked_phrases, check_placement
from indexserver.execution.leaves import MAX_SCORE, LeafReader
from indexserver.execution.normalise import (
    NO_MARK,
    Conjunction,
    Disjunction,
    Mark,
    Normal,
    NormalNode,
    Operand,
    Soft,
    normalise,
)
from indexserver.execution.plan_tree import (
    NO_GATE,
    Combination,
    IdArray,
    Leaf,
    PlanNode,
    Scoring,
    distance_points,
)
from indexserver.execution.soft_plan import AND, ATOM_NODE, STRONG_OR, WEAK_AND, SoftPlan

__all__ = [
    "EXTRACT_FIELDS",
    "MAX_SCORE",
    "Combination",
    "Leaf",
    "Nearest",
    "Plan",
    "PlanNode",
    "Scoring",
    "compile_plan",
]

EXTRACT_FIELDS: Final = {"author": "authors"}
"""Fields of `extract`, and the column of each."""

_ALL: Final = Operand("all", All(), 0, True)


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """An `nn :k`: found on the whole shard first, then a leaf like others."""

    leaf: int
    """Number of the leaf."""
    space: str
    code: bytes
    k: int
    within: Plan | None
    """Among whose hits; None for all live documents."""
    points: npt.NDArray[np.int64]
    """What a hit at each distance adds to the score (`distance_points`); zeros where the leaf
    does not count."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What the executor runs."""

    root: PlanNode
    """With soft operators, a superset of the hits."""
    leaves: tuple[Leaf, ...]
    """In the order of the normal form; the last ones may stand in no tree (`Normal.silent`)."""
    gates: tuple[int, ...]
    """Of each gate the one above it, or `NO_GATE`; a gate stands behind the one above it."""
    combinations: int
    """How many there are."""
    phrases: tuple[tuple[tuple[Leaf, ...], ...], ...] = ()
    """What is looked for (`alicorn.query.asked`): phrases, the ways to meet each, and the tags and
    words of each way. The other leaves are conditions on whose photo it is, and when."""
    nearest: tuple[Nearest, ...] = ()
    soft: SoftPlan | None = None
    extract: str | None = None
    """Field whose values are the answer instead of the hits; they score 0."""

    @property
    def of_one_request(self) -> bool:
        """Whether it holds ids that a request brought: no other asks for the same plan."""
        return any(leaf.ids is not None for leaf in self.leaves)

    @property
    def superset(self) -> PlanNode:
        """A tree whose hits include those of the plan; without soft operators, the plan's own."""
        return self.root


def compile_plan(
    expr: Expr, id_arrays: Sequence[IdArray] = (), *, vertical: str = "photos"
) -> Plan:
    """Return the plan of ``expr``.

    Parameters
    ----------
    expr : Expr
    id_arrays : sequence of uint64 arrays
        What `ids` refers to; each strictly increasing.
    vertical : str
        Whose edge types say what HitData means.

    Raises
    ------
    Unsupported
        If `apply` stands in it, which is not run by a shard.
    BadRequest
        If an operand stands where it may not, an array or field is unknown, an array is not
        increasing, or weights are too large.
    """
    check_placement(expr)
    field = None
    if isinstance(expr, Extract):
        field, expr = expr.field, expr.inner
        if field not in EXTRACT_FIELDS:
            known = ", ".join(sorted(EXTRACT_FIELDS))
            raise BadRequest(f"unknown field '{field}' of extract; known are {known}")
    plan = _Compiler(id_arrays, vertical).plan(normalise(expr))
    return replace(plan, extract=field, phrases=_phrases(expr, plan.leaves))


class _Compiler:
    """Walks a normal form once, numbers the leaves and finds the gates."""

    def __init__(self, id_arrays: Sequence[IdArray], vertical: str, *, scores: bool = True) -> None:
        self._id_arrays = id_arrays
        self._vertical = vertical
        self._leaves = LeafReader(id_arrays, vertical, scores=scores)
        self._withins: list[tuple[int, Normal | None]] = []
        self._gates: list[int] = []
        self._combinations = 0
        self._atoms: list[Combination] = []
        self._nodes: list[tuple[int, ...]] = []
        self._operands: list[tuple[int, Mark, int]] = []

    def plan(self, normal: Normal) -> Plan:
        """Return the plan of ``normal``."""
        root, skeleton = self._soft(normal.root, NO_GATE, implied=True)
        for operand in normal.silent:
            self._leaves.read(operand, NO_GATE, silent=True)
        self._leaves.check_bound()
        return Plan(
            root,
            tuple(self._leaves.leaves),
            tuple(self._gates),
            self._combinations,
            nearest=tuple(self._nearest(number, within) for number, within in self._withins),
            soft=None if skeleton < 0 else self._skeleton(root),
        )

    # What is without soft operators

    def _hard(self, node: NormalNode, gate: int, *, implied: bool) -> PlanNode:
        """Plan ``node``, which counts where ``gate`` holds; ``implied`` if every match holds it."""
        match node:
            case Operand():
                leaf = self._leaves.read(node, gate)
                if isinstance(leaf.expr, Nn) and leaf.expr.k is not None:
                    self._withins.append((leaf.number, node.within))
                return leaf
            case Disjunction():
                operands = tuple(self._hard(o, gate, implied=False) for o in node.operands)
                return self._combination("or", operands)
            case Conjunction():
                own, counting = self._open_gate(gate, implied)
                operands = tuple(self._hard(o, own, implied=implied) for o in node.operands)
                negated = tuple(self._hard(o, NO_GATE, implied=True) for o in node.negated)
                own = NO_GATE if implied else self._close_gate(own, counting)
                return self._combination("and", operands, negated, gate=own)
        raise AssertionError(node)

    def _open_gate(self, above: int, implied: bool) -> tuple[int, int]:
        """Return the gate of what is inside an `and`, and how many leaves count so far."""
        if implied:
            return above, self._leaves.counting
        self._gates.append(above)
        return len(self._gates) - 1, self._leaves.counting

    def _close_gate(self, gate: int, counting: int) -> int:
        """Return ``gate``, or none if no leaf inside counts: then nothing asks for it."""
        if self._leaves.counting > counting:
            return gate
        del self._gates[gate:]
        return NO_GATE

    def _combination(
        self,
        kind: Literal["and", "or"],
        operands: tuple[PlanNode, ...],
        negated: tuple[PlanNode, ...] = (),
        *,
        gate: int = NO_GATE,
    ) -> Combination:
        inside = (*operands, *negated)
        keeps = gate >= 0 or any(isinstance(o, Combination) and o.keeps for o in inside)
        self._combinations += 1
        return Combination(self._combinations - 1, kind, operands, negated, gate, keeps=keeps)

    # Soft operators

    def _soft(self, node: NormalNode, gate: int, *, implied: bool) -> tuple[PlanNode, int]:
        """Return a superset of ``node`` and its number in the skeleton.

        The number is -1 if the superset is exact and every candidate is in it.
        """
        if not node.soft:
            if implied:
                return self._hard(node, gate, implied=True), -1
            return self._atom(node, gate)
        if isinstance(node, Conjunction):
            return self._required(node.operands, node.negated, (), gate, implied)
        assert isinstance(node, Soft)
        if node.operator == "weak-and":
            required = [o.node for o in node.operands if o.mark == NO_MARK]
            marked = [o for o in node.operands if o.mark != NO_MARK]
            return self._required(required, (), [(o.node, o.mark) for o in marked], gate, implied)
        pieces, found = [], []
        for operand in node.operands:
            piece, number = self._soft(operand.node, gate, implied=False)
            pieces.append(piece)
            found.append((number, operand.mark, operand.place))
        return self._joined("or", pieces), self._node(STRONG_OR, found)

    def _required(
        self,
        required: Sequence[NormalNode],
        negated: tuple[NormalNode, ...],
        marked: Sequence[tuple[NormalNode, Mark]],
        gate: int,
        implied: bool,
    ) -> tuple[PlanNode, int]:
        """Plan an `and` with soft operators inside, or a `weak-and` with ``marked`` operands."""
        own, counting = self._open_gate(gate, implied)
        pieces, found = [], []
        hard = tuple(node for node in required if not node.soft)
        if negated or len(hard) > 1:
            hard = (Conjunction("", hard or (_ALL,), negated, soft=False),)
        for node in (*hard, *(node for node in required if node.soft)):
            piece, number = self._soft(node, own, implied=implied)
            pieces.append(piece)
            if number >= 0:
                found.append((number, NO_MARK, 0))
        optional = []
        for node, mark in marked:
            piece, number = self._soft(node, own, implied=False)
            optional.append(piece)
            found.append((number, mark, 0))
        own = NO_GATE if implied else self._close_gate(own, counting)
        superset = self._joined("and", pieces) if pieces else self._joined("or", optional)
        if len(found) == 1 and not marked:
            return superset, found[0][0]
        kind = WEAK_AND if marked else AND
        return superset, self._node(kind, found, needs_one=not required, gate=own)

    def _joined(self, kind: Literal["and", "or"], pieces: Sequence[PlanNode]) -> PlanNode:
        """Combine supersets, those of the same kind flattened."""
        operands: list[PlanNode] = []
        negated: list[PlanNode] = []
        for piece in pieces:
            if _dissolves(piece, kind):
                operands += piece.operands
                negated += piece.negated
            else:
                operands.append(piece)
        if len(operands) == 1 and not negated:
            return operands[0]
        return self._combination(kind, tuple(operands), tuple(negated))

    def _atom(self, node: NormalNode, gate: int) -> tuple[PlanNode, int]:
        inner = self._hard(node, gate, implied=False)
        if isinstance(inner, Leaf):
            inner = self._combination("and", (inner,))
        atom = replace(inner, atom=len(self._atoms), keeps=True)
        self._atoms.append(atom)
        self._nodes.append((ATOM_NODE, len(self._operands), 0, 0, atom.atom, NO_GATE))
        return atom, len(self._nodes) - 1

    def _node(
        self,
        kind: int,
        operands: Sequence[tuple[int, Mark, int]],
        *,
        needs_one: bool = False,
        gate: int = NO_GATE,
    ) -> int:
        first = len(self._operands)
        self._operands += operands
        self._nodes.append((kind, first, len(operands), int(needs_one), -1, gate))
        return len(self._nodes) - 1

    def _skeleton(self, superset: PlanNode) -> SoftPlan:
        inside = _atoms_in(superset)
        shares = [i for i, (_, mark, at) in enumerate(self._operands) if at and mark != NO_MARK]
        return SoftPlan(
            tuple(self._atoms),
            tuple(atom for atom in self._atoms if atom.atom not in inside),
            np.array(self._nodes, dtype=np.int64),
            np.array([number for number, _, _ in self._operands], dtype=np.int64),
            tuple(mark for _, mark, _ in self._operands),
            tuple(sorted(shares, key=lambda i: self._operands[i][2])),
            frozenset(gate for *_, gate in self._nodes if gate >= 0),
        )

    def _nearest(self, number: int, within: Normal | None) -> Nearest:
        leaf = self._leaves.leaves[number]
        assert isinstance(leaf.expr, Nn)
        assert leaf.expr.k is not None
        inner = None
        if within is not None:
            inner = _Compiler(self._id_arrays, self._vertical, scores=False).plan(within)
        points = distance_points(leaf.weight if leaf.counts else 0)
        return Nearest(number, leaf.expr.space, leaf.expr.code, leaf.expr.k, inner, points)


_LeafKey: TypeAlias = tuple[type[Expr], str, str | int, int, bool]


def _phrases(expr: Expr, leaves: Sequence[Leaf]) -> tuple[tuple[tuple[Leaf, ...], ...], ...]:
    """Return what ``expr`` looks for, in ``leaves``; equal leaves read equal lists."""
    known = {
        _key(leaf.expr, leaf.weight): leaf
        for leaf in leaves
        if leaf.positive and isinstance(leaf.expr, Term | Prefix | Ids)
    }
    return tuple(
        tuple(tuple(known[_key(one.expr, one.weight)] for one in way) for way in phrase)
        for phrase in asked_phrases(expr)
    )


def _key(expr: Term | Prefix | Ids, weight: int) -> _LeafKey:
    value = expr.array if isinstance(expr, Ids) else expr.value
    return type(expr), expr.edge, value, weight, expr.weighted


def _dissolves(piece: PlanNode, kind: str) -> TypeGuard[Combination]:
    """Whether the operands of ``piece`` may stand directly below its like."""
    if isinstance(piece, Leaf) or not piece.operands:
        return False
    return piece.kind == kind and piece.gate < 0 and piece.atom < 0


def _atoms_in(node: PlanNode) -> set[int]:
    """Return the numbers of the atoms in the tree at ``node``."""
    if isinstance(node, Leaf):
        return set()
    found = {node.atom} if node.atom >= 0 else set()
    return found.union(*(_atoms_in(o) for o in (*node.operands, *node.negated)))
