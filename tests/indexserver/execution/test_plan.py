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
    StrongOr,
    Term,
    WeakAnd,
    parse,
)
from indexserver.execution.plan import Scoring, compile_plan

CAT = Term("tag", "cat")


@pytest.mark.parametrize(
    ("name", "expr"),
    [
        ("weak-and", WeakAnd((CAT,))),
        ("strong-or", StrongOr((CAT,))),
        ("apply", Apply("author", CAT)),
        ("extract", Extract("author", CAT)),
        ("nn", Nn("visual", bytes(32), radius=3)),
    ],
)
def test_operators_that_are_not_served_are_named(name, expr):
    """The caller learns which operator to leave out, wherever it stands."""
    with pytest.raises(Unsupported, match=f"operator {name} "):
        compile_plan(And((CAT, expr)))


@pytest.mark.parametrize(
    "expr", [CAT, Prefix("tag", "c"), Ids("author", 0), Range("width", 1, 2), All()]
)
def test_served_leaves_compile(expr):
    """Completeness: each leaf that the language has is either served or refused by name."""
    plan = compile_plan(Or((expr,)), [np.array([1], dtype=np.uint64)])

    assert [leaf.expr for leaf in plan.leaves] == [expr]


def test_the_weights_on_a_path_multiply_exactly_and_are_floored_once():
    """0.5 * 0.0003 is 1.5 in 1/10,000: floored to 1, and to 3 once a 2 stands above it."""
    one = compile_plan(parse("(or (term tag:cat :weight 0.0003) :weight 0.5)"))
    two = compile_plan(parse("(or (or (term tag:cat :weight 0.0003) :weight 0.5) :weight 2)"))

    assert [leaf.weight for leaf in one.leaves] == [1]
    assert [leaf.weight for leaf in two.leaves] == [3]


def test_an_edge_without_hitdata_scores_only_with_a_weight_written():
    """`(term author:5)` filters; `(term author:5 :weight 1)` counts 1."""
    plan = compile_plan(
        parse("(or author:5 (term author:5 :weight 1) (term text:sea :weight 2) tag:cat)")
    )

    assert [leaf.scoring for leaf in plan.leaves] == [
        Scoring.NOTHING,
        Scoring.CONSTANT,
        Scoring.NOTHING,
        Scoring.CONFIDENCE,
    ]


def test_subtrahends_score_nothing_and_are_not_positive():
    """Only what lets a document in may praise it."""
    plan = compile_plan(parse("(difference tag:cat tag:dog)"))

    assert [leaf.expr for leaf in plan.asked_leaves] == [CAT]
    assert plan.leaves[1].scoring is Scoring.NOTHING


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
