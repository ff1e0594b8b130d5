"""What may not change an answer: no byte of it, whatever is asked.

No oracle here: an answer is held against another answer of the executor, to a question or over a
view that stands for the same thing.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents import PhotoDocument
from alicorn.query import And, Extract, parse, print_expression, walk
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order, retrieve
from indexserver.merge import merge
from indexserver.postings.segment import Segment
from indexserver.view import SegmentView, View

limits = st.sampled_from([1, 3, 9, 50, 1_000])
orders = st.sampled_from(list(Order))


def answer(worlds, view, expr, order, limit):
    """Return every byte of an answer that does not say where in the shard a document lies."""
    found = retrieve(view, compile_plan(expr, worlds.ID_ARRAYS), order=order, limit=limit)
    hits = found.candidates
    arrays = (hits.ids, hits.sort_keys, hits.concept_scores)
    return [(a.dtype.str, a.tobytes()) for a in arrays], worlds.told(found, limit)


def one_segment(view):
    return View((SegmentView(Segment.read(merge(view.segments), "whole")),))


@given(data=st.data())
def test_merging_segments(worlds, data):
    """How documents lie in segments is the shard's own affair, changed edges and dead included."""
    view = worlds.numbered(data.draw(worlds.numbers)).view
    expr, order, limit = data.draw(worlds.asked), data.draw(orders), data.draw(limits)

    expected = answer(worlds, view, expr, order, limit)

    assert expected == answer(worlds, one_segment(view), expr, order, limit)


@pytest.mark.parametrize("text", ["(all)", "(strong-or (term tag:cat)[0.9] (all))"])
@pytest.mark.parametrize("limit", [1, 39, 40, 59, 60, 61])
def test_merging_segments_changes_no_count(worlds, text, limit):
    """What is not counted to the end says the same, wherever counting stopped: PS-18."""
    view = worlds.view(worlds.world(5, [20, 40], changes=False))
    plan = compile_plan(parse(text))

    several, one = (
        retrieve(one, plan, order=Order.STATIC, limit=limit) for one in (view, one_segment(view))
    )

    assert (several.matched, several.exact) == (one.matched, one.exact)
    assert several.exact == (several.cuts == ())


@given(data=st.data())
def test_splitting_a_segment_in_two(oracle, worlds, data):
    """Each document keeps its terms, its changes and its death, in either half."""
    before = worlds.numbered(data.draw(worlds.numbers))
    expr, order, limit = data.draw(worlds.asked), data.draw(orders), data.draw(limits)
    rng = random.Random(data.draw(worlds.seeds))
    parts = []
    for part in before.world.parts:
        moved = {d.id for d in part.documents if rng.random() < 0.5}
        for inside in (moved, {d.id for d in part.documents} - moved):
            parts.append(
                oracle.Part(
                    [d for d in part.documents if d.id in inside],
                    part.dead & inside,
                    {
                        term: {i: hit for i, hit in hits.items() if i in inside}
                        for term, hits in part.added.items()
                    },
                    {term: ids & inside for term, ids in part.removed.items()},
                )
            )
    rng.shuffle(parts)

    expected = answer(worlds, before.view, expr, order, limit)

    assert expected == answer(worlds, worlds.view(oracle.World(parts)), expr, order, limit)


@given(data=st.data())
def test_the_order_of_operands(worlds, questions, data):
    """Scores are integers in one unit and budgets are each operand's own.

    Only the first operand of `difference` and the order of shares mean something.
    """
    view = worlds.numbered(data.draw(worlds.numbers)).view
    expr, order, limit = data.draw(worlds.asked), data.draw(orders), data.draw(limits)
    shuffled = questions.reordered(expr, random.Random(data.draw(worlds.seeds)))

    expected = answer(worlds, view, expr, order, limit)

    assert expected == answer(worlds, view, shuffled, order, limit)


@given(data=st.data())
def test_printing_and_parsing(worlds, data):
    """What travels as text is asked again as it was."""
    view = worlds.numbered(data.draw(worlds.numbers)).view
    expr, order, limit = data.draw(worlds.asked), data.draw(orders), data.draw(limits)

    expected = answer(worlds, view, expr, order, limit)

    assert expected == answer(worlds, view, parse(print_expression(expr)), order, limit)


@given(data=st.data())
def test_a_document_that_cannot_match(oracle, worlds, data):
    """Wherever it stands in DocId order, and in whichever segment.

    It has no code, so that it is not among the nearest either.
    """
    before = worlds.numbered(data.draw(worlds.numbers)).world
    asked = data.draw(worlds.asked)
    order, limit = data.draw(orders), data.draw(limits)
    stranger = PhotoDocument(
        id=data.draw(st.sampled_from([2**40, 2**40 + 1])),
        sort_key=data.draw(st.sampled_from([0, 2, 2**32 - 1])),
        author=3,
        taken_at=5,
    )

    place = data.draw(st.integers(0, len(before.parts)))
    parts = [replace(part, documents=list(part.documents)) for part in before.parts]
    if place == len(parts):
        parts.append(oracle.Part([stranger]))
    else:
        parts[place].documents.append(stranger)
    # All photos of these worlds are shown to somebody, and the stranger to nobody.
    shown = parse("(or audience:public audience:friends)")
    if isinstance(asked, Extract):
        expr = replace(asked, inner=And((shown, asked.inner)))
    else:
        expr = And((shown, asked))

    expected = answer(worlds, worlds.view(before), expr, order, limit)

    assert expected == answer(worlds, worlds.view(oracle.World(parts)), expr, order, limit)


@given(data=st.data())
def test_the_dead_leave_no_trace(oracle, worlds, data):
    """A view with dead documents answers as one in which they never were."""
    before = worlds.numbered(data.draw(worlds.numbers))
    expr, order, limit = data.draw(worlds.asked), data.draw(orders), data.draw(limits)
    parts = [
        replace(
            part,
            documents=[d for d in part.documents if d.id not in part.dead],
            dead=set(),
            added={
                term: {i: hit for i, hit in hits.items() if i not in part.dead}
                for term, hits in part.added.items()
            },
            removed={term: ids - part.dead for term, ids in part.removed.items()},
        )
        for part in before.world.parts
    ]

    expected = answer(worlds, before.view, expr, order, limit)

    assert expected == answer(worlds, worlds.view(oracle.World(parts)), expr, order, limit)


@given(data=st.data())
def test_a_smaller_limit_keeps_the_beginning(worlds, data):
    """Except where N is part of the question: shares and budgets that are parts of N."""
    view = worlds.numbered(data.draw(worlds.numbers)).view
    expr, order = data.draw(worlds.asked), data.draw(orders)
    if any(node.optional_weight is not None for node in walk(expr)):
        expr = parse("(or tag:cat (term tag:dog :weight 0.5))")
    _, whole = answer(worlds, view, expr, order, 1_000)
    for limit in (1, 2, 5, 30):
        _, found = answer(worlds, view, expr, order, limit)

        assert found.hits == whole.hits[:limit]
        assert found.matched == whole.matched
        assert ("retrieve-limit" in found.cuts) == (len(whole.hits) > limit)


@pytest.mark.timeout(7_200)
def test_merging_segments_of_many_windows(worlds, scale, questions):
    """The same at the edges of windows and bitmaps."""

    @questions.cases(1, shrunk=False)
    @given(data=st.data())
    def same(data):
        wide = scale.wide(data.draw(st.integers(0, 3)), data.draw(scale.shapes))
        whole = scale.merged(wide)
        expr, order = data.draw(scale.asked), data.draw(orders)
        limit = data.draw(st.sampled_from([1, 100, 100_000]))

        def asked(view):
            return worlds.ask(
                view, expr, static=order is Order.STATIC, limit=limit, arrays=scale.ID_ARRAYS
            )

        assert asked(wide.view) == asked(whole)

    same()


def test_a_strong_or_is_an_or_where_no_place_is_scarce(worlds):
    """With room for all hits, shares change nothing but what is reported."""
    view = worlds.view(worlds.world(11, [40, 70]))
    shared = parse("(strong-or (term tag:cat)[0.9] (term tag:dog)[0.9])")
    plain = parse("(or tag:cat tag:dog)")
    for order in Order:
        one = worlds.told(retrieve(view, compile_plan(shared), order=order, limit=1_000), 1_000)
        two = worlds.told(retrieve(view, compile_plan(plain), order=order, limit=1_000), 1_000)

        assert (one.hits, one.matched, one.cuts) == (two.hits, two.matched, two.cuts)
