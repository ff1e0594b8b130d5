"""Programs against the oracle, by an interpreter that runs them over sets of a whole shard.

No kernel and no segment takes part: what a leaf holds comes from the oracle, so a failure here is
one of normal form, plan, gates or emission.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.query import All, Ids, Nn, Prefix, Range, parse
from indexserver.execution import program as steps
from indexserver.execution.bind import program_for
from indexserver.execution.plan import compile_plan
from indexserver.execution.plan_tree import Leaf
from indexserver.execution.rows import Rows
from indexserver.execution.soft_plan import AND, ATOM_NODE, STRONG_OR, WEAK_AND
from indexserver.postings import forms

oracle = sys.modules["indexserver_tests_oracle"]


class Interpreter:
    """A plan over a shelf: every position is a document of one large segment."""

    def __init__(self, plan, shelf, arrays):
        self.plan, self.shelf = plan, shelf
        self.points = [_points(plan, leaf, shelf, arrays) for leaf in plan.leaves]
        """Of each leaf: position -> what the document scores there."""
        table = np.zeros((len(plan.leaves), 8), dtype=np.int64)
        self.rows = Rows(table)
        for leaf in plan.leaves:
            table[leaf.number] = _row(leaf, self.points[leaf.number], len(shelf.documents))
            self.rows.tops[leaf.number] = 1 << 30
        self.visited = []
        """Steps that were run."""

    def program(self, node=None, *, scored=True):
        node = self.plan.root if node is None else node
        return program_for(self.plan, self.rows, len(self.shelf.documents), node, scored=scored)

    def run(self, program):
        """Return the set in each slot after the program."""
        slots = [set() for _ in range(program.slots)]
        bitmaps = set()
        self.visited = []
        at = 0
        while at < len(program.ops):
            code, slot, argument, target = program.ops[at].tolist()
            self.visited.append(at)
            if code < steps.AND_SLOT:
                given_ = set(self.points[argument])
            elif code in (steps.AND_SLOT, steps.ANDNOT_SLOT, steps.OR_SLOT):
                given_ = slots[argument]
            if code in (steps.OR, steps.OR_SLOT):
                assert slot in bitmaps
            if code in (steps.LOAD, steps.LOAD_BITMAP):
                slots[slot] = given_
            elif code in (steps.AND, steps.AND_SLOT):
                slots[slot] = slots[slot] & given_
            elif code in (steps.ANDNOT, steps.ANDNOT_SLOT):
                slots[slot] = slots[slot] - given_
            elif code in (steps.OR, steps.OR_SLOT):
                slots[slot] = slots[slot] | given_
            elif code in (steps.CLEAR, steps.CLEAR_BITMAP):
                slots[slot] = set()
            elif code == steps.IF_EMPTY:
                assert target > at
                if not slots[slot]:
                    at = target
                    continue
            (bitmaps.add if code in (1, 4, 7, 10) else bitmaps.discard)(slot)
            at += 1
        return slots

    def hits(self, node=None):
        program = self.program(node, scored=False)
        return self.run(program)[0] if len(program.ops) else set()

    def score(self, shares, slots, position):
        total = 0
        for number, _, _, gate in shares.tolist():
            if gate < 0 or position in slots[gate]:
                total += self.points[number].get(position, 0)
        return total

    def of(self, node):
        """Return the documents of ``node`` by the definition of its operators."""
        if isinstance(node, Leaf):
            return set(self.points[node.number])
        sets = [self.of(operand) for operand in node.operands]
        if node.kind == "or":
            return set().union(*sets)
        return set.intersection(*sets).difference(*(self.of(n) for n in node.negated))


def _points(plan, leaf, shelf, arrays):
    """Position -> points of a leaf, 0 where it does not count."""
    for nearest in plan.nearest:
        if nearest.leaf == leaf.number:
            codes = shelf.codes[nearest.space]
            wanted = int.from_bytes(nearest.code, "big")
            within = codes.keys()
            if nearest.within is not None:
                within &= Interpreter(nearest.within, shelf, arrays).hits()
            ranked = sorted(((codes[p] ^ wanted).bit_count(), p) for p in within)
            return {p: int(nearest.points[bits]) for bits, p in ranked[: nearest.k]}
    found = oracle._leaf(leaf.expr, shelf, arrays, 1, leaf.weight)
    return found if leaf.counts else dict.fromkeys(found, 0)


def _row(leaf, points, documents):
    form = forms.SHORT if points else forms.EMPTY
    match leaf.expr:
        case All():
            form = forms.ALL
        case Range():
            form = forms.RANGE
        case Nn(radius=None) if points:
            form = forms.SCORED
        case Nn():
            form = forms.NEAR
        case Prefix() | Ids() if points:
            form = forms.BITMAP
    count = len(points) if form in (forms.SHORT, forms.SCORED, forms.BITMAP) else documents
    return [form, count, 1, 1, 1, int(leaf.ids is not None), 4, 0]


def answer(found, *, static, limit):
    """Run a plan, its sequential pass included; return what the oracle's `answer` does."""
    program = found.program()
    slots = found.run(program) if len(program.ops) else [set()]
    points, shares = {}, []
    soft = found.plan.soft
    if soft is None:
        for position in slots[0]:
            points[position] = found.score(program.shares, slots, position)
    else:
        points, shares = _visit(found, program, slots, soft, limit)
    ranked = sorted(points) if static else sorted(points, key=lambda p: (-points[p], p))
    kept, unmet = oracle._kept(ranked, shares, limit)
    hits = [(found.shelf.documents[p].id, points[p]) for p in ranked if p in kept]
    cuts = ("retrieve-limit",) if len(ranked) > limit else ()
    return oracle.Answer(hits, len(ranked), cuts, unmet)


def _visit(found, program, slots, soft, limit):
    quotas = soft.quotas(limit).tolist()
    budgets = list(quotas)
    shares = {i: (quotas[i], set()) for i in soft.shares}
    points = {}
    for position in sorted(slots[0]):
        inside, gates = _nodes_of(soft, program, slots, position, budgets)
        if not inside[-1]:
            continue
        points[position] = found.score(program.shares, slots, position)
        for gate, of_gate in program.gated:
            above = gate
            while above >= 0 and gates[above]:
                above = found.plan.gates[above]
            if above < 0:
                points[position] += found.score(of_gate, slots, position)
        for kind, first, count, *_ in soft.nodes.tolist():
            for i in range(first, first + count):
                held = inside[soft.operands[i]]
                if kind == WEAK_AND and budgets[i] > 0 and not held:
                    budgets[i] -= 1
                elif i in shares and held:
                    shares[i][1].add(position)
    return points, [shares[i] for i in soft.shares]


def _nodes_of(soft, program, slots, position, budgets):
    """Which nodes of the skeleton hold the document, and which gates that they decide."""
    inside, gates = [], {}
    for kind, first, count, needs_one, atom, gate in soft.nodes.tolist():
        held = [inside[node] for node in soft.operands[first : first + count]]
        if kind == ATOM_NODE:
            kept = program.atoms[atom]
            inside.append(kept >= 0 and position in slots[program.kept[kept]])
        elif kind == AND:
            inside.append(all(held))
        elif kind == STRONG_OR:
            inside.append(any(held))
        else:
            needed = (h or budgets[first + i] > 0 for i, h in enumerate(held))
            inside.append(all(needed) and (any(held) or not needs_one))
        if gate >= 0:
            gates[gate] = inside[-1]
    return inside, gates


@pytest.fixture(scope="module")
def everything(worlds):
    """Give expressions with every operator."""
    return worlds.asked


@pytest.mark.timeout(7_200)
def test_any_program_over_sets_agrees_with_the_oracle(worlds, questions, everything):
    """Normal form, weights, gates, short cuts, superset and skeleton change nothing: PS-03."""

    @questions.cases(4)
    @given(data=st.data())
    def agrees(data):
        shelf = worlds.numbered(data.draw(worlds.numbers)).shelf
        expr = data.draw(everything)
        limit = data.draw(st.sampled_from([1, 2, 7, 50, 1_000]))
        static = data.draw(st.booleans())
        plan = compile_plan(expr, worlds.ID_ARRAYS)
        if plan.extract is not None:
            expr = expr.inner

        expected = oracle.answer(shelf, expr, static=static, limit=limit, arrays=worlds.ID_ARRAYS)

        found = Interpreter(plan, shelf, worlds.ID_ARRAYS)
        assert expected == answer(found, static=static, limit=limit)

    agrees()


@pytest.mark.timeout(7_200)
def test_the_program_of_any_node_finds_the_documents_of_the_node(worlds, questions, everything):
    """What `explain` counts beside a node is that node's, wherever it stands."""

    @questions.cases(2)
    @given(data=st.data())
    def agrees(data):
        shelf = worlds.numbered(data.draw(worlds.numbers)).shelf
        plan = compile_plan(data.draw(everything), worlds.ID_ARRAYS)
        found = Interpreter(plan, shelf, worlds.ID_ARRAYS)
        pending = [plan.root]
        while pending:
            node = pending.pop()
            if not isinstance(node, Leaf):
                pending += (*node.operands, *node.negated)

            assert found.of(node) == found.hits(node)

    agrees()


def program_of(text, counts, documents=100_000):
    """Return the program of ``text`` where the terms have ``counts``, and the plan."""
    plan = compile_plan(parse(text))
    rows = Rows(np.zeros((len(plan.leaves), 8), dtype=np.int64))
    for leaf in plan.leaves:
        count = counts.get(getattr(leaf.expr, "value", None), documents)
        form = {All: forms.ALL, Range: forms.RANGE}.get(type(leaf.expr), forms.DENSE)
        rows.table[leaf.number] = [form if count else forms.EMPTY, count, 1, 1, 1, 1, 0, 0]
    return program_for(plan, rows, documents, plan.root, scored=True), plan


def written(program, plan):
    """Return the steps as text."""
    names = {leaf.number: getattr(leaf.expr, "value", leaf.expr.operator) for leaf in plan.leaves}
    lines = []
    for code, slot, argument, target in program.ops.tolist():
        name = next(n for n, v in vars(steps).items() if v == code and n in _CODES and n.isupper())
        with_ = names[argument] if code <= steps.OR else argument
        lines.append(
            f"{name} {slot}"
            + (f" {with_}" if code <= steps.OR_SLOT else "")
            + (f" to {target}" if code == steps.IF_EMPTY else "")
        )
    return lines


_CODES = (
    "LOAD", "LOAD_BITMAP", "AND", "ANDNOT", "OR", "AND_SLOT", "ANDNOT_SLOT", "OR_SLOT", "IF_EMPTY",
    "CLEAR", "CLEAR_BITMAP",
)  # fmt: skip


def test_the_rarest_operand_drives_and_an_or_waits_until_it_is_needed():
    """An `or` of ten terms is not read where the operands before it have nothing in common."""
    program, plan = program_of(
        "(and (or tag:a tag:b) tag:often tag:rare)", {"rare": 9, "often": 900, "a": 50, "b": 70}
    )

    assert written(program, plan) == [
        "LOAD 0 rare",
        "AND 0 often",
        "IF_EMPTY 0 to 6",
        "LOAD_BITMAP 1 b",
        "OR 1 a",
        "AND_SLOT 0 1",
    ]
    assert plan.leaves[program.driver].expr.value == "rare"


def test_subtrahends_come_last_and_ranges_behind_lists():
    """What is dear is asked of what is left."""
    program, plan = program_of(
        "(difference (and (range width 1 2) tag:a tag:b) tag:c (and tag:d tag:e))",
        {"a": 500, "b": 90, "c": 70, "d": 5, "e": 6},
    )

    assert written(program, plan) == [
        "LOAD 0 b",
        "AND 0 a",
        "IF_EMPTY 0 to 11",
        "AND 0 range",
        "IF_EMPTY 0 to 11",
        "ANDNOT 0 c",
        "IF_EMPTY 0 to 11",
        "LOAD 1 d",
        "IF_EMPTY 1 to 11",
        "AND 1 e",
        "ANDNOT_SLOT 0 1",
    ]


def test_what_is_empty_in_a_segment_drops_its_branch():
    """A segment in which a required term is unknown costs nothing at all."""
    nothing, _ = program_of("(and tag:a (or tag:b tag:c))", {"a": 5, "b": 0, "c": 0})
    one, plan = program_of("(and tag:a (or tag:b tag:c))", {"a": 5, "b": 0, "c": 9})
    whole, same = program_of("(difference tag:a tag:b)", {"a": 5, "b": 0})

    assert len(nothing.ops) == 0
    assert written(one, plan) == ["LOAD 0 a", "AND 0 c"]
    assert written(whole, same) == ["LOAD 0 a"]


def test_an_or_with_everything_reads_nothing_else_but_still_scores():
    """`(or all tag:dog)` is every document, and dogs score."""
    program, plan = program_of("(and tag:a (or (all) tag:dog))", {"a": 5, "dog": 50})

    assert written(program, plan) == ["LOAD 0 a"]
    assert {plan.leaves[share[0]].expr.value for share in program.shares} == {"a", "dog"}


def test_an_and_below_an_or_is_a_gate_for_its_leaves():
    """In `(or (and A B) C)` a document with A and C scores C alone."""
    program, plan = program_of("(or (and tag:a tag:b) tag:c)", {"a": 5, "b": 6, "c": 7})
    gates = {plan.leaves[leaf].expr.value: gate for leaf, _, _, gate in program.shares.tolist()}

    assert program.kept.tolist() == [gates["a"]]
    assert gates == {"a": gates["a"], "b": gates["a"], "c": -1}


def test_multipliers_lose_their_common_divisor():
    """Three tags of weight 1 fit 32 bits; a document's exact score is the sum times the scale."""
    same, _ = program_of("(or tag:a tag:b tag:c)", {})
    half, _ = program_of("(or tag:a (term tag:b :weight 0.5))", {})
    wide, _ = program_of("(or (term tag:a :weight 0.0001) (term tag:b :weight 16))", {})

    assert (same.scale, same.bound_score, same.wide) == (10_000, 3 * 65_025, False)
    assert sorted(half.shares[:, 2].tolist()) == [1, 2]
    assert (half.scale, half.bound_score) == (5_000, 3 * 65_025)
    assert (wide.scale, wide.bound_score, wide.wide) == (1, 160_001 * 65_025, True)


def test_a_program_needs_few_slots():
    """Slots are the first cache's: as many as the tree is deep, and one a gate."""
    program, _ = program_of(
        "(and tag:r (or tag:a tag:b) (or tag:c tag:d) (or tag:e (and author:1 author:2)))", {}
    )

    assert program.slots == 3
    assert program.kept.size == 0


def test_gates_inside_gates_are_cut_down_to_the_outer_one():
    """`E` and `F` count only where `C` holds as well, whatever was found first."""
    program, plan = program_of(
        "(or tag:a (and tag:c (or tag:d (and tag:e tag:f))) (and tag:g tag:h))", {}
    )
    cuts = [step for step in program.ops.tolist() if step[0] == steps.AND_SLOT]
    gates = {plan.leaves[leaf].expr.value: gate for leaf, _, _, gate in program.shares.tolist()}

    assert [gates["e"], gates["c"]] in [step[1:3] for step in cuts]
    assert len(program.kept) == 3


def test_ten_thousand_operands_are_planned_in_good_time():
    """The most that a request may ask: no step of planning may be quadratic."""
    text = " ".join(f"(and tag:a{i} tag:b{i})" for i in range(3_000))
    began = time.process_time()
    program, _ = program_of(f"(or {text})", {})

    assert program.kept.size == 3_000
    assert time.process_time() - began < 10
