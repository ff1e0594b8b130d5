"""Which texts and plans are kept."""

from __future__ import annotations

import numpy as np

from alicorn.query import Or, Term, parse
from indexserver.execution import plans
from indexserver.execution.plans import parsed, plan_of


def test_the_same_question_gives_the_same_plan():
    """What was bound to segments is found by the plan itself."""
    text = "(and tag:plans (or tag:beach tag:sea))"

    assert parsed(text) is parsed(text)
    assert plan_of(parse(text)) is plan_of(parse(text))


def test_arrays_of_a_request_are_planned_each_time():
    """They are the request's alone."""
    expr, arrays = parse("(ids author: @0)"), [np.array([3], dtype=np.uint64)]

    assert plan_of(expr, arrays) is not plan_of(expr, arrays)


def test_long_questions_are_not_kept():
    """Ten thousand operands take megabytes, and thousands of such questions all the memory."""
    expr = Or(tuple(Term("tag", f"t{i}") for i in range(2_000)))
    plan = plan_of(expr)

    assert len(plan.leaves) == 2_000
    assert plan_of(expr) is not plan


def test_the_oldest_plans_go_first(monkeypatch):
    """A shard that runs for years meets any number of questions."""
    monkeypatch.setattr(plans, "_plans", {})
    monkeypatch.setattr(plans, "_PLANS", 3)
    kept = [plan_of(parse(f"tag:t{i}")) for i in range(5)]

    assert len(plans._plans) == 3
    assert plan_of(parse("tag:t4")) is kept[4]
    assert plan_of(parse("tag:t0")) is not kept[0]
