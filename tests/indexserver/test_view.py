"""Lists as they are now: what was added and removed since a segment was made."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.query import parse
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order, retrieve
from indexserver.postings.builder import assemble, build
from indexserver.postings.dictionary import term_key
from indexserver.postings.segment import Segment
from indexserver.view import SegmentView, View


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


def rows_decoded(part, rows):
    return [
        list(zip(*(array.tolist() for array in part.segment.lists.decode_row(row)), strict=True))
        for row in rows
    ]


def listed(postings):
    return list(zip(postings.ids.tolist(), postings.hits.tolist(), strict=True))


@given(data=st.data())
def test_rows_are_the_lists_as_they_are_now(worlds, data):
    """Kernels get rows, merges and the oracle arrays: stored, changed and new terms alike."""
    world = worlds.world(data.draw(worlds.seeds), [data.draw(st.sampled_from([1, 17, 70]))])
    (part,) = worlds.view(world).segments
    keys = sorted({*part.segment.terms.keys(), *part.changes, b"tag:none"})
    numbers = np.arange(70, dtype=np.uint64)

    assert [listed(part.list_of(key)) for key in keys] == rows_decoded(
        part, [part.row_of(key) for key in keys]
    )
    for edge in ("tagged", "author", "tag"):
        of_edge = [listed(part.list_of(term_key(edge, str(n)))) for n in range(70)]
        assert of_edge == rows_decoded(part, part.rows_of_numbers(edge, numbers))
    for prefix in ("", "b", "beach", "z"):
        found = [key for key in keys if key.startswith(term_key("tag", prefix))]
        assert sorted(listed(part.list_of(key)) for key in found if key != b"tag:none") == sorted(
            rows_decoded(part, part.rows_of_prefix("tag", prefix))
        )


def test_a_changed_list_is_made_once(worlds, oracle):
    """Every query reads it, and only a write changes it: the row is the same memory."""
    rows = worlds.documents(1, 40)
    part = worlds.segment_view(oracle.Part(rows, added={("tag", "cat"): {rows[0].id: 9}}))

    assert part.row_of(b"tag:cat").tolist() == part.row_of(b"tag:cat").tolist()


def test_live_documents_are_a_bitmap_with_room_behind_it(worlds, oracle):
    """Kernels read eight words at a time; without dead documents there is no bitmap to read."""
    rows = worlds.documents(1, 70)
    whole = worlds.segment_view(oracle.Part(rows))
    part = worlds.segment_view(oracle.Part(rows, dead={rows[3].id, rows[69].id}))
    words = part.live_words

    assert whole.live_words is None
    assert words.size == 2 + 8
    bits = [(int(words[i >> 6]) >> (i & 63)) & 1 for i in range(64 * words.size)]
    assert bits == [int(i < 70 and bool(part.live[i])) for i in range(64 * words.size)]
    assert part.live_words is words


def test_what_is_kept_with_a_view_goes_with_it(worlds, oracle):
    """Plans bound to a state of a segment must not outlive it."""
    part = worlds.segment_view(oracle.Part(worlds.documents(1, 5)))
    gone = weakref.ref(part)
    assert len({part, part}) == 1
    del part
    gc.collect()

    assert gone() is None


def test_a_segment_without_bodies_is_searched_and_not_fetched_from(worlds, oracle):
    """Benchmarks build a million documents that nobody will read."""
    whole = Segment.read(build(worlds.documents(1, 5)), "x")
    offsets, ids, hits = whole.lists.decode_all()
    data = assemble(
        whole.terms.flat(),
        posting_offsets=offsets,
        postings=ids,
        hitdata=hits,
        columns={**whole.columns, "joint": np.zeros((5, 32), dtype=np.uint8)},
        documents=[],
    )
    part = SegmentView(Segment.read(data, "y"))

    assert View((part,)).find(int(whole.columns["ids"][0])) is None
    assert part.segment.documents == View((part,)).documents == 5
    assert listed(part.list_of(b"tag:cat")) == listed(SegmentView(whole).list_of(b"tag:cat"))
