"""Lists as they are now: what was added and removed since a segment was made."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.query import parse
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order, retrieve


def ids_of(view, text, arrays=()):
    plan = compile_plan(parse(text), arrays)
    found = retrieve(view, plan, order=Order.STATIC, limit=1_000).candidates
    return dict(zip(found.ids.tolist(), found.concept_scores.tolist(), strict=True))


@pytest.mark.parametrize("text", ["tag:cat", "tag:ca*", "(or tag:cat tag:nothing)"])
def test_an_edge_that_was_removed_is_not_found(worlds, oracle, text):
    """An edge that ended must end in every operator that reads lists."""
    rows = worlds.documents(1, 40)
    before = ids_of(worlds.view(oracle.World([oracle.Part(rows)])), text)
    gone = set(list(before)[::2])
    part = oracle.Part(rows, removed={("tag", "cat"): gone})

    assert set(before) - gone == set(ids_of(worlds.view(oracle.World([part])), text))


@pytest.mark.parametrize("text", ["tag:cat", "tag:ca*"])
def test_an_edge_that_was_added_counts_with_its_own_byte(worlds, oracle, text):
    """An added hit replaces a stored one, and is found where there was none."""
    rows = worlds.documents(1, 40)
    cats = ids_of(worlds.view(oracle.World([oracle.Part(rows)])), text)
    stored = next(iter(cats))
    fresh = next(d.id for d in rows if d.id not in cats)
    part = oracle.Part(rows, added={("tag", "cat"): {stored: 255, fresh: 10}})

    found = ids_of(worlds.view(oracle.World([part])), text)

    assert found == {**cats, stored: 255 * 255 * 10_000, fresh: 100 * 10_000}


def test_changed_terms_are_read_among_thousands_of_ids(worlds, oracle):
    """`ids` reads most lists by number; a changed one, or one that is new, is read in full."""
    rows = worlds.documents(2, 60)
    stored = {d.id for d in rows if 7 in d.tagged}
    threes = {d.id for d in rows if 3 in d.tagged}
    part = oracle.Part(
        rows,
        added={("tagged", "900"): {rows[0].id: 0}},
        removed={("tagged", "7"): stored},
    )
    arrays = [np.array([3, 7, 900, 901], dtype=np.uint64)]

    found = ids_of(worlds.view(oracle.World([part])), "(ids tagged: @0 :weight 2)", arrays)

    assert stored
    assert set(found) == threes | {rows[0].id}


def test_a_view_finds_only_the_living(worlds, oracle):
    """A replaced version must not be fetched."""
    rows = worlds.documents(3, 10)
    view = worlds.view(oracle.World([oracle.Part(rows[:5], dead={rows[0].id}), oracle.Part([])]))

    assert view.documents == 4
    assert view.find(rows[0].id) is None
    assert view.find(10**6) is None
    place = view.find(rows[1].id)
    assert place is not None
    assert place[0].segment.document(place[1]) == rows[1]
