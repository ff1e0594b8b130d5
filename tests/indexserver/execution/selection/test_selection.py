"""Keeping the best agrees with sorting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.simd.memory import address_of
from indexserver.execution.selection._kernels import cut_down, kth_largest, sort_best

SIZES = [1, 2, 15, 16, 17, 31, 32, 33, 200, 1_000]


def drawn(seed, size, distinct):
    rng = np.random.default_rng(seed)
    return rng.integers(0, distinct, size, dtype=np.uint64), np.sort(
        rng.choice(2**31, size, replace=False)
    ).astype(np.uint32)


@given(
    values=st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 3), min_size=1, max_size=300),
    data=st.data(),
)
def test_the_kth_largest_is_that_of_a_sorted_list(values, data):
    """It is the score below which nothing is kept."""
    k = data.draw(st.integers(1, len(values)))
    given_values = np.array(values, dtype=np.uint64)

    assert sorted(values, reverse=True)[k - 1] == kth_largest(
        address_of(given_values), len(values), k
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("distinct", [1, 3, 2**63])
def test_cutting_down_keeps_the_best_and_of_ties_the_first(size, distinct):
    """Equal scores are in DocId order: which of them stay may not depend on the buffer."""
    for limit in {1, size // 2 or 1, size}:
        scores, locals_ = drawn(size, size, distinct)
        order = np.lexsort((locals_, -scores.astype(np.float64)))
        if distinct == 2**63:
            order = np.array(sorted(range(size), key=lambda i: (-int(scores[i]), int(locals_[i]))))
        kept = np.sort(order[:limit])
        expected = list(zip(scores[kept].tolist(), locals_[kept].tolist(), strict=True))
        work = np.empty(size, dtype=np.uint64)

        worst = cut_down(address_of(scores), address_of(locals_), size, limit, address_of(work))

        assert expected == list(zip(scores[:limit].tolist(), locals_[:limit].tolist(), strict=True))
        assert worst == min(score for score, _ in expected)


@pytest.mark.parametrize("size", [0, *SIZES])
@pytest.mark.parametrize("distinct", [1, 5, 2**64 - 1])
def test_sorting_is_stable(size, distinct):
    """Score descending, then the order they had: DocId order."""
    scores, locals_ = drawn(size, size, distinct)
    expected = sorted(
        zip(scores.tolist(), locals_.tolist(), strict=True), key=lambda entry: -entry[0]
    )
    work = np.empty(size + 1, dtype=np.uint64), np.empty(size + 1, dtype=np.uint32)

    sort_best(
        address_of(scores), address_of(locals_), size, address_of(work[0]), address_of(work[1])
    )

    assert expected == list(zip(scores.tolist(), locals_.tolist(), strict=True))
