"""Every way in gives the same answer: counting, all ids, the first, the best, batches, threads."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.query import Extract, parse, print_expression, walk
from indexserver.execution import split
from indexserver.execution.engine import Engine
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order, retrieve, retrieve_many
from indexserver.execution.split import ranges
from indexserver.view import View

WINDOW = 16_384


def is_plain(expr):
    soft = any(node.operator in {"weak-and", "strong-or"} for node in walk(expr))
    return not soft and not isinstance(expr, Extract)


@given(data=st.data())
def test_counting_ids_first_and_best_agree_with_the_oracle(oracle, worlds, data):
    """PS-03, PS-18: of plain questions, every entry point of the engine."""
    world = worlds.numbered(data.draw(worlds.numbers))
    expr = data.draw(worlds.plain)
    limit = data.draw(st.sampled_from([1, 5, 50, 1_000]))
    query = Engine(world.view).prepare(expr, worlds.ID_ARRAYS)

    def expected(static, limit):
        return oracle.answer(world.shelf, expr, static=static, limit=limit, arrays=worlds.ID_ARRAYS)

    every = expected(True, 10**6)
    ids = [
        part.segment.columns["ids"][found]
        for part, found in zip(world.view.segments, query.ids(), strict=True)
    ]
    best = query.best(limit)
    pairs = zip(best.ids.tolist(), best.concept_scores.tolist(), strict=True)
    assert query.count() == every.matched
    assert sorted(np.concatenate(ids).tolist()) == sorted(i for i, _ in every.hits)
    assert query.first(limit).ids.tolist() == [i for i, _ in expected(True, limit).hits]
    assert list(pairs) == expected(False, limit).hits


@given(data=st.data())
def test_soft_questions_and_extracts_too(oracle, worlds, data):
    """What depends on the limit is asked with the limit, and counted without one."""
    world = worlds.numbered(data.draw(worlds.numbers))
    expr = data.draw(worlds.asked.filter(lambda e: not is_plain(e)))
    limit = data.draw(st.sampled_from([1, 5, 50]))
    query = Engine(world.view).prepare(expr, worlds.ID_ARRAYS)

    for static, found in ((True, query.first(limit)), (False, query.best(limit))):
        expected = oracle.answer(
            world.shelf, expr, static=static, limit=limit, arrays=worlds.ID_ARRAYS
        )
        assert found.ids.tolist() == [i for i, _ in expected.hits]


@given(data=st.data())
def test_a_batch_answers_as_its_questions_one_by_one(worlds, data):
    """One kernel call for many: the same bytes."""
    view = worlds.numbered(data.draw(worlds.numbers)).view
    exprs = data.draw(st.lists(worlds.plain, max_size=6))
    limit = data.draw(st.sampled_from([1, 5, 1_000]))
    plans = [compile_plan(expr, worlds.ID_ARRAYS) for expr in exprs]

    for plan, one in zip(plans, retrieve_many(view, plans, limit=limit), strict=True):
        alone = retrieve(view, plan, order=Order.CONCEPT, limit=limit)
        assert one is not None
        assert one.candidates.ids.tolist() == alone.candidates.ids.tolist()
        assert one.candidates.concept_scores.tolist() == alone.candidates.concept_scores.tolist()
        assert worlds.told(one, limit) == worlds.told(alone, limit)


def test_texts_that_come_again_are_counted_alike(worlds):
    """Also together, soft ones and extracts among them; a view of nothing counts nothing."""
    engine = Engine(worlds.numbered(7).view)
    texts = [
        "tag:cat",
        "(and tag:cat tag:dog)",
        "(weak-and (term tag:cat :optional-hits 3) tag:dog)",
        "(extract author: tag:cat)",
        "(nn visual:" + "0" * 64 + " :k 5)",
        "tag:cat",
        "tag:none",
    ]

    counts = engine.count_many(texts)

    assert counts == [engine.prepare(text).count() for text in texts]
    assert engine.prepare(texts[0]) is engine.prepare(texts[0])
    assert Engine(View()).count_many(texts) == [0] * len(texts)
    assert retrieve_many(View(), [], limit=3) == []


# Ten windows and more: the floor of what was found lets windows be left out, threads share them.
SHAPE = (6 * WINDOW + 5, WINDOW - 1, 3 * WINDOW)
TEXTS = (
    "(or tag:half tag:tenth (term tag:rare :weight 3))",
    "(and tag:half tag:every)",
    "(or (and tag:half tag:tenth) (term text:sea :weight 2) tag:window-257)",
    "(and (or tag:window-255 tag:window-256) (or tag:half tag:one-window))",
    "(difference tag:every tag:half (range height 0 900))",
    "tag:one-window",
    "(or (ids tagged: @1 :weight 1) (term author:2 :weight 0.5))",
    "(weak-and (term tag:half :optional-hits 700) tag:tenth)",
    "(strong-or (term tag:rare)[0.5] (term tag:tenth)[0.1] tag:every)",
    f"(nn visual:{bytes(range(32)).hex()} :k 300 :within tag:tenth)",
    f"(or tag:rare (nn visual:{bytes(range(32)).hex()} :radius 3))",
    "(all)",
)


@pytest.mark.parametrize("text", TEXTS)
def test_threads_and_window_splits_change_no_byte(oracle, worlds, scale, monkeypatch, text):
    """Whoever works on which windows, the best of all are the best: PS-18.

    Held against the oracle once, in both orders; then with 2 to 5 threads from one window on.
    """
    wide = scale.wide(1, SHAPE)
    expr = parse(text)
    plan = compile_plan(expr, scale.ID_ARRAYS)

    def asked(order, limit, threads):
        found = retrieve(wide.view, plan, order=order, limit=limit, threads=threads)
        hits = found.candidates
        arrays = (hits.segments, hits.locals, hits.ids, hits.sort_keys, hits.concept_scores)
        return [a.tobytes() for a in arrays], worlds.told(found, limit)

    for order in Order:
        for limit in (1, 100, 40_000):
            alone = asked(order, limit, 1)
            assert alone[1] == oracle.answer(
                wide.shelf,
                expr,
                static=order is Order.STATIC,
                limit=limit,
                arrays=scale.ID_ARRAYS,
            )
            with monkeypatch.context() as patched:
                patched.setattr(split, "ranges", partial(ranges, least=1))
                for threads in (2, 3, 5):
                    assert alone == asked(order, limit, threads)
                if "@" not in text:
                    counts = {
                        Engine(wide.view, threads=threads).prepare(text).count()
                        for threads in (1, 4)
                    }
                    assert len(counts) == 1


def test_the_canonical_text_is_the_same_question(worlds):
    """Prepared by text or by tree."""
    engine = Engine(worlds.numbered(3).view)
    expr = parse("(or tag:cat (and tag:dog text:sea :weight 0.5))")

    by_text = engine.prepare(print_expression(expr)).best(50)

    assert by_text.ids.tolist() == engine.prepare(expr).best(50).ids.tolist()
