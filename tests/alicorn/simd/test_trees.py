"""Walks, lookups and bins of 64 documents a register agree with NumPy, also without AVX-512."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from alicorn.simd.memory import address_of
from alicorn.simd.trees import (
    LEAVES,
    PIVOTS,
    REGISTERS,
    THRESHOLDS,
    add_leaves,
    bin_of,
    place_of,
    recode,
    walk_tree,
)

COLUMNS = 5
ALL = range(1, REGISTERS + 1)


def random_tree(rng: np.random.Generator, leaves: int) -> list[tuple[int, int, int, int]]:
    """Column, bin, first leaf, first leaf of the right child, in pre-order."""
    splits: list[tuple[int, int, int, int]] = []

    def grow(first: int, count: int) -> None:
        if count == 1:
            return
        right = first + int(rng.integers(1, count))
        splits.append((int(rng.integers(COLUMNS)), int(rng.integers(256)), first, right))
        grow(first, right - first)
        grow(right, count - (right - first))

    grow(0, leaves)
    return splits


@pytest.mark.parametrize("registers", ALL)
@pytest.mark.parametrize("leaves", [2, 3, 31, 32])
def test_documents_end_at_the_leaf_that_one_by_one_gives(registers, leaves):
    """A document at another's leaf is ranked by another's features."""
    rng = np.random.default_rng(leaves)
    splits = random_tree(rng, leaves)
    packed = np.array(splits, dtype=np.uint32)
    packed[:, 1:] *= np.uint32(0x01010101)
    bins = rng.integers(0, 256, (COLUMNS, 64 * registers), dtype=np.uint8)
    columns = np.array([address_of(row) for row in bins], dtype=np.int64)
    found = np.full(64 * registers + 8, 77, dtype=np.uint8)
    expected = np.zeros(64 * registers, dtype=np.uint8)
    for column, threshold, first, right in splits:
        expected[(bins[column] > threshold) & (expected == first)] = right

    walk_tree(address_of(packed), len(splits), address_of(columns), registers, address_of(found))

    assert [*expected.tolist(), *[77] * 8] == found.tolist()


@pytest.mark.parametrize("registers", ALL)
def test_each_document_gets_its_leafs_value(registers):
    """Sums are 32 bits and signed; none may reach a neighbour."""
    rng = np.random.default_rng(registers)
    found = rng.integers(0, LEAVES, 64 * registers, dtype=np.uint8)
    leaves = rng.integers(-(2**30), 2**30, LEAVES, dtype=np.int32)
    sums = rng.integers(-(2**30), 2**30, 64 * registers, dtype=np.int32)
    places = [place_of(document) for document in range(64 * registers)]
    expected = sums[places] + leaves[found]

    assert sorted(places) == list(range(64 * registers))
    add_leaves(address_of(found), registers, address_of(leaves), address_of(sums))
    assert expected.tolist() == sums[places].tolist()


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 100, 239, 240, 241, 255])
def test_a_bin_counts_the_thresholds_below(count):
    """Equal is not below: a value goes left at its own threshold."""
    rng = np.random.default_rng(count)
    table = np.full(PIVOTS + THRESHOLDS, np.inf, dtype=np.float32)
    thresholds = np.sort(rng.normal(size=count).astype(np.float32))
    table[PIVOTS : PIVOTS + count] = thresholds
    table[:PIVOTS] = table[PIVOTS + 15 :: 16]
    values = np.concatenate((thresholds, rng.normal(size=50), [np.inf, -np.inf])).astype(np.float32)
    expected = np.searchsorted(thresholds, values, side="left")
    found = [bin_of(value, address_of(table), count > PIVOTS) for value in values]

    assert expected.tolist() == found
    assert bin_of(np.float32(np.nan), address_of(table), count > PIVOTS) == 0


@pytest.mark.parametrize("registers", ALL)
def test_only_the_code_is_replaced(registers):
    """Missing values alone may change sides in the second column."""
    rng = np.random.default_rng(registers)
    source = rng.integers(250, 256, 64 * registers, dtype=np.uint8)
    target = np.full(64 * registers + 8, 7, dtype=np.uint8)

    recode(address_of(source), 255, 0, registers, address_of(target))

    assert np.where(source == 255, 0, source).tolist() == target[:-8].tolist()
    assert (target[-8:] == 7).all()


@pytest.mark.parametrize("cpu", ["x86-64-v3", "x86-64-v2"])
@pytest.mark.skipif("NUMBA_CPU_NAME" in os.environ, reason="runs for a named CPU already")
def test_the_same_holds_without_avx512(cpu, tmp_path):
    """The plain forms are what other CPUs run."""
    environment = os.environ | {"NUMBA_CPU_NAME": cpu, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        command, env=environment, cwd=root, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout[-2000:]
