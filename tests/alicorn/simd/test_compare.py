"""Comparisons of many small numbers agree with NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from alicorn.simd.compare import any_below_256, below_64, flagged_64
from alicorn.simd.memory import address_of


@njit
def _below(numbers, bound):
    return below_64(numbers, np.uint16(bound))


@njit
def _any_below(numbers, bound):
    return any_below_256(numbers, np.uint16(bound))


@njit
def _flagged(flags, wanted):
    return flagged_64(flags, np.uint8(wanted))


def _bits(mask: np.ndarray) -> int:
    return sum(1 << i for i, is_set in enumerate(mask.tolist()) if is_set)


@pytest.mark.parametrize("bound", [0, 1, 100, 257, 32_768, 65_535])
def test_numbers_below_a_bound_are_found_unsigned(bound: int) -> None:
    """Padding is 65,535: were numbers signed, it would be below every bound."""
    rng = np.random.default_rng(bound)
    for _ in range(10):
        numbers = rng.choice([0, 1, 99, 100, 101, 256, 32_767, 32_768, 65_535], 65)
        numbers = numbers.astype(np.uint16)

        assert _bits(numbers[:64] < bound) == _below(address_of(numbers), bound)


@pytest.mark.parametrize("at", [0, 31, 32, 63, 100, 255, 256])
def test_one_small_number_is_found_wherever_it_is(at: int) -> None:
    """256 documents are passed over only if none of them is near."""
    numbers = np.full(257, 0xFFFF, dtype=np.uint16)
    numbers[at] = 40

    assert (at < 256) == _any_below(address_of(numbers), 41)
    assert not _any_below(address_of(numbers), 40)


@pytest.mark.parametrize("wanted", [1, 2, 5, 128])
def test_flags_are_found_by_any_shared_bit(wanted: int) -> None:
    """Documents without a code hold zeros, which must not be found as near."""
    flags = np.random.default_rng(wanted).integers(0, 256, 65, dtype=np.uint8)

    assert _bits(flags[:64] & wanted != 0) == _flagged(address_of(flags), wanted)
