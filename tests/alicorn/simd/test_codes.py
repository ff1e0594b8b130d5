"""Distances of 256-bit codes by vectors agree with NumPy, bit for bit."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from alicorn.simd.codes import distance_at, distances_32, distances_128, distances_of_32
from alicorn.simd.memory import address_of

BEHIND = 7
"""What stands behind the numbers that are written, and must stay."""


def _codes(seed: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return codes with ones, zeros and single bits among them, a query, and the distances."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 256, (count, 32), dtype=np.uint8)
    query = rng.integers(0, 256, 32, dtype=np.uint8)
    codes[0], codes[1], codes[2], codes[3] = query, ~query, 0, 255
    for i in range(4, min(20, count)):  # one bit away, in each word and each half
        codes[i] = query
        codes[i, 2 * (i - 4)] ^= 1 << (i % 8)
    rng.shuffle(codes)
    return codes, query, np.bitwise_count(codes ^ query).sum(axis=1, dtype=np.uint16)


@pytest.mark.parametrize("seed", range(5))
def test_thirty_two_in_a_row_come_in_their_order(seed: int) -> None:
    """Lanes are shuffled on the way: a swap of two documents is the likely mistake."""
    codes, query, expected = _codes(seed, 32)
    out = np.full(33, BEHIND, dtype=np.uint16)

    distances_32(address_of(codes), address_of(query), address_of(out))

    assert [*expected.tolist(), BEHIND] == out.tolist()


@pytest.mark.parametrize("apart", [32, 64, 96, 2048])
def test_four_places_at_once_are_four_times_thirty_two(apart: int) -> None:
    """A place's distances must land in its own part of the block, and nowhere else."""
    codes, query, distances = _codes(apart, 4 * apart)
    out = np.full(4 * apart, BEHIND, dtype=np.uint16)
    expected = out.copy()
    for place in range(4):
        expected[place * apart : place * apart + 32] = distances[place * apart :][:32]

    distances_128(address_of(codes), apart, address_of(query), address_of(out))

    assert expected.tolist() == out.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_chosen_codes_come_in_the_order_of_their_numbers(seed: int) -> None:
    """Candidates are any rows, also twice the same one; what is asked ahead changes nothing."""
    codes, query, distances = _codes(seed, 500)
    rows = np.random.default_rng(seed).integers(0, 500, 64).astype(np.uint32)
    rows[3] = rows[4]
    out = np.full(33, BEHIND, dtype=np.uint16)

    distances_of_32(
        address_of(codes),
        address_of(rows),
        address_of(rows[32:]),
        address_of(query),
        address_of(out),
    )

    assert [*distances[rows[:32]].tolist(), BEHIND] == out.tolist()


def test_one_distance_alone_is_the_same() -> None:
    """Rows that fill no register take this way."""
    codes, query, distances = _codes(9, 40)

    assert distances.tolist() == [
        distance_at(address_of(codes), row, address_of(query)) for row in range(40)
    ]


def test_codes_need_no_alignment() -> None:
    """A column starts wherever its section of the file does."""
    codes, query, expected = _codes(11, 32)
    room = np.zeros(codes.size + 1, dtype=np.uint8)
    room[1:] = codes.ravel()
    out = np.zeros(32, dtype=np.uint16)

    distances_32(address_of(room[1:]), address_of(query), address_of(out))

    assert expected.tolist() == out.tolist()


@pytest.mark.parametrize("cpu", ["x86-64-v3", "x86-64-v2"])
def test_without_avx512_the_distances_are_the_same(cpu: str) -> None:
    """The plain form runs where the vectors do not; one answer for both."""
    code = """
import numpy as np
from alicorn.simd.codes import distances_32, distances_128, distances_of_32
from alicorn.simd.cpu import AVX512
from alicorn.simd.memory import address_of
assert not AVX512
rng = np.random.default_rng(5)
codes = rng.integers(0, 256, (256, 32), dtype=np.uint8)
query = rng.integers(0, 256, 32, dtype=np.uint8)
expected = np.bitwise_count(codes ^ query).sum(axis=1)
rows = rng.permutation(256).astype(np.uint32)
out = np.zeros((3, 256), dtype=np.uint16)
asked = address_of(query)
for i in range(0, 256, 32):
    here = address_of(rows[i:])
    distances_32(address_of(codes[i:]), asked, address_of(out[0, i:]))
    distances_of_32(address_of(codes), here, here, asked, address_of(out[1, i:]))
for i in (0, 32):
    distances_128(address_of(codes[i:]), 64, asked, address_of(out[2, i:]))
assert (out == [expected, expected[rows], expected]).all()
print("same")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_CPU_NAME": cpu},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "same\n", done.stderr
