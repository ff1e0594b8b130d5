"""Distances are counted bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import ShapeError
from indexserver.embeddings.hamming import distances_to


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 63, 64, 65, 200])
def test_distances_agree_with_counting_bits(count: int) -> None:
    """Ones, zeros and random codes, in any order of rows, around every full register."""
    rng = np.random.default_rng(count)
    codes = rng.integers(0, 256, (50, 32), dtype=np.uint8)
    codes[0], codes[1] = 0, 255
    query = bytes(rng.integers(0, 256, 32, dtype=np.uint8))
    rows = rng.integers(0, 50, count).astype(np.uint32)
    number = int.from_bytes(query, "big")

    expected = [(number ^ int.from_bytes(codes[r].tobytes(), "big")).bit_count() for r in rows]

    assert expected == distances_to(query, codes, rows).tolist()


def test_a_code_and_its_opposite_are_all_bits_apart() -> None:
    """256 does not fit in a byte."""
    codes = np.array([[255] * 32, [0] * 32], dtype=np.uint8)

    assert distances_to(bytes(32), codes, np.arange(2, dtype=np.uint32)).tolist() == [256, 0]


def test_what_a_kernel_could_not_read_is_refused() -> None:
    """Found and needed are both named; kernels look at nothing."""
    codes, row = np.zeros((2, 32), dtype=np.uint8), np.zeros(1, dtype=np.uint32)

    with pytest.raises(ShapeError, match="must have 32 bytes, got 5"):
        distances_to(b"short", codes, row)
    with pytest.raises(ShapeError, match=r"codes must be uint8 \(n, 32\), got uint8 \(2, 16\)"):
        distances_to(bytes(32), codes[:, :16], row)
    with pytest.raises(ShapeError, match="C-contiguous, got a strided view"):
        distances_to(bytes(32), np.zeros((4, 32), dtype=np.uint8)[::2], row)
    with pytest.raises(ShapeError, match="rows must be below 2, got 2"):
        distances_to(bytes(32), codes, row + 2)
