"""The k nearest codes are what sorting all of them says, under every filter."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import BadRequest, DeadlineSpent, ShapeError
from indexserver.embeddings.nearest import MOST, nearest

SHARES = [0.0, 0.001, 0.02, 0.3, 0.34, 0.9, 1.0]


def _pairs(found) -> list[tuple[int, int]]:
    return list(zip(found.distances.tolist(), found.locals.tolist(), strict=True))


@given(data=st.data())
def test_nearest_are_what_sorting_says(oracle, words_of, sizes, data) -> None:
    """Sizes around every block, copies of few codes (ties), any k, every kind of filter.

    Ties come by ascending local id, also where they are cut at k. PS-16: what the codes fetch.
    """
    count = data.draw(sizes)
    distinct = data.draw(st.sampled_from([None, 1, 2, 40]))
    world = oracle(data.draw(st.integers(0, 50)), count, distinct)
    k = data.draw(st.sampled_from([1, 2, 10, 100, 1000, MOST]))
    at_most = data.draw(st.sampled_from([256, 256, 256, 140, 100, 0, -1]))
    live, flagged, allowed = (
        world.some(data.draw(st.sampled_from(SHARES)), data.draw(st.booleans())) for _ in range(3)
    )
    has_live, has_flags = data.draw(st.booleans()), data.draw(st.booleans())
    form = data.draw(st.sampled_from([None, "bitmap", "ids"]))
    mask = np.ones(count, dtype=np.bool_)
    if has_live:
        mask &= live
    if has_flags:
        mask &= flagged
    if form:
        mask &= allowed
    beyond = data.draw(st.booleans())

    found = nearest(
        world.query,
        world.codes,
        k,
        flags=flagged * np.uint8(4) + np.uint8(3) if has_flags else None,
        flag=4,
        live_words=words_of(live, beyond) if has_live else None,
        allowed={
            None: None,
            "bitmap": words_of(allowed, beyond),
            "ids": np.flatnonzero(allowed).astype(np.uint32),
        }[form],
        at_most=at_most,
    )

    assert world.nearest(k, mask, at_most) == _pairs(found)


@pytest.mark.parametrize("k", [1, 3, 99, 100, 101])
def test_distances_that_fall_all_the_way_are_followed(k: int) -> None:
    """Every row enters: the worst case for what is held, cleared again and again."""
    count = 30_000
    codes = np.zeros((count, 32), dtype=np.uint8)
    apart = 256 - np.arange(count) * 257 // count
    codes[:] = np.packbits(np.arange(256) < apart[:, None], axis=1)
    expected = sorted(zip(apart.tolist(), range(count), strict=True))[:k]

    assert expected == _pairs(nearest(bytes(32), codes, k))


def test_equal_distances_keep_the_first_ids() -> None:
    """Copies of one code everywhere: replicas must agree on which of them are a page."""
    codes = np.full((20_000, 32), 7, dtype=np.uint8)

    found = nearest(bytes(32), codes, 5_000)

    assert list(range(5_000)) == found.locals.tolist()
    assert {96} == set(found.distances.tolist())


def test_the_largest_k_of_more_documents() -> None:
    """What is held is cleared many times, and its order stays."""
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 256, (150_000, 32), dtype=np.uint8)
    codes[: 2**16, 4:] = 0  # near documents come first, in part
    query = bytes(32)
    distances = np.bitwise_count(codes).sum(axis=1, dtype=np.uint16)
    order = np.argsort(distances, kind="stable")[:MOST]

    found = nearest(query, codes, MOST)

    assert np.array_equal(order, found.locals)
    assert np.array_equal(distances[order], found.distances)


def test_dtypes_are_those_promised() -> None:
    """Callers hand them to kernels."""
    found = nearest(bytes(32), np.zeros((3, 32), dtype=np.uint8), 2)

    assert (np.uint32, np.uint16) == (found.locals.dtype, found.distances.dtype)


@pytest.mark.parametrize("form", ["scan", "bitmap", "ids"])
def test_a_set_flag_ends_the_search(form: str, words_of) -> None:
    """The nearest of a part could be none of the nearest: there is no partial answer."""
    codes = np.zeros((9_000, 32), dtype=np.uint8)
    mask = np.arange(9_000) % 100 == 0
    allowed = {
        "scan": None,
        "bitmap": words_of(mask),
        "ids": np.flatnonzero(mask).astype(np.uint32),
    }[form]
    flag = np.zeros(1, dtype=np.uint8)

    assert nearest(bytes(32), codes, 5, allowed=allowed, cancel=flag).locals.size == 5
    flag[0] = 1
    with pytest.raises(DeadlineSpent, match="time was over"):
        nearest(bytes(32), codes, 5, allowed=allowed, cancel=flag)


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"live_words": np.zeros(1, dtype=np.uint64)}, "live_words must have 2 elements or more"),
        ({"allowed": np.zeros(1, dtype=np.uint64)}, "allowed must have 2 elements or more, got 1"),
        ({"allowed": np.zeros(1, dtype=np.int64)}, "allowed must be one contiguous row of uint32"),
        ({"allowed": np.array([3, 100], dtype=np.uint32)}, "candidates must be below 100, got 100"),
        ({"flags": np.zeros(99, dtype=np.uint8)}, "flags must have 100 elements or more, got 99"),
        ({"flags": np.zeros(200, dtype=np.uint8)[::2]}, "flags must be one contiguous row"),
        ({"cancel": np.zeros(0, dtype=np.uint8)}, "cancel must have 1 elements or more, got 0"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(given_, message: str) -> None:
    """Kernels read by address: what is too short would be read beyond its end."""
    with pytest.raises(ShapeError, match=message):
        nearest(bytes(32), np.zeros((100, 32), dtype=np.uint8), 5, **given_)


@pytest.mark.parametrize("k", [0, -1, MOST + 1])
def test_k_out_of_range_is_refused(k: int) -> None:
    """Found and needed are named."""
    with pytest.raises(BadRequest, match=f"k must be 1 to 1000000, got {k}"):
        nearest(bytes(32), np.zeros((1, 32), dtype=np.uint8), k)


def test_without_avx512_the_answers_are_the_same() -> None:
    """One answer on every CPU: the same cases in a process that may not use those vectors."""
    code = """
import numpy as np
from alicorn.simd.cpu import AVX512
from indexserver.embeddings.nearest import nearest
from indexserver.embeddings.within import within_radius
assert not AVX512
rng = np.random.default_rng(8)
for count in (0, 1, 9, 2049, 8193, 20_001):
    codes = rng.integers(0, 256, (count, 32), dtype=np.uint8)
    query = rng.bytes(32)
    distances = np.bitwise_count(codes ^ np.frombuffer(query, np.uint8)).sum(1, dtype=np.uint16)
    for share in (None, 0.01, 0.5):
        mask = rng.random(count) < (2 if share is None else share)
        ids = np.flatnonzero(mask).astype(np.uint32)
        bits = np.zeros(-(-count // 64) * 64, dtype=np.bool_)
        bits[ids] = True
        words = np.packbits(bits, bitorder="little").view(np.uint64)
        order = ids[np.argsort(distances[ids], kind="stable")][:100]
        for allowed in (ids, words) if share else (None,):
            found = nearest(query, codes, 100, allowed=allowed)
            assert np.array_equal(order, found.locals)
            assert np.array_equal(distances[order], found.distances)
        within = within_radius(query, codes, 120, live_words=words)
        near = np.unpackbits(within.words.view(np.uint8), bitorder="little")[:count]
        assert np.array_equal((distances <= 120) & mask, near.astype(bool))
print("same")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_CPU_NAME": "x86-64-v3"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "same\n", done.stderr
