"""Sums of squared bytes agree with NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.simd.memory import address_of
from alicorn.simd.sums import above, add_squares


@pytest.mark.parametrize("density", [0, 1, 15, 16, 17, 32, 63, 64])
@pytest.mark.parametrize("multiplier", [1, 3, 40_000])
def test_each_byte_is_squared_into_its_documents_sum(density, multiplier):
    """Concept scores are these sums: a byte at the wrong document is a wrong rank."""
    rng = np.random.default_rng(density)
    for _ in range(10):
        bits = np.sort(rng.choice(64, density, replace=False))
        word = np.uint64(sum(1 << int(bit) for bit in bits))
        given = rng.integers(0, 256, 128, dtype=np.uint8)
        sums = rng.integers(0, 2**20, 64 + 16, dtype=np.uint32)
        expected = sums.copy()
        expected[bits] += (given[:density].astype(np.uint64) ** 2 * multiplier).astype(np.uint32)

        add_squares(word, address_of(given), address_of(sums), multiplier)

        assert expected.tolist() == sums.tolist()


@pytest.mark.parametrize("bound", [0, 1, 2**31 - 1, 2**31, 2**32 - 1])
def test_what_is_above_a_bound_is_found_unsigned(bound):
    """Sums may pass 2^31: a signed comparison would drop the best documents."""
    rng = np.random.default_rng(bound)
    sums = rng.integers(0, 2**32, 64, dtype=np.uint32)
    sums[:3] = [bound, min(bound + 1, 2**32 - 1), 0]
    expected = sum(1 << i for i, value in enumerate(sums.tolist()) if value > bound)

    assert expected == above(address_of(sums), bound)
