"""Any question over any view, both orders, limits and flags, against sets and dictionaries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import DeadlineSpent
from alicorn.query import Term, parse
from indexserver.execution.deadline import Deadline
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order, retrieve
from indexserver.view import View


@pytest.mark.timeout(7_200)
def test_any_question_over_any_view_agrees_with_the_oracle(oracle, worlds, questions):
    """Ids, order, exact scores, counts, flags and unmet shares: PS-03, PS-18, DB-01.

    Whatever the segments, the dead in them and the edges that changed since.
    """

    @questions.cases(5)
    @given(data=st.data())
    def agrees(data):
        world = worlds.numbered(data.draw(worlds.numbers))
        expr = data.draw(worlds.asked)
        limit = data.draw(st.sampled_from([1, 2, 7, 50, 1_000]))
        static = data.draw(st.booleans())

        expected = oracle.answer(
            world.shelf, expr, static=static, limit=limit, arrays=worlds.ID_ARRAYS
        )

        assert expected == worlds.ask(world.view, expr, static=static, limit=limit)

    agrees()


@pytest.mark.timeout(7_200)
def test_any_question_at_the_edges_of_windows_agrees_with_the_oracle(
    oracle, scale, worlds, questions
):
    """Documents around 16,384 and 64, lists around every size where their form changes.

    One to five segments that lie in between each other, dead windows, changed lists.
    """

    @questions.cases(1)
    @given(data=st.data())
    def agrees(data):
        wide = scale.wide(data.draw(st.integers(0, 3)), data.draw(scale.shapes))
        expr = data.draw(scale.asked)
        limit = data.draw(st.sampled_from([1, 100, 1_000, 100_000]))
        static = data.draw(st.booleans())

        expected = oracle.answer(
            wide.shelf, expr, static=static, limit=limit, arrays=scale.ID_ARRAYS
        )

        assert expected == worlds.ask(
            wide.view, expr, static=static, limit=limit, arrays=scale.ID_ARRAYS
        )

    agrees()


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
def test_larger_segments_of_real_documents_agree(oracle, worlds, text, static):
    """What `scale` makes of arrays, here through documents and the builder."""
    world = worlds.world(7, [1_500, 3, 700])
    expr = parse(text)

    expected = oracle.answer(world.shelf(), expr, static=static, limit=100, arrays=worlds.ID_ARRAYS)

    assert expected == worlds.ask(worlds.view(world), expr, static=static, limit=100)


def test_nesting_rounds_weights_once(worlds):
    """2 * 0.5 * 0.0003 is 0.0003: rounding at each level would make flattening visible."""
    view = worlds.view(worlds.world(1, [40]))
    nested = parse("(or (or (term tag:cat :weight 0.0003) :weight 0.5) :weight 2)")
    flat = parse("(term tag:cat :weight 0.0003)")

    assert worlds.ask(view, flat, static=False, limit=9) == worlds.ask(
        view, nested, static=False, limit=9
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


def test_an_unknown_value_is_an_empty_list(oracle, worlds):
    """Only an unknown edge type is an error; a view without segments is no error either."""
    view = worlds.view(worlds.world(3, [20]))
    nothing = oracle.Answer([], 0)

    assert nothing == worlds.ask(view, Term("tag", "no such"), static=False, limit=5)
    assert nothing == worlds.ask(View(), Term("tag", "cat"), static=True, limit=5)
    assert nothing == worlds.ask(View(), parse("(all)"), static=False, limit=5)
