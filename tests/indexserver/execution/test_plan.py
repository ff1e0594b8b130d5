"""What a plan refuses, and how weights multiply along a path."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import BadRequest, Unsupported
from alicorn.query import (
    All,
    And,
    Apply,
    Extract,
    Ids,
    Nn,
    Or,
    Prefix,
    Range,
    Term,
    WeakAnd,
    parse,
)
from indexserver.execution.plan import Scoring, compile_plan
from indexserver.execution.plan_tree import distance_points
from indexserver.execution.soft_plan import ATOM_NODE, KIND, NEEDS_ONE, WEAK_AND

CAT = Term("tag", "cat")


def test_apply_is_refused_by_name():
    """The top aggregator runs it; a shard that did would see a part of the ids only."""
    with pytest.raises(Unsupported, match="operator apply "):
        compile_plan(And((CAT, Apply("author", CAT))))


def test_extract_stands_at_the_root_and_names_a_field():
    """It turns hits into values, so nothing can be combined with it."""
    plan = compile_plan(parse("(extract author: tag:cat)"))

    assert plan.extract == "author"
    assert [leaf.expr for leaf in plan.leaves] == [CAT]
    with pytest.raises(BadRequest, match="at its root"):
        compile_plan(And((CAT, Extract("author", CAT))))
    with pytest.raises(BadRequest, match="known are author"):
        compile_plan(Extract("colour", CAT))


@pytest.mark.parametrize(
    "expr", [CAT, Prefix("tag", "c"), Ids("author", 0), Range("width", 1, 2), All()]
)
def test_served_leaves_compile(expr):
    """Completeness: each leaf that the language has is either served or refused by name."""
    plan = compile_plan(Or((expr,)), [np.array([1], dtype=np.uint64)])

    assert [leaf.expr for leaf in plan.leaves] == [expr]


def test_people_and_words_score_only_with_a_weight_written():
    """`(term author:5)` filters; `(term author:5 :weight 1)` counts 1, however often a word is."""
    plan = compile_plan(
        parse(
            "(or author:5 (term author:6 :weight 1) (term text:sea :weight 2) text:sun "
            "(prefix text:su :weight 2) tag:cat)"
        )
    )

    assert {leaf.expr.value: leaf.scoring for leaf in plan.leaves} == {
        "5": Scoring.NOTHING,
        "6": Scoring.CONSTANT,
        "sea": Scoring.CONSTANT,
        "sun": Scoring.NOTHING,
        "su": Scoring.NOTHING,
        "cat": Scoring.CONFIDENCE,
    }


def test_nearness_is_worth_what_is_left_of_256_bits():
    """1 - distance / 256, times the weight, floored once for each distance."""
    points = distance_points(3)

    assert points.tolist() == [3 * 65_025 * (256 - bits) // 256 for bits in range(257)]
    assert compile_plan(Nn("visual", bytes(32), radius=3)).leaves[0].scoring is Scoring.DISTANCE


def test_the_k_nearest_are_said_beside_the_tree():
    """They are the shard's, not a segment's; what they are found among is a plan of its own."""
    near = Nn("visual", bytes(32), k=5, within=Or((CAT, Term("tag", "dog"))), weight=5_000)
    plan = compile_plan(And((CAT, near)))
    (wanted,) = plan.nearest

    assert (plan.leaves[wanted.leaf].expr.k, wanted.k, wanted.space) == (5, 5, "visual")
    assert wanted.points[0] == 5_000 * 65_025
    assert wanted.within is not None
    assert not any(leaf.counts for leaf in wanted.within.leaves)


def test_a_leaf_counts_behind_the_innermost_and_below_an_or():
    """Chains of gates: `E` counts where its own `and` and the one around that hold."""
    plan = compile_plan(parse("(and tag:a (or tag:b (and tag:c (or tag:d (and tag:e tag:f)))))"))
    gates = {leaf.expr.value: leaf.gate for leaf in plan.leaves}

    assert gates["a"] == gates["b"] == -1
    assert gates["c"] == gates["d"]
    assert gates["e"] == gates["f"]
    assert plan.gates[gates["c"]] == -1
    assert plan.gates[gates["e"]] == gates["c"]


def test_an_and_whose_leaves_do_not_count_is_no_gate():
    """Nobody would ask it."""
    assert compile_plan(parse("(or tag:a (and author:1 author:2))")).gates == ()


def test_soft_operators_leave_a_superset_and_a_skeleton():
    """The superset drops what may be missing; what it implies is no atom."""
    plan = compile_plan(
        parse("(and tag:a (weak-and tag:b (term tag:c :optional-hits 3) (or tag:d tag:e)[0.9]))")
    )
    soft = plan.soft

    assert soft is not None
    assert [leaf.expr.value for leaf in plan.root.operands] == ["a", "b"]
    assert len(soft.atoms) == 2
    assert soft.nodes[:, KIND].tolist() == [ATOM_NODE, ATOM_NODE, WEAK_AND]
    assert soft.nodes[-1, NEEDS_ONE] == 0
    assert sorted(soft.quotas(50).tolist()) == [3, 5]


def test_shares_are_listed_in_the_order_of_the_text():
    """Places are given out in that order, an operand before what is inside it."""
    plan = compile_plan(
        parse(
            "(and (strong-or (term tag:z)[0.1] (strong-or (term tag:y)[0.2] tag:x)[0.3]) "
            "(strong-or (term tag:a)[0.4] (term tag:b)[0]))"
        )
    )

    assert plan.soft is not None
    assert [plan.soft.marks[i].weight for i in plan.soft.shares] == [
        1_000, 3_000, 2_000, 4_000, 0,
    ]  # fmt: skip


def test_a_soft_operator_below_or_is_refused():
    """It constrains the hits of the whole expression, of which an alternative knows nothing."""
    with pytest.raises(BadRequest, match="weak-and below or"):
        compile_plan(Or((CAT, WeakAnd((CAT,)))))


def test_subtrahends_score_nothing_and_are_not_positive():
    """Only what lets a document in may praise it."""
    plan = compile_plan(parse("(difference tag:cat tag:dog)"))

    assert [[[leaf.expr for leaf in way] for way in phrase] for phrase in plan.phrases] == [[[CAT]]]
    assert [leaf.counts for leaf in plan.leaves] == [True, False]


def test_weights_that_could_overflow_are_refused():
    """64 levels of weight 16 would pass int64; a wrapped score would rank the best last."""
    expr = CAT
    for _ in range(16):
        expr = Or((expr,), weight=160_000)

    with pytest.raises(BadRequest, match="use smaller weights"):
        compile_plan(expr)


def test_a_missing_or_unsorted_array_is_refused():
    """Lookups rely on the order; a silent miss would hide photos."""
    with pytest.raises(BadRequest, match="array @1"):
        compile_plan(Ids("author", 1), [np.array([1], dtype=np.uint64)])
    with pytest.raises(BadRequest, match="strictly increasing"):
        compile_plan(Ids("author", 0), [np.array([2, 2], dtype=np.uint64)])


def test_an_unknown_field_of_range_names_the_known_ones():
    """As unknown edge types do."""
    with pytest.raises(BadRequest, match="taken-at"):
        compile_plan(Range("colour", 1, 2))
