"""Plans with soft operators over whole views, held against sets and dictionaries.

`test_soft.py` has what is worked out on paper; here any expression meets any view.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents import PhotoDocument, Tag
from alicorn.query import parse, walk
from alicorn.simd.memory import address_of
from indexserver.execution import soft_run
from indexserver.execution.deadline import NO_DEADLINE, TimeIsUp
from indexserver.execution.frames import frames_of
from indexserver.execution.nearest import resolve_nearest
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order
from indexserver.execution.soft import supply
from indexserver.execution.soft.supply import Supply
from indexserver.execution.soft_run import retrieve_soft


def ask(view, expr, *, static, limit, arrays=(), flag=None):
    """Return what was retrieved, or None where no soft operator is left to decide anything."""
    plan = compile_plan(expr, arrays)
    if plan.soft is None:
        return None
    nearest = resolve_nearest(view, plan, NO_DEADLINE, NO_DEADLINE.cancel())
    frames = frames_of(view, plan, nearest, NO_DEADLINE)
    flag = np.zeros(1, dtype=np.uint8) if flag is None else flag
    order = Order.STATIC if static else Order.CONCEPT
    return retrieve_soft(frames, plan, order, limit, address_of(flag))


def agrees(expected, found, limit):
    """Hold an answer against the oracle's; a count may be a lower bound where it says so."""
    hits = found.candidates
    assert expected.hits == list(zip(hits.ids.tolist(), hits.concept_scores.tolist(), strict=True))
    assert (expected.cuts, expected.unmet) == (found.cuts, found.unmet_shares)
    if found.exact:
        assert expected.matched == found.matched
    else:
        assert limit < found.matched <= expected.matched


@pytest.fixture(scope="module")
def soft(questions):
    """Give strategies of expressions with soft operators, over a vocabulary."""

    def asked(vocabulary):
        expr = st.recursive(
            vocabulary.plain,
            lambda inner: questions._soft_combinations(inner, vocabulary.whole),
            max_leaves=10,
        )
        return expr.filter(
            lambda e: any(node.operator in {"weak-and", "strong-or"} for node in walk(e))
        )

    return asked


@pytest.mark.timeout(7_200)
def test_any_soft_question_over_any_view_agrees_with_the_oracle(oracle, worlds, questions, soft):
    """Hits, order, exact scores, flags and unmet shares, in both orders: PS-03, PS-18."""

    @questions.cases(1)
    @given(data=st.data())
    def holds(data):
        world = worlds.numbered(data.draw(worlds.numbers))
        expr = data.draw(soft(worlds.VOCABULARY))
        limit = data.draw(st.sampled_from([1, 2, 7, 50, 1_000]))
        static = data.draw(st.booleans())

        found = ask(world.view, expr, static=static, limit=limit, arrays=worlds.ID_ARRAYS)

        if found is not None:
            expected = oracle.answer(
                world.shelf, expr, static=static, limit=limit, arrays=worlds.ID_ARRAYS
            )
            agrees(expected, found, limit)

    holds()


@pytest.mark.timeout(7_200)
def test_any_soft_question_over_many_windows_agrees_with_the_oracle(
    oracle, scale, questions, soft, monkeypatch
):
    """Pieces end and begin anew in the middle of segments that lie in between each other."""
    monkeypatch.setattr(supply, "MANY", 100)

    @questions.cases(1)
    @given(data=st.data())
    def holds(data):
        wide = scale.wide(data.draw(st.integers(0, 3)), data.draw(scale.shapes))
        expr = data.draw(soft(scale.VOCABULARY))
        limit = data.draw(st.sampled_from([1, 100, 1_000, 100_000]))
        static = data.draw(st.booleans())

        found = ask(wide.view, expr, static=static, limit=limit, arrays=scale.ID_ARRAYS)

        if found is not None:
            expected = oracle.answer(
                wide.shelf, expr, static=static, limit=limit, arrays=scale.ID_ARRAYS
            )
            agrees(expected, found, limit)

    holds()


def test_more_atoms_than_a_word_has_bits_are_told_apart(oracle, worlds):
    """Masks of atoms, shares and gates may need several words."""
    world = worlds.world(11, [60, 40])
    some = [f"(term tag:{t} :weight {i % 7})" for i, t in enumerate(["cat", "dog", "bear"] * 30)]
    shared = [f"(term {t})[0.02]" for t in ("tag:cat", "tag:none", "text:sun", "author:3") * 40]
    inner = [
        f"(weak-and (term tag:{t} :optional-hits {i}) text:{w})"
        for i, (t, w) in enumerate(
            zip(["cat", "dog", "bear"] * 24, ["sun", "sea"] * 36, strict=True)
        )
    ]
    marked = [f"(or {one} author:2 :optional-hits {i})" for i, one in enumerate(some)]
    for text in (
        f"(weak-and {' '.join(marked)} (all))",
        f"(strong-or {' '.join(shared)} (all))",
        f"(strong-or {' '.join(inner)})",
    ):
        for static in (False, True):
            expr = parse(text)
            expected = oracle.answer(world.shelf(), expr, static=static, limit=50)

            agrees(expected, ask(worlds.view(world), expr, static=static, limit=50), 50)


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "(strong-or (and (or tag:a tag:b) (weak-and tag:c (term tag:d :optional-hits 1))) tag:e)",
        "(strong-or (and (or tag:a tag:b) (strong-or (term tag:c)[0.5] tag:d))[0.5] tag:e)",
    ],
)
def test_short_lists_of_an_atom_are_read_twice_in_a_window(oracle, worlds, text, static):
    """An atom in an `and` below an `or` is worked out there, and again wherever there are hits."""
    tags = ["ac", "a", "bc", "bcd", "e", "bcd", "a"]
    documents = [
        PhotoDocument(id=i, author=1, tags=tuple(Tag(tag, 1.0) for tag in some))
        for i, some in enumerate(tags, start=1)
    ]
    world, expr = oracle.World([oracle.Part(documents)]), parse(text)

    found = ask(worlds.view(world), expr, static=static, limit=4)

    agrees(oracle.answer(world.shelf(), expr, static=static, limit=4), found, 4)


def test_static_order_ends_before_the_end(scale, monkeypatch):
    """The first hits of a common tag need a window of six, whatever the shares among them."""
    fetched = []
    fetch = Supply.fetch
    monkeypatch.setattr(
        Supply, "fetch", lambda self, cancel: (fetched.append(self), fetch(self, cancel))[1]
    )
    view = scale.wide(1, (6 * 16_384,)).view
    expr = parse("(strong-or (term tag:half)[0.25] (term tag:every)[0.9])")

    found = ask(view, expr, static=True, limit=100)

    assert (len(fetched), found.exact, found.matched) == (1, False, 101)
    assert found.cuts == ("retrieve-limit",)


def test_places_that_are_given_away_end_the_search_for_a_rare_share(scale, monkeypatch):
    """The second share can have no place any more, so its 90 hits are not looked for."""
    fetched = []
    fetch = Supply.fetch
    monkeypatch.setattr(
        Supply, "fetch", lambda self, cancel: (fetched.append(self), fetch(self, cancel))[1]
    )
    view = scale.wide(1, (6 * 16_384,)).view
    expr = parse("(strong-or (term tag:every)[1] (term tag:total-257)[0.9])")

    found = ask(view, expr, static=True, limit=100)

    assert len(fetched) == 1
    assert found.unmet_shares[0].startswith("operand 2: ")


@pytest.mark.parametrize("static", [False, True])
def test_time_that_is_over_before_anything_was_found_raises(worlds, static):
    """An empty page would say that there is nothing."""
    view = worlds.view(worlds.world(3, [40, 40], changes=False))
    expr = parse("(weak-and (term tag:cat :optional-hits 9) (all))")

    with pytest.raises(TimeIsUp):
        ask(view, expr, static=static, limit=5, flag=np.ones(1, dtype=np.uint8))


def test_nothing_to_look_at_is_whole_whatever_the_time(worlds):
    """No window holds a candidate, so none was left out."""
    view = worlds.view(worlds.world(3, [40, 40], changes=False))
    expr = parse("(weak-and (term tag:cat :optional-hits 9) tag:none)")

    found = ask(view, expr, static=True, limit=5, flag=np.ones(1, dtype=np.uint8))

    assert (found.matched, found.exact, found.cuts) == (0, True, ())


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("pieces", [2, 3])
def test_time_that_runs_out_leaves_all_hits_of_a_prefix(oracle, scale, monkeypatch, static, pieces):
    """Budgets are spent in order, so only a prefix in DocId order can be told from the lists."""
    monkeypatch.setattr(supply, "MANY", 0)
    flag = np.zeros(1, dtype=np.uint8)
    left = [pieces]
    fetch = Supply.fetch

    def fetch_until(self, cancel):
        left[0] -= 1
        flag[0] = left[0] < 0
        fetch(self, cancel)

    monkeypatch.setattr(Supply, "fetch", fetch_until)
    wide = scale.wide(2, (3 * 16_384, 16_384))
    expr = parse("(weak-and (term tag:half :optional-hits 9000) (term tag:every))")
    whole = oracle.answer(wide.shelf, expr, static=True, limit=100_000)

    found = ask(wide.view, expr, static=static, limit=100_000, flag=flag)

    first = dict(whole.hits[: found.matched])
    scores = dict(
        zip(found.candidates.ids.tolist(), found.candidates.concept_scores.tolist(), strict=True)
    )
    assert 0 < found.matched < whole.matched
    assert (found.cuts, found.exact) == (("deadline",), False)
    assert first == scores


def test_a_view_without_segments_has_no_hits(worlds):
    """A shard that has just begun; its shares are unmet, as in any other."""
    view = worlds.view(worlds.oracle.World([]))
    found = ask(view, parse("(strong-or (term tag:cat)[0.5] tag:dog)"), static=True, limit=4)

    assert (found.matched, found.exact, found.unmet_shares) == (0, True, ("operand 1: 0 of 2",))
    assert soft_run.Candidates is type(found.candidates)


@pytest.mark.parametrize("rest", ["(all)", "tag:dog", "tag:none"])
@pytest.mark.parametrize("kind", ["and", "difference"])
@pytest.mark.parametrize("static", [True, False])
def test_a_share_is_served_by_hits_that_came_another_way(oracle, worlds, kind, rest, static):
    """PS-18: what stands beside the operand may end early, or match nowhere: hits count."""
    expr = parse(
        f"(strong-or ({kind} (strong-or (term text:summer :optional-weight 0.5)) {rest}) tag:*)"
    )
    for seed in range(5):
        world = worlds.world(seed, [40, 17])
        expected = oracle.answer(
            world.shelf(), expr, static=static, limit=6, arrays=worlds.ID_ARRAYS
        )

        assert expected == worlds.ask(worlds.view(world), expr, static=static, limit=6)
