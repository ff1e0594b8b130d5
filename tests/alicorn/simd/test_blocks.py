"""Packed blocks and extremes of bytes agree with Python's integers and with NumPy, on any CPU."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from alicorn.simd import blocks
from alicorn.simd.blocks import BLOCK, SLACK
from alicorn.simd.extremes import largest_byte, smallest_byte
from alicorn.simd.memory import address_of

COUNTS = [1, 2, 15, 16, 17, 31, 32, 33, 111, 112, 113, 127, 128]
START = np.uint32(0xFFFFFFFF)


def _packed(numbers: list[int], bits: int) -> np.ndarray:
    """Numbers as one long integer: the definition of the format. What follows is no zeros."""
    whole = sum(number << (place * bits) for place, number in enumerate(numbers))
    size = (len(numbers) * bits + 7) // 8
    return np.frombuffer(whole.to_bytes(size, "little") + b"\xa5" * SLACK, dtype=np.uint8)


def _numbers(bits: int, count: int) -> list[int]:
    rng = np.random.default_rng(1000 * bits + count)
    # Ids stay below 2**32: gaps are small but for one, which has all the bits that it may.
    drawn = rng.integers(0, 1 << min(bits, 23), count).tolist()
    if bits > 23:
        drawn[count // 2] = (1 << bits) - (1 << 31 if bits == 32 else 1)
    elif bits:
        drawn[count // 2] = (1 << bits) - 1
    return drawn


@pytest.mark.parametrize("form", ["fast", "plain"])
@pytest.mark.parametrize("bits", range(33))
def test_ids_are_sums_of_their_gaps(bits, form):
    """Every width and every size of a last block: one wrong lane is a wrong document (PS-01)."""
    unpack = blocks.unpack_ids if form == "fast" else blocks._unpack_ids_plain
    for count in COUNTS:
        gaps = _numbers(bits, count)
        source = _packed(gaps, bits)
        out = np.zeros(count + SLACK, dtype=np.uint32)
        expected = [sum(gaps[: k + 1]) + k for k in range(count)]

        unpack(address_of(source), bits, START, count, address_of(out))

        assert expected == out[:count].tolist()


@pytest.mark.parametrize("form", ["fast", "plain"])
@pytest.mark.parametrize("bits", range(9))
def test_bytes_are_their_numbers_and_the_smallest(bits, form):
    """HitData comes back as it was, from one value to all 256."""
    unpack = blocks.unpack_bytes if form == "fast" else blocks._unpack_bytes_plain
    for count in COUNTS:
        numbers = _numbers(bits, count)
        source = _packed(numbers, bits)
        lowest = 255 - max(numbers)
        out = np.zeros(count + SLACK, dtype=np.uint8)

        unpack(address_of(source), bits, np.uint8(lowest), count, address_of(out))

        assert [lowest + number for number in numbers] == out[:count].tolist()


def test_the_worked_example_is_true():
    """The docstring's bytes are those that are read."""
    source = _packed([3, 0, 4], 3)
    out = np.zeros(3 + SLACK, dtype=np.uint32)

    blocks.unpack_ids(address_of(source), 3, START, 3, address_of(out))

    assert source[:2].tobytes() == b"\x03\x01"
    assert out[:3].tolist() == [3, 4, 9]


def test_a_full_block_writes_nothing_behind_it():
    """Lists are decoded one behind the other: a block may not reach into the next."""
    source = _packed(_numbers(7, BLOCK), 7)
    ids = np.full(BLOCK + SLACK, 99, dtype=np.uint32)
    hits = np.full(BLOCK + SLACK, 99, dtype=np.uint8)

    blocks.unpack_ids(address_of(source), 7, START, BLOCK, address_of(ids))
    blocks.unpack_bytes(address_of(source), 7, np.uint8(0), BLOCK, address_of(hits))

    assert set(ids[BLOCK:].tolist()) == set(hits[BLOCK:].tolist()) == {99}


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 127, 128, 129, 1000])
def test_extremes_agree_with_numpy(count):
    """The largest byte of a window bounds what it can score."""
    values = np.random.default_rng(count).integers(3, 250, count + 64, dtype=np.uint8)
    values[count:] = np.arange(64) % 2 * 255
    held = values[:count]

    assert largest_byte(address_of(values), count) == (int(held.max()) if count else 0)
    assert smallest_byte(address_of(values), count) == (int(held.min()) if count else 255)


@pytest.mark.parametrize("cpu", ["x86-64-v3", "x86-64-v2"])
def test_older_cpus_decode_the_same(cpu, tmp_path):
    """An index moves between machines: what one has written another must read."""
    script = (
        "import numpy as np\n"
        "from alicorn.simd import blocks, cpu\n"
        "from alicorn.simd.extremes import largest_byte\n"
        "from alicorn.simd.memory import address_of\n"
        "source = np.random.default_rng(5).integers(0, 256, 700, dtype=np.uint8)\n"
        "ids, hits = np.zeros(200, np.uint32), np.zeros(200, np.uint8)\n"
        "first = np.uint32(0xFFFFFFFF)\n"
        "blocks.unpack_ids(address_of(source), 13, first, 100, address_of(ids))\n"
        "blocks.unpack_bytes(address_of(source), 5, np.uint8(9), 100, address_of(hits))\n"
        "largest = largest_byte(address_of(source), 65)\n"
        "print(cpu.LEVEL, ids[:100].tolist(), hits[:100].tolist(), largest)\n"
    )
    here = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split(" ", 1)
    there = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"NUMBA_CPU_NAME": cpu, "NUMBA_CACHE_DIR": str(tmp_path)},
    ).stdout.split(" ", 1)

    assert there[0] == "plain"
    assert here[1] == there[1]
