"""Any question over any view, both orders, limits and flags, against sets and dictionaries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import DeadlineSpent
from alicorn.query import Term, parse
from alicorn.simd.memory import address_of
from indexserver.execution.deadline import NO_DEADLINE, Deadline
from indexserver.execution.frames import frames_of
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

    One to five segments that lie in between each other, dead windows, changed lists, cold ones.
    """

    @questions.cases(1, shrunk=False)
    @given(data=st.data())
    def agrees(data):
        number, cold = data.draw(st.integers(0, 3)), data.draw(st.booleans())
        wide = scale.wide(number, data.draw(scale.shapes), cold=cold)
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


def limited(view, text, seconds, order=Order.CONCEPT):
    plan = compile_plan(parse(text))
    return retrieve(view, plan, order=order, limit=10_000, deadline=Deadline(seconds, Clock()))


def scores_by_id(found):
    hits = found.candidates
    return dict(zip(hits.ids.tolist(), hits.concept_scores.tolist(), strict=True))


@pytest.mark.parametrize(
    "text", ["(or tag:cat tag:dog)", "(difference (all) (or tag:cat tag:dog tag:bear))"]
)
@pytest.mark.parametrize("order", list(Order))
def test_a_deadline_in_the_middle_keeps_what_is_whole_and_says_so(worlds, text, order):
    """What was found in time is worth having if it is marked; a partial subtrahend never is."""
    view = worlds.view(worlds.world(3, [40, 40, 40], changes=False))
    whole = scores_by_id(limited(view, text, 10_000.0, order))
    partial = 0
    for seconds in range(1, 40):
        try:
            found = limited(view, text, float(seconds), order)
        except DeadlineSpent:
            continue
        assert scores_by_id(found).items() <= whole.items()
        assert (found.cuts == ("deadline",)) == (scores_by_id(found) != whole)
        assert found.exact == (found.cuts == ())
        partial += bool(found.cuts)

    assert partial > 0


def test_a_deadline_before_anything_is_found_is_an_error(worlds):
    """An empty page would say that there is nothing."""
    with pytest.raises(DeadlineSpent, match="before anything was found"):
        limited(worlds.view(worlds.world(3, [40, 40])), "(or tag:cat tag:dog)", 2.0)


def test_a_kernel_stops_before_the_next_window_once_the_flag_is_set(worlds):
    """A thread cannot be cancelled: the flag is all that ends a heavy query in time."""
    view = worlds.view(worlds.world(5, [70, 3]))
    bound = frames_of(view, compile_plan(parse("(all)")), (), NO_DEADLINE)
    set_flag = np.ones(1, dtype=np.uint8)

    for frame in bound:
        count, whole = frame.count(address_of(set_flag))
        assert (count, whole) == (0, frame.windows == 0)


def test_an_unknown_value_is_an_empty_list(oracle, worlds):
    """Only an unknown edge type is an error; a view without segments is no error either."""
    view = worlds.view(worlds.world(3, [20]))
    nothing = oracle.Answer([], 0)

    assert nothing == worlds.ask(view, Term("tag", "no such"), static=False, limit=5)
    assert nothing == worlds.ask(View(), Term("tag", "cat"), static=True, limit=5)
    assert nothing == worlds.ask(View(), parse("(all)"), static=False, limit=5)
