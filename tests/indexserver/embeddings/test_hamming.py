"""Distances are counted bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import ShapeError
from indexserver.embeddings.hamming import hamming_distances


def test_distances_agree_with_counting_bits():
    """Ones, zeros and random codes, in any order of rows."""
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 256, (50, 32), dtype=np.uint8)
    codes[0], codes[1] = 0, 255
    query = bytes(rng.integers(0, 256, 32, dtype=np.uint8))
    rows = np.array([1, 0, 49, 7, 7], dtype=np.uint32)
    number = int.from_bytes(query, "big")

    expected = [(number ^ int.from_bytes(codes[r].tobytes(), "big")).bit_count() for r in rows]

    assert expected == hamming_distances(query, codes, rows).tolist()
    assert hamming_distances(bytes(32), codes, rows[:2]).tolist() == [256, 0]


def test_a_code_of_another_length_is_refused():
    """Found and needed are both named."""
    with pytest.raises(ShapeError, match="must have 32 bytes, got 5"):
        hamming_distances(b"short", np.zeros((1, 32), dtype=np.uint8), np.zeros(1, dtype=np.uint32))
