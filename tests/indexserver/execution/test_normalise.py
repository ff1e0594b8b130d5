"""One normal form for all the ways of saying the same thing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import BadRequest, Unsupported
from alicorn.query import And, Extract, Term, parse
from indexserver.execution.normalise import NOTHING, Mark, Soft, normalise


def root(text):
    return normalise(parse(text)).root


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(and tag:b (and tag:a (or tag:c)) (all))", "(and tag:a tag:b tag:c)"),
        ("(or tag:b (or tag:a (and tag:c)))", "(or tag:a tag:b tag:c)"),
        ("(difference (difference tag:a tag:b) tag:c)", "(difference tag:a tag:c tag:b)"),
        ("(and (difference tag:a tag:b) tag:c)", "(difference (and tag:c tag:a) tag:b)"),
        ("(difference tag:a (or tag:b tag:c) tag:b)", "(difference tag:a tag:b tag:c)"),
        ("(difference tag:a (term tag:b :weight 3))", "(difference tag:a tag:b)"),
        ("(weak-and tag:a tag:b)", "(and tag:a tag:b)"),
        ("(weak-and tag:a (term tag:b :optional-hits 0))", "(and tag:a tag:b)"),
        ("(weak-and tag:a (term tag:b :optional-weight 0))", "(and tag:a tag:b)"),
        ("(strong-or tag:a tag:b)", "(or tag:a tag:b)"),
        ("(or tag:a (range width 5 2))", "tag:a"),
        ("(or tag:a (difference tag:b (all)))", "tag:a"),
        ("(and (all) (all))", "(all)"),
        (
            "(and (or (term tag:a :weight 1) (term tag:b :weight 1) :weight 2) tag:c)",
            "(and tag:c (or (term tag:a :weight 2) (term tag:b :weight 2)))",
        ),
    ],
)
def test_ways_of_saying_the_same_have_one_form(one, other):
    """So that a cached plan serves them all, and no way of writing is slower than another."""
    assert root(one) == root(other)


@pytest.mark.parametrize(
    "text",
    ["(range width 5 2)", "(and tag:a (range width 2 2))", "(difference tag:a (all))"],
)
def test_what_can_match_nowhere_is_nothing(text):
    """No segment is asked in vain."""
    assert root(text) is NOTHING


def test_the_lists_of_a_dropped_branch_are_still_asked_for():
    """Features count how much of the query a photo meets, whatever let it in."""
    normal = normalise(parse("(or tag:a (and tag:c tag:b (range width 5 2)))"))

    assert [operand.expr.value for operand in normal.silent] == ["b", "c"]


def test_duplicates_stay():
    """An operand that is there twice scores twice."""
    assert len(root("(and tag:a tag:a)").operands) == 2


def test_an_or_with_everything_keeps_its_operands():
    """They score where they stand, though they no longer decide who matches."""
    assert len(root("(or (all) tag:a)").operands) == 2


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("(or (term tag:cat :weight 0.0003) :weight 0.5)", 1),
        ("(or (or (term tag:cat :weight 0.0003) :weight 0.5) :weight 2)", 3),
        ("(or (or (or (term tag:cat :weight 0.0001) :weight 0.1) :weight 16) :weight 16)", 25),
        ("(or (term tag:cat :weight 0) :weight 16)", 0),
    ],
)
def test_the_weights_on_a_path_multiply_exactly_and_are_floored_once(text, weight):
    """Nesting is grammar, not meaning: it may not change a score."""
    assert root(text).weight == weight


def test_marks_and_the_order_of_shares_stay():
    """Budgets belong to operands; shares are met in the order of the text."""
    weak = root("(weak-and tag:b (term tag:a :optional-hits 3) (term tag:c :optional-weight 0.3))")
    strong = root("(strong-or (term tag:b :optional-weight 0.5) (term tag:a :optional-weight 0))")

    assert isinstance(weak, Soft)
    assert {o.node.expr.value: o.mark for o in weak.operands} == {
        "a": Mark(hits=3),
        "b": Mark(),
        "c": Mark(weight=3_000),
    }
    assert [o.node.expr.value for o in strong.operands] == ["b", "a"]
    assert [o.mark.weight for o in strong.operands] == [5_000, 0]


def test_a_quota_is_floored_exactly():
    """0.3 * 10 is 3, which floating point would make 2."""
    assert Mark(weight=3_000).quota(10) == 3
    assert Mark(weight=9_999).quota(5_000) == 4_999
    assert Mark(hits=7).quota(1) == 7


@given(data=st.data())
def test_another_order_of_operands_gives_the_same_form(worlds, questions, data):
    """Reordering may change neither the answer nor which cached plan is found."""
    expr = data.draw(worlds.asked)
    inner = expr.inner if isinstance(expr, Extract) else expr
    again = questions.reordered(inner, random.Random(data.draw(st.integers(0, 99))))

    assert normalise(inner) == normalise(again)


def test_operators_that_stand_elsewhere_are_refused_by_name():
    """`apply` takes two rounds, `extract` is no set of documents."""
    with pytest.raises(Unsupported, match="operator apply is not run by a shard"):
        normalise(parse("(and tag:a (apply author: tag:b))"))
    with pytest.raises(BadRequest, match="extract inside"):
        normalise(And((Term("tag", "a"), Extract("author", Term("tag", "b")))))
