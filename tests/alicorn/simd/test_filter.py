"""Numbers filtered by a bitmap agree with NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.simd.filter import filter_u16
from alicorn.simd.memory import address_of


@pytest.mark.parametrize("wanted", [0, 1])
@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 31, 32, 33, 300, 16_384])
def test_numbers_are_kept_by_their_bit_in_place_and_elsewhere(count, wanted):
    """Candidates of a window are filtered where they lie: nothing may be read after it is gone."""
    rng = np.random.default_rng(count)
    words = rng.integers(0, 2**64, 256 + 8, dtype=np.uint64)
    numbers = np.sort(rng.choice(16_384, count, replace=False)).astype(np.uint16)
    bits = np.unpackbits(words.view(np.uint8), bitorder="little")
    expected = numbers[bits[numbers] == wanted].tolist()
    room = np.concatenate([numbers, np.zeros(32, dtype=np.uint16)])
    out = np.zeros(count + 32, dtype=np.uint16)

    kept = filter_u16(address_of(room), count, address_of(words), address_of(out), wanted)
    in_place = filter_u16(address_of(room), count, address_of(words), address_of(room), wanted)

    assert expected == out[:kept].tolist()
    assert expected == room[:in_place].tolist()
