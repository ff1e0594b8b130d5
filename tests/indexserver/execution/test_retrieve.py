"""Every operator, both orders, limits and flags, against sets and lists."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import DeadlineSpent
from alicorn.query import And, Difference, Or, Term, parse
from indexserver.execution.deadline import Deadline
from indexserver.execution.matches import Matches, exclude, intersect
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order, retrieve
from indexserver.merge import merge
from indexserver.postings.segment import Segment
from indexserver.view import SegmentView, View


def run(view, expr, arrays, *, static, limit):
    found = retrieve(
        view,
        compile_plan(expr, arrays),
        order=Order.STATIC if static else Order.CONCEPT,
        limit=limit,
    )
    hits = found.candidates
    pairs = list(zip(hits.ids.tolist(), hits.concept_scores.tolist(), strict=True))
    return pairs, found.matched, found.cuts


@given(data=st.data())
def test_any_expression_over_any_view_agrees_with_the_oracle(oracle, worlds, data):
    """Ids, order, exact scores, counts and flags: PS-03, PS-18, DB-01.

    Whatever the segments, the dead in them and the edges that changed since.
    """
    world = worlds.world(data.draw(worlds.seeds), data.draw(worlds.sizes))
    expr = data.draw(worlds.expressions)
    limit = data.draw(st.sampled_from([1, 2, 7, 50, 1_000]))
    static = data.draw(st.booleans())

    expected = oracle.search(world, expr, static=static, limit=limit, arrays=worlds.ID_ARRAYS)

    assert expected == run(worlds.view(world), expr, worlds.ID_ARRAYS, static=static, limit=limit)


@given(data=st.data())
def test_merging_segments_changes_no_hit(oracle, worlds, data):
    """How documents lie in segments is the shard's own affair.

    A merge, also with changed edges and dead documents, gives the same hits, scores and flags.
    """
    world = worlds.world(data.draw(worlds.seeds), data.draw(worlds.sizes))
    expr = data.draw(worlds.expressions)
    static = data.draw(st.booleans())
    view = worlds.view(world)
    whole = View((SegmentView(Segment.read(merge(view.segments), "whole")),))

    expected = run(view, expr, worlds.ID_ARRAYS, static=static, limit=9)

    assert expected == run(whole, expr, worlds.ID_ARRAYS, static=static, limit=9)


@given(data=st.data())
def test_the_order_of_operands_changes_nothing(worlds, data):
    """Scores are integers in one unit, so no plan can give another sum."""
    view = worlds.view(worlds.world(data.draw(worlds.seeds), [30, 30]))
    operands = data.draw(st.lists(worlds.expressions, min_size=2, max_size=4))
    kind = data.draw(st.sampled_from([And, Or]))
    shuffled = data.draw(st.permutations(operands))

    expected = run(view, kind(tuple(operands)), worlds.ID_ARRAYS, static=False, limit=20)

    assert expected == run(view, kind(tuple(shuffled)), worlds.ID_ARRAYS, static=False, limit=20)


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "(or tag:cat tag:dog tag:bear)",
        "(and (or tag:cat tag:dog) (or text:sea text:sand) (term author:2 :weight 2))",
        "(difference (all) tag:cat (ids tagged: @1))",
        "(or (ids tagged: @1 :weight 0.5) (prefix tag:be))",
    ],
)
def test_large_segments_take_the_dense_paths_and_agree(oracle, worlds, text, static):
    """Unions of long lists go through dense rows: the same answer as through sorting."""
    world = worlds.world(7, [1_500, 3, 700])
    view, expr = worlds.view(world), parse(text)

    expected = oracle.search(world, expr, static=static, limit=100, arrays=worlds.ID_ARRAYS)

    assert expected == run(view, expr, worlds.ID_ARRAYS, static=static, limit=100)


def test_nesting_rounds_weights_once(worlds):
    """2 * 0.5 * 0.0003 is 0.0003: rounding at each level would make flattening visible."""
    view = worlds.view(worlds.world(1, [40]))
    nested = parse("(or (or (term tag:cat :weight 0.0003) :weight 0.5) :weight 2)")
    flat = parse("(term tag:cat :weight 0.0003)")

    assert run(view, flat, (), static=False, limit=9) == run(
        view, nested, (), static=False, limit=9
    )


class Clock:
    """Moves by one second each time it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def limited(view, text, seconds):
    plan = compile_plan(parse(text))
    return retrieve(
        view, plan, order=Order.CONCEPT, limit=10_000, deadline=Deadline(seconds, Clock())
    )


def test_a_deadline_in_the_middle_keeps_whole_segments_and_says_so(oracle, worlds):
    """What was found in time is worth having, if the answer says it is partial."""
    world = worlds.world(3, [40, 40, 40], changes=False)
    view = worlds.view(world)

    found = limited(view, "(or tag:cat tag:dog)", 8.0)

    first = oracle.World(world.parts[: len(found.evaluations)])
    expected, matched, _ = oracle.search(
        first, parse("(or tag:cat tag:dog)"), static=False, limit=10_000
    )
    assert 0 < len(found.evaluations) < 3
    assert found.cuts == ("deadline",)
    assert expected == list(
        zip(found.candidates.ids.tolist(), found.candidates.concept_scores.tolist(), strict=True)
    )
    assert matched == found.matched


def test_a_deadline_before_anything_is_found_is_an_error(worlds):
    """An empty page would say that there is nothing."""
    with pytest.raises(DeadlineSpent, match="before anything was found"):
        limited(worlds.view(worlds.world(3, [40, 40])), "(or tag:cat tag:dog)", 2.0)


def test_a_deadline_in_a_subtrahend_fails_closed(worlds):
    """A partial subtrahend would widen what is found.

    Whenever the time ends, the answer is whole segments or an error, and never a document that the
    subtrahend holds.
    """
    world = worlds.world(3, [40, 40, 40], changes=False)
    view = worlds.view(world)
    text = "(difference (all) (or tag:cat tag:dog tag:bear))"
    whole = set(limited(view, text, 10_000.0).candidates.ids.tolist())
    failures = 0
    for seconds in range(1, 40):
        try:
            found = limited(view, text, float(seconds))
        except DeadlineSpent as error:
            failures += "subtrahend" in str(error)
            continue
        assert set(found.candidates.ids.tolist()) <= whole
    assert failures > 0


def test_a_large_random_and_agrees_with_sets():
    """Galloping over lists of very different lengths finds each common id once."""
    rng = random.Random(5)
    for few, many in [(0, 10), (1, 10_000), (10, 10_000), (5_000, 6_000), (10_000, 10_000)]:
        a = np.array(sorted(rng.sample(range(20_000), few)), dtype=np.uint32)
        b = np.array(sorted(rng.sample(range(20_000), many)), dtype=np.uint32)

        assert sorted(set(a.tolist()) & set(b.tolist())) == (
            intersect([Matches(a), Matches(b)]).ids.tolist()
        )
        assert sorted(set(a.tolist()) - set(b.tolist())) == (
            exclude(Matches(a), Matches(b)).ids.tolist()
        )


def test_an_unknown_value_is_an_empty_list(worlds):
    """Only an unknown edge type is an error."""
    view = worlds.view(worlds.world(3, [20]))

    assert run(view, Term("tag", "no such"), (), static=False, limit=5) == ([], 0, ())
    assert run(View(), Term("tag", "cat"), (), static=True, limit=5) == ([], 0, ())


def test_a_difference_scores_as_its_first_operand(worlds):
    """The subtrahend takes documents away, never points."""
    view = worlds.view(worlds.world(3, [50]))
    cat, dog = Term("tag", "cat"), Term("tag", "dog")
    cats = dict(run(view, cat, (), static=False, limit=100)[0])

    found = run(view, Difference((cat, dog)), (), static=False, limit=100)[0]

    assert found
    assert all(cats[document_id] == score for document_id, score in found)
