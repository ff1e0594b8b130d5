"""The arrays of the second stage, and the distances between their codes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import ShapeError
from ranker.second_stage.candidates import Candidates, hamming


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 12))
def test_hamming_counts_the_bits_that_differ(seed: int, n: int) -> None:
    """PS-12: folding and outliers both stand on it, so it is compared bit by bit."""
    codes = np.random.default_rng(seed).integers(0, 256, (n, 32)).astype(np.uint8)
    if n > 2:
        codes[1], codes[2] = codes[0], ~codes[0]
    expected = [
        [sum((int(x) ^ int(y)).bit_count() for x, y in zip(a, b, strict=True)) for b in codes]
        for a in codes
    ]

    assert expected == hamming(codes).tolist()


def test_arrays_that_do_not_fit_are_refused(make_candidates) -> None:
    """A column of another length would give photos each other's fingerprints."""
    with pytest.raises(ShapeError, match=r"authors must be uint64 \(4,\), got uint64 \(3,\)"):
        make_candidates(4, authors=np.zeros(3, np.uint64))
    with pytest.raises(ShapeError, match="scores must be int64"):
        make_candidates(4, scores=np.zeros(4, np.float64))


def test_taking_keeps_the_arrays_together(make_candidates) -> None:
    """Whatever is filtered before the second stage goes through here."""
    all_of_them: Candidates = make_candidates(6)
    some = all_of_them.take(np.array([4, 1]))

    assert some.ids.tolist() == all_of_them.ids[[4, 1]].tolist()
    assert some.visual.tolist() == all_of_them.visual[[4, 1]].tolist()
