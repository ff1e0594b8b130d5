"""Which lists a memory budget leaves in memory, and that it holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexserver.budget import MemoryBudget, cold_lists
from indexserver.postings.encode import encode_lists, sizes_in_memory
from indexserver.postings.segment import WARM_SECTIONS

DOCUMENTS = 40_000


@pytest.fixture(scope="module")
def lists():
    """Give lists of every density: offsets, ids and hits."""
    rng = np.random.default_rng(3)
    counts = [0, 1, 60, 100, 300, 1_000, 4_000, 9_000, 20_000, 39_000]
    ids = [np.sort(rng.choice(DOCUMENTS, count, replace=False)) for count in counts]
    offsets = np.zeros(len(counts) + 1, dtype=np.uint64)
    np.cumsum(counts, out=offsets[1:])
    hits = rng.integers(1, 256, int(offsets[-1])).astype(np.uint8)
    return offsets, np.concatenate(ids).astype(np.uint32), hits


def warm_bytes(lists, packed) -> int:
    sections = encode_lists(*lists, DOCUMENTS, packed=packed)
    return sum(len(sections[name]) for name in WARM_SECTIONS)


@given(share=st.floats(0, 1.2))
def test_what_stays_in_memory_is_within_what_is_allowed(lists, share):
    """PS-01: the budget is a bound, at any size of it."""
    allowed = int(share * warm_bytes(lists, None))
    packed = cold_lists(allowed)(*lists, DOCUMENTS)

    assert warm_bytes(lists, packed) <= allowed


def test_lists_that_are_cheapest_a_hit_stay(lists):
    """What is read most often is what is found most often, and a bitmap's hits cost least."""
    offsets, _, _ = lists
    sizes = sizes_in_memory(*lists, DOCUMENTS)
    each = sizes / np.maximum(np.diff(offsets.astype(np.int64)), 1)
    packed = cold_lists(int(0.5 * sizes.sum()))(*lists, DOCUMENTS)

    assert packed is not None
    assert packed.any()
    assert not packed.all()
    assert each[~packed].max() <= each[packed].min()


def test_nothing_is_cold_where_all_of_it_fits(lists):
    """A budget that is not needed changes no byte of a file."""
    assert cold_lists(warm_bytes(lists, None))(*lists, DOCUMENTS) is None


def test_a_segment_that_took_too_much_is_written_again():
    """The first segment of a shard has the whole budget, until others come."""
    budget = MemoryBudget(4_000)

    assert (budget.warm, budget.thawed) == (3_000, 1_000)
    assert budget.overfull([], []) is None
    assert budget.overfull([3_000], [10]) is None
    # All of it is taken, but it fits, and nobody's share is doubled.
    assert budget.overfull([2_000, 1_000], [20, 20]) is None
    assert budget.overfull([2_000, 1_001], [20, 20]) == 0
    assert budget.overfull([0, 2_500], [30, 10]) == 1
    assert budget.overfull([0, 0], [0, 0]) is None
