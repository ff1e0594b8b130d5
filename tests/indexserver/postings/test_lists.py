"""Lists come back as they went in, whatever form they took, and cost what they should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from alicorn.errors import ShapeError
from alicorn.simd.memory import address_of
from indexserver.postings._kernels import hit_at
from indexserver.postings.encode import encode_lists, encode_one, sizes_in_memory
from indexserver.postings.forms import (
    COUNT,
    DENSE,
    EMPTY,
    FORM,
    HITS,
    MAXIMA,
    PACKED,
    SHORT,
    SPARSE,
    WINDOW,
    windows_of,
)
from indexserver.postings.lists import PostingLists
from indexserver.postings.thawed import ThawedLists

EDGES = [1, 2, 3, 63, 64, 65, 300, 16_383, 16_384, 16_385, 16_448, 16_449, 65_535, 65_536, 65_537]
LARGE = [100_000, 200_000, 1 << 24, (1 << 24) + 1]
SIZES = [0, 1, 2, 3, 5, 62, 63, 64, 84, 85, 127, 128, 129, 182, 183, 184, 185, 186, 187]
SIZES += [255, 256, 257, 258, 512, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537]


def _ids(documents: int, size: int, shape: str, seed: int) -> np.ndarray:
    """``size`` ids, or all: anywhere, the first ones, the last ones, or all in two windows."""
    size = min(size, documents)
    if shape == "first":
        return np.arange(size, dtype=np.uint32)
    if shape == "last":
        return np.arange(documents - size, documents, dtype=np.uint32)
    rng = np.random.default_rng(seed)
    within = min(documents, max(2 * WINDOW, size)) if shape == "crowded" else documents
    if within > 4 * size:
        drawn = np.unique(rng.integers(0, within, size))
    else:
        drawn = np.sort(rng.permutation(within)[:size])
    return drawn.astype(np.uint32)


@st.composite
def some_lists(draw):
    """Documents of a segment, and lists of every size that is an edge of something."""
    documents = draw(st.sampled_from(EDGES + LARGE))
    shapes = st.sampled_from(["anywhere", "first", "last", "crowded"])
    made = draw(
        st.lists(
            st.tuples(st.sampled_from(SIZES), shapes, st.sampled_from([0, 1, 7, 255])), max_size=40
        )
    )
    lists = []
    for seed, (size, shape, largest) in enumerate(made):
        ids = _ids(documents, size, shape, seed)
        hits = np.random.default_rng(seed).integers(0, largest + 1, ids.size).astype(np.uint8)
        lists.append((ids, hits))
    return documents, lists


def _flat(lists) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    offsets = np.zeros(len(lists) + 1, dtype=np.uint64)
    np.cumsum([ids.size for ids, _ in lists], out=offsets[1:])
    ids = np.concatenate([ids for ids, _ in lists]) if lists else np.empty(0, dtype=np.uint32)
    hits = np.concatenate([hits for _, hits in lists]) if lists else np.empty(0, dtype=np.uint8)
    return offsets, ids, hits


def _expected_form(documents: int, ids: np.ndarray) -> int:
    """Say the rule in words: a bitmap where a window has more than 256, else the smaller form."""
    per_window = np.bincount(ids // WINDOW) if ids.size else np.zeros(1)
    windows = -(-documents // WINDOW)
    width = 2 if documents <= 1 << 16 else 3 if documents <= 1 << 24 else 4
    if ids.size == 0:
        return EMPTY
    if per_window.max() > 256 or ids.size >= 65_536:
        return DENSE
    return SHORT if 3 * windows + 2 * ids.size > width * ids.size else SPARSE


@given(world=some_lists())
def test_lists_come_back_in_the_form_that_the_rule_says(world):
    """PS-01, PS-05: ids, order and HitData, one by one and all at once."""
    documents, given_lists = world
    flat = _flat(given_lists)
    lists = PostingLists.read(encode_lists(*flat, documents), documents, count=len(given_lists))

    rows = lists.rows(np.arange(-1, len(given_lists) + 1))
    for number, (ids, hits) in enumerate(given_lists):
        found = lists.decode(number)
        assert ids.tolist() == found.ids.tolist()
        assert hits.tolist() == found.hits.tolist()
        assert _expected_form(documents, ids) == rows[number + 1][FORM]
        assert (rows[number + 1] == lists.row(number)).all()
        assert bool(hits.any()) == bool(rows[number + 1][HITS])
    assert rows[0].tolist() == rows[-1].tolist() == [0] * 8
    assert lists.counts().tolist() == [ids.size for ids, _ in given_lists]
    for expected, found in zip(flat, lists.decode_all(), strict=True):
        assert expected.tolist() == found.tolist()


@given(world=some_lists())
def test_cold_lists_come_back_as_they_went_in(world):
    """PS-01, "in-memory and flash": which lists are cold changes no answer."""
    documents, given_lists = world
    flat = _flat(given_lists)
    packed = np.arange(len(given_lists)) % 4 != 3
    sections = encode_lists(*flat, documents, packed=packed)
    lists = PostingLists.read(
        sections, documents, count=len(given_lists), thawed=ThawedLists(1 << 16)
    )

    for number, (ids, hits) in enumerate(given_lists):
        row = lists.row(number)
        thawed, _owner = lists.thaw(row)
        assert row[COUNT] == thawed[COUNT] == ids.size
        assert thawed[FORM] == _expected_form(documents, ids)
        for found in (lists.decode_row(row), lists.decode_row(thawed)):
            assert ids.tolist() == found.ids.tolist()
            assert hits.tolist() == found.hits.tolist()
    for expected, found in zip(flat, lists.decode_all(), strict=True):
        assert expected.tolist() == found.tolist()


@njit
def _hits_of_all(row, documents, out):
    for local in range(documents):
        out[local] = hit_at(row, local)


@pytest.mark.parametrize("documents", [*EDGES, 100_000])
def test_a_document_is_in_a_list_with_its_byte_or_not_in_it(documents):
    """Every document of every form is asked for: ranks at each word and window edge."""
    for seed, size in enumerate([0, 1, 3, 64, 185, 256, 257, 2_000, 65_536, 70_000]):
        for shape in ("anywhere", "first", "last", "crowded"):
            ids = _ids(documents, size, shape, seed)
            hits = np.random.default_rng(seed).integers(0, 256, ids.size).astype(np.uint8)
            hits *= seed % 3 != 0
            expected = np.full(documents, -1)
            expected[ids] = hits
            encoded = encode_one(ids, hits, documents)
            found = np.empty(documents, dtype=np.int64)

            _hits_of_all(address_of(encoded.row), documents, found)

            assert np.array_equal(expected, found), (size, shape)


@pytest.mark.parametrize("largest", [0, 1, 255])
@pytest.mark.parametrize("size", [0, 1, 100, 400, 3_000, 70_000])
def test_one_list_in_memory_is_as_a_segment_has_it(size, largest):
    """A list that was changed in memory takes the place of the segment's in the same plan."""
    documents = 200_000
    ids = _ids(documents, size, "anywhere", size)
    hits = np.full(ids.size, largest, dtype=np.uint8)
    lists = PostingLists.read(encode_lists(*_flat([(ids, hits)]), documents), documents, count=1)

    encoded = encode_one(ids, hits, documents)

    assert encoded.row[FORM] == lists.row(0)[FORM]
    assert lists.decode_row(encoded.row).ids.tolist() == ids.tolist()
    assert lists.decode_row(encoded.row).hits.tolist() == hits.tolist()
    if encoded.row[FORM] in (SPARSE, DENSE):
        assert encoded.row[MAXIMA] != 0


def test_the_largest_byte_of_each_window_is_beside_it():
    """The bound by which whole windows are skipped: too low would lose a document."""
    documents = 5 * WINDOW + 100
    rng = np.random.default_rng(1)
    for size in (300, 60_000):
        ids = _ids(documents, size, "anywhere", 2)
        hits = rng.integers(0, 256, ids.size).astype(np.uint8)
        hits[ids // WINDOW == 3] = 0
        expected = [int(hits[ids // WINDOW == w].max(initial=0)) for w in range(6)]

        encoded = encode_one(ids, hits, documents)

        whole = encoded.owner.view(np.uint8)
        start = int(encoded.row[MAXIMA]) - address_of(encoded.owner)
        assert expected == whole[start : start + windows_of(documents)].tolist()


def test_the_same_lists_give_the_same_bytes():
    """Replicas build the same file: no byte is left as the memory had it."""
    lists = [
        (_ids(100_000, size, shape, seed), np.full(min(size, 100_000), 7, dtype=np.uint8))
        for seed, size in enumerate([3, 90, 185, 300, 5_000, 70_000])
        for shape in ("first", "last")
    ]
    packed = np.arange(len(lists)) % 3 == 0
    first = encode_lists(*_flat(lists), 100_000, packed=packed)
    ballast = np.full(1 << 20, 0xEE, dtype=np.uint8)
    del ballast

    assert first == encode_lists(*_flat(lists), 100_000, packed=packed)


def test_short_lists_cost_next_to_nothing():
    """Half of all lists have three hits or fewer: 14.5 bytes each with HitData, 11.5 without."""
    count = 16_000
    ids = np.sort(np.random.default_rng(3).integers(0, 10**6 // 3, (count, 3)) * 3, axis=1)
    ids += np.arange(3)
    offsets = np.arange(0, 3 * count + 1, 3, dtype=np.uint64)
    for byte, expected in ((0, 11.5), (9, 14.5)):
        hits = np.full(ids.size, byte, dtype=np.uint8)

        sections = encode_lists(offsets, ids.ravel().astype(np.uint32), hits, 10**6)

        held = sum(len(section) for section in sections.values()) - 64
        assert held == expected * count


def test_parts_add_up_to_the_sections():
    """What the memory report shows is what there is, cold or not (PS-01)."""
    lists = [(_ids(200_000, size, "anywhere", 1), None) for size in (0, 2, 90, 300, 30_000)]
    lists = [(ids, np.arange(ids.size).astype(np.uint8) % 11) for ids, _ in lists]
    postings = sum(ids.size for ids, _ in lists)
    for packed in (False, True):
        cold = np.full(len(lists), packed)
        sections = encode_lists(*_flat(lists), 200_000, packed=cold)
        parts = PostingLists.read(sections, 200_000, count=len(lists)).bytes_by_part()

        assert sum(parts.values()) == sum(len(section) for section in sections.values())
        assert parts["hitdata"] < postings + 200
        assert parts["hitdata"] < 0.6 * postings or not packed


def test_what_packing_saves_is_told_beforehand():
    """A memory budget is kept by packing lists until the rest fits."""
    lists = [(_ids(200_000, size, "anywhere", 1), None) for size in (0, 2, 90, 300, 30_000, 70_000)]
    lists = [
        (ids, np.full(ids.size, size % 2, dtype=np.uint8)) for size, (ids, _) in enumerate(lists)
    ]
    flat = _flat(lists)

    sizes = sizes_in_memory(*flat, 200_000)

    none = encode_lists(*flat, 200_000)
    held = len(none["list_windows"]) + len(none["list_hits"]) - 128
    assert held == sizes.sum()
    assert sizes[:2].tolist() == [0, 0]


def test_thawed_lists_are_kept_up_to_their_budget():
    """Reading flash again for the same query would be the cost of every query (PS-01)."""
    lists = [(_ids(200_000, 3_000, "anywhere", seed), None) for seed in range(4)]
    lists = [(ids, np.zeros(ids.size, dtype=np.uint8)) for ids, _ in lists]
    sections = encode_lists(*_flat(lists), 200_000, packed=np.ones(4, dtype=bool))
    size = encode_one(*lists[0], 200_000).owner.nbytes
    held = PostingLists.read(sections, 200_000, count=4, thawed=ThawedLists(3 * size + 200))

    def read_by(number: int) -> int:
        before = held.bytes_read
        held.thaw(held.row(number))
        return held.bytes_read - before

    first = [read_by(number) for number in (0, 1, 2, 0, 1, 2)]
    later = [read_by(number) for number in (3, 1, 2, 3, 0)]

    assert all(first[:3])
    assert first[3:] == [0, 0, 0]
    assert [bool(read) for read in later] == [True, False, False, False, True]
    assert sum(first[:3]) + later[0] == len(sections["list_packed"]) - 64


def test_what_does_not_fit_together_is_refused():
    """Kernels read by address: sizes are checked before, never in them."""
    ids = np.array([1, 2], dtype=np.uint32)
    hits = np.zeros(2, dtype=np.uint8)
    good = np.array([0, 2], dtype=np.uint64)
    bad = [
        (np.array([0, 3], dtype=np.uint64), ids, hits, 10, None),
        (np.array([1, 2], dtype=np.uint64), ids, hits, 10, None),
        (np.array([0, 2, 1, 2], dtype=np.uint64), ids, hits, 10, None),
        (good, ids, hits[:1], 10, None),
        (good, ids, hits, 2, None),
        (good, ids, hits, 10, np.zeros(2, dtype=bool)),
    ]
    for *flat, documents, packed in bad:
        with pytest.raises(ShapeError):
            encode_lists(*flat, documents, packed=packed)


def test_a_packed_list_is_never_given_to_kernels():
    """`thaw` is where the cold form ends; warm rows pass through it as they are."""
    lists = [(_ids(200_000, size, "anywhere", 1), None) for size in (0, 3, 5_000)]
    lists = [(ids, np.ones(ids.size, dtype=np.uint8)) for ids, _ in lists]
    sections = encode_lists(*_flat(lists), 200_000, packed=np.ones(3, dtype=bool))
    held = PostingLists.read(sections, 200_000, count=3)

    forms = [int(held.row(number)[FORM]) for number in range(3)]
    thawed = [int(held.thaw(held.row(number))[0][FORM]) for number in range(3)]

    assert forms == [EMPTY, SHORT, PACKED]
    assert thawed == [EMPTY, SHORT, DENSE]
