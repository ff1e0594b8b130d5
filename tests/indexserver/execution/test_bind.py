"""Rows of leaves, unions of groups, and what a bound plan says of itself."""

from __future__ import annotations

import ctypes
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.query import parse
from alicorn.simd.memory import address_of
from indexserver.execution.bind import bind
from indexserver.execution.describe import describe
from indexserver.execution.groups.union import unite
from indexserver.execution.neighbours import Neighbours
from indexserver.execution.plan import compile_plan
from indexserver.execution.plan_tree import distance_points
from indexserver.execution.program import BY_DISTANCE
from indexserver.execution.retrieve import Order, retrieve
from indexserver.execution.segment_run import frame_of
from indexserver.execution.window.frame import Desk
from indexserver.postings import forms
from indexserver.postings.encode import encode_lists
from indexserver.postings.forms import WINDOW, Postings
from indexserver.postings.lists import PostingLists
from indexserver.view import SegmentView

SIZES = (1, 63, 64, 65, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW + 77)
COUNTS = (0, 1, 3, 59, 184, 256, 257, 300, 5_000)


def lists_of(hits, documents, packed=None):
    """Return the lists ``hits`` in the forms that a segment stores."""
    offsets = np.cumsum([0, *(one.ids.size for one in hits)]).astype(np.uint64)
    ids = np.concatenate([np.empty(0, dtype=np.uint32), *(one.ids for one in hits)])
    bytes_ = np.concatenate([np.empty(0, dtype=np.uint8), *(one.hits for one in hits)])
    sections = encode_lists(offsets, ids, bytes_, documents, packed=packed)
    return PostingLists.read(sections, documents, count=len(hits))


def random_lists(seed, documents, counts):
    """Return lists of about ``counts`` hits, some without HitData, some in one window alone."""
    rng = np.random.default_rng(seed)
    made = []
    for count in counts:
        first = int(rng.integers(0, documents)) // WINDOW * WINDOW if rng.random() < 0.3 else 0
        end = min(documents, first + WINDOW) if first else documents
        ids = np.sort(rng.choice(end - first, min(count, end - first), replace=False)) + first
        top = 256 if rng.random() < 0.8 else 1
        made.append(Postings(ids.astype(np.uint32), rng.integers(0, top, ids.size, dtype=np.uint8)))
    return made


def read_at(address, count, kind):
    """Return ``count`` numbers of ``kind`` from an address."""
    size = count * np.dtype(kind).itemsize
    return np.frombuffer((ctypes.c_uint8 * size).from_address(address), dtype=kind).copy()


@pytest.mark.parametrize("squared", [True, False])
@given(
    seed=st.integers(0, 2**32),
    documents=st.sampled_from(SIZES),
    counts=st.lists(st.sampled_from(COUNTS), max_size=6),
)
def test_a_union_has_the_best_byte_and_the_sum_of_each_document(squared, seed, documents, counts):
    """`prefix` scores the best of its terms, `ids` the sum; whatever forms the lists have."""
    hits = random_lists(seed, documents, counts)
    packed = np.random.default_rng(seed).random(len(hits)) < 0.3
    lists = lists_of(hits, documents, packed)
    best = np.zeros(documents, dtype=np.uint8)
    sums = np.zeros(documents, dtype=np.uint64)
    member = np.zeros(documents, dtype=np.bool_)
    for one in hits:
        member[one.ids] = True
        best[one.ids] = np.maximum(best[one.ids], one.hits)
        sums[one.ids] += one.hits.astype(np.uint64) ** 2 if squared else np.uint64(1)

    found = unite(
        lists.rows(np.arange(len(hits))),
        lists,
        documents,
        best=True,
        sums=True,
        squared=squared,
    )

    row = found.row
    if sum(one.ids.size > 0 for one in hits) < 2:
        assert row[forms.FORM] != forms.BITMAP
        assert row[forms.COUNT] == member.sum()
        return
    words = read_at(int(row[forms.IDS]), -(-documents // 64) + 8, np.uint64)
    bits = np.unpackbits(words.view(np.uint8), bitorder="little")
    assert bits[:documents].tolist() == member.tolist()
    assert not bits[documents:].any()
    assert row[forms.COUNT] == member.sum()
    assert best.tolist() == read_at(int(row[forms.HITS]), documents, np.uint8).tolist()
    assert sums.tolist() == read_at(int(row[forms.MAXIMA]), documents, np.uint64).tolist()
    assert found.top == sums.max()


def test_a_union_makes_only_what_is_asked_for():
    """A sum takes eight bytes for every document of the segment."""
    lists = lists_of(random_lists(1, 1_000, [50, 60]), 1_000)

    found = unite(lists.rows(np.arange(2)), lists, 1_000, best=False, sums=False, squared=False)

    assert (found.row[forms.HITS], found.row[forms.MAXIMA], found.top) == (0, 0, None)


def test_a_long_union_looks_at_the_time():
    """A prefix of everything takes longer than many a deadline."""
    lists = lists_of(random_lists(1, WINDOW, [5_000] * 300), WINDOW)
    looks = []

    unite(
        lists.rows(np.arange(300)),
        lists,
        WINDOW,
        best=False,
        sums=False,
        squared=False,
        check=lambda: looks.append(1),
    )

    assert len(looks) == 2


@pytest.fixture(scope="module")
def world(worlds):
    """Give a world with a segment of 70 documents, and edges that changed."""
    return next(
        made
        for made in map(worlds.numbered, range(400))
        if any(p.segment.documents == 70 and p.changes and p.live is not None
               for p in made.view.segments)
    )  # fmt: skip


@pytest.fixture(scope="module")
def part(world):
    """Give that segment."""
    return next(p for p in world.view.segments if p.segment.documents == 70 and p.changes)


def bound_of(part, worlds, text, nearest=None):
    return bind(compile_plan(parse(text), worlds.ID_ARRAYS), part, nearest)


@pytest.mark.parametrize(
    "text",
    [
        "tag:dog",
        "(or tag:dog tag:new)",
        "(and tag:b* (all))",
        "tagged:*",
        "(ids author: @0)",
        "(ids tagged: @1)",
        "(ids author: @2)",
        "(range taken-at * 200000000)",
        "(range taken-at 5 *)",
        "(range popularity 1 4294967296)",
        "(range height 1 481)",
        f"(nn visual:{'00' * 32} :radius 3)",
        f"(nn joint:{'00' * 32} :radius 256)",
        "(difference (or tag:dog tag:cat) (and tag:dog (ids tagged: @1)))",
        "tag:none",
    ],
)
def test_every_kind_of_leaf_has_a_row_that_kernels_read(world, worlds, oracle, text):
    """Each leaf finds in all segments together what is on paper."""
    shelf = world.shelf
    plan = compile_plan(parse(text), worlds.ID_ARRAYS)
    found = []
    for part in world.view.segments:
        locals_, whole = frame_of(bind(plan, part)).ids(1 << 40, address_of(np.zeros(8, np.uint8)))
        assert whole
        found += part.segment.columns["ids"][locals_].tolist()

    place = oracle.Place(parse(text), shelf, worlds.ID_ARRAYS, 1)
    assert sorted(shelf.documents[p].id for p in place.hits) == sorted(found)


def test_what_is_near_stands_in_a_plan_like_a_list(part, worlds):
    """The k nearest come from the shard; a segment's part of them has points beside its ids."""
    text = f"(nn visual:{'00' * 32} :k 5)"
    near = Neighbours(np.array([1, 4], dtype=np.uint32), np.array([70, 9], dtype=np.int64))
    some = bound_of(part, worlds, text, {0: near})
    none = bound_of(part, worlds, text)

    assert some.rows[0, :2].tolist() == [forms.SCORED, 2]
    assert some.program.bound_score == 70
    assert len(none.program.ops) == 0


def test_a_plan_with_large_unions_is_not_kept(scale):
    """A thousand kept plans may not hold a thousand sums over a segment."""
    part = scale.wide(5, (2 * WINDOW,)).view.segments[0]
    small = compile_plan(parse("(and tag:half (ids author: @0))"), scale.ID_ARRAYS)
    large = compile_plan(parse("(term tag:half)"), scale.ID_ARRAYS)
    summed = compile_plan(parse("(ids author: @0 :weight 1)"), scale.ID_ARRAYS)

    assert bind(small, part).cacheable
    assert bind(large, part).cacheable
    assert not bind(summed, part).cacheable


def test_a_union_of_cold_lists_says_so():
    """Thawed lists count in the memory budget of the index; a kept plan would escape it."""
    documents = 2 * WINDOW
    hits = random_lists(3, documents, [5_000, 6_000])
    packed = lists_of(hits, documents, np.ones(2, dtype=np.bool_))
    assert packed.row(0)[forms.FORM] == forms.PACKED
    found = unite(packed.rows(np.arange(2)), packed, documents, best=0, sums=0, squared=0)

    assert found.thawed
    assert found.row[forms.COUNT] == np.union1d(hits[0].ids, hits[1].ids).size


@given(data=st.data())
def test_every_node_is_described_and_can_be_counted(worlds, data):
    """What `explain` prints beside a node; empty branches have 0, `and`s no more than operands."""
    world = worlds.numbered(data.draw(worlds.numbers))
    plan = compile_plan(data.draw(worlds.expressions), worlds.ID_ARRAYS)
    for part in world.view.segments:
        bound = bind(plan, part)
        pending = [describe(bound)]
        while pending:
            one = pending.pop()
            pending += (*one.operands, *one.negated)
            program = bound.program_of(one.node)

            assert 0 <= one.estimated <= part.segment.documents
            if one.estimated == 0 and not one.operands and not part.changes:
                assert len(program.ops) == 0 or one.label.startswith(("(range", "(nn", "(all"))
            if one.label == "and":
                assert one.estimated <= 1 + min(operand.estimated for operand in one.operands)


def test_estimates_take_operands_to_be_independent(scale):
    """Half of the documents and a tenth of them have a twentieth in common."""
    part = scale.wide(5, (WINDOW + 5,)).view.segments[0]
    part = SegmentView(part.segment)
    n = part.segment.documents
    found = describe(bind(compile_plan(parse("(and tag:half (or tag:tenth tag:half))")), part))
    half, either = found.operands

    assert half.estimated == pytest.approx(n / 2, rel=0.1)
    assert either.estimated == pytest.approx(n * 0.55, rel=0.1)
    assert found.estimated == pytest.approx(n * 0.275, rel=0.15)


def test_what_nearness_is_worth_lives_as_long_as_the_plan(worlds):
    """Kernels read the table by its address; tables of other weights may take its place in mind."""
    view = worlds.view(worlds.world(3, [40]))
    plan = compile_plan(parse(f"(nn visual:{'00' * 32} :radius 256 :weight 0.3217)"))
    bound = bind(plan, view.segments[0])
    (share,) = bound.program.shares
    table = weakref.ref(distance_points(plan.leaves[0].weight))
    distance_points.cache_clear()

    assert share[1] == BY_DISTANCE
    assert table() is not None
    assert address_of(table()) == share[2]


def test_plans_with_ids_of_a_request_are_not_kept(worlds):
    """No other request has them, and they may name a searcher's friends."""
    view = worlds.view(worlds.world(3, [40, 40]))
    expr = parse("(and (ids author: @0) (all))")
    for _ in range(2):
        retrieve(view, compile_plan(expr, worlds.ID_ARRAYS), order=Order.CONCEPT, limit=5)

    assert not view.kept
    assert not any(part.kept for part in view.segments)


def test_memory_that_a_desk_has_outgrown_is_let_go():
    """Plans that grow step by step would else keep the memory of every step."""
    desk = Desk.new()
    outgrown = [weakref.ref(one) for one in (*desk._slots, *desk._cursors)]
    desk.fit(50, 50)

    assert not any(one() is not None for one in outgrown)
