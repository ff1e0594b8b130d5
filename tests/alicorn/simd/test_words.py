"""Bitmaps by address agree with NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from alicorn.simd.bits import extract_bits, popcount, trailing_zeros
from alicorn.simd.emit import SLACK, emit_u16, emit_u32, emit_words
from alicorn.simd.memory import address_of
from alicorn.simd.words import (
    words_and,
    words_and_not,
    words_any,
    words_copy,
    words_count,
    words_cover,
    words_or,
    words_zero,
)

SIZES = [0, 1, 7, 8, 9, 15, 16, 17, 255, 256]
COMBINATIONS = {
    words_and: lambda a, b: a & b,
    words_or: lambda a, b: a | b,
    words_and_not: lambda a, b: a & ~b,
    words_copy: lambda a, b: b,
}


def _words(seed: int, count: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2**64, count, dtype=np.uint64) & rng.integers(
        0, 2**64, count, dtype=np.uint64
    )


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("kernel", COMBINATIONS, ids=lambda k: k.__name__)
def test_combinations_agree_with_numpy_and_touch_nothing_behind(kernel, count):
    """A window's last words belong to another list: nothing beyond them may change."""
    held, given = _words(1, count + 8), _words(2, count + 8)
    expected = held.copy()
    expected[:count] = COMBINATIONS[kernel](held[:count], given[:count])

    kernel(address_of(held), address_of(given), count)

    assert expected.tolist() == held.tolist()


@pytest.mark.parametrize("count", SIZES)
def test_counting_and_clearing_agree_with_numpy(count):
    """Counts are what `count` queries answer with."""
    words = _words(3, count + 8)
    behind = words[count:].tolist()

    assert int(np.bitwise_count(words[:count]).sum()) == words_count(address_of(words), count)
    words_zero(address_of(words), count)
    assert [0] * count + behind == words.tolist()
    assert not words_any(address_of(words), count)


@pytest.mark.parametrize("at", [0, 6, 8, 15, 16])
def test_one_bit_is_found_wherever_it_is(at):
    """An `and` is skipped only when its bitmap is really empty."""
    words = np.zeros(17, dtype=np.uint64)
    words[at] = 1 << 63

    assert words_any(address_of(words), 17)
    assert not words_any(address_of(words), at)


@pytest.mark.parametrize("count", SIZES)
def test_a_bitmap_covers_another_until_one_bit_is_beside_it(count):
    """Where a list holds every match, its bytes are taken without asking for each."""
    held = _words(4, count)
    given = held & _words(5, count)

    assert words_cover(address_of(held), address_of(given), count)
    if count:
        held[-1] = 2
        given[-1] = 4
        assert not words_cover(address_of(held), address_of(given), count)


@njit
def _scalars(word):
    return popcount(word), trailing_zeros(word)


@pytest.mark.parametrize("word", [0, 1, 2**63, 0xF0F0, 2**64 - 1])
def test_counts_of_one_word_agree_with_python(word):
    """No bit set is the case in which hardware instructions differ: it must be 64."""
    lowest = (word & -word).bit_length() - 1 if word else 64

    assert (word.bit_count(), lowest) == _scalars(np.uint64(word))


@pytest.mark.parametrize("density", [0, 1, 5, 6, 7, 8, 20, 40, 63, 64])
@pytest.mark.parametrize(
    ("emit", "dtype", "base"), [(emit_u32, np.uint32, 2**32 - 64), (emit_u16, np.uint16, 16_320)]
)
def test_emitted_numbers_are_the_set_bits_in_order(emit, dtype, base, density):
    """Ids of hits come out of here; both the loop and the compress must give all of them."""
    rng = np.random.default_rng(density)
    for _ in range(20):
        bits = np.sort(rng.choice(64, density, replace=False))
        word = np.uint64(sum(1 << int(bit) for bit in bits))
        out = np.zeros(64 + SLACK, dtype=dtype)

        count = emit(word, dtype(base), address_of(out))

        assert (base + bits).tolist() == out[:count].tolist()


@pytest.mark.parametrize("seed", range(20))
def test_extracted_bits_are_those_under_the_mask(seed):
    """They say which byte of a list is a document's."""
    rng = np.random.default_rng(seed)
    word, mask = (int(x) for x in rng.integers(0, 2**64, 2, dtype=np.uint64))
    if seed < 3:
        mask = (0, 1 << 63, 2**64 - 1)[seed]
    places = [i for i in range(64) if mask >> i & 1]
    expected = sum(1 << at for at, i in enumerate(places) if word >> i & 1)

    assert expected == extract_bits(np.uint64(word), np.uint64(mask))


@pytest.mark.parametrize("count", [1, 27, 256])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.004, 0.01, 0.03, 0.06, 0.2, 0.9, 1.0])
@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_a_bitmaps_numbers_are_all_there_in_order(count, share, dtype):
    """How many are written at once depends on the density: at no density may one be missing."""
    rng = np.random.default_rng(count)
    bits = rng.random(64 * count) < share
    bits[:64] |= rng.random(64) < 0.5  # one word much denser than the others
    words = np.packbits(bits, bitorder="little").view(np.uint64)
    base = 0 if dtype is np.uint16 else 2**31
    expected = (base + np.flatnonzero(bits)).tolist()
    for limit in (1, 100, 1 << 40):
        out = np.zeros(bits.size + SLACK, dtype=dtype)

        found = emit_words(address_of(words), count, base, address_of(out), out.itemsize, limit)

        assert expected[:found] == out[:found].tolist()
        assert found == len(expected) or limit <= found < limit + 64
