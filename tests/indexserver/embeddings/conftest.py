"""Codes around every edge of the kernels, and what sorting all of them says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import strategies as st

SIZES = [0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257]
LARGE_SIZES = [2047, 2048, 2049, 8191, 8192, 8193, 16_384, 20_001]


class Oracle:
    """Sorts everything."""

    def __init__(self, seed: int, count: int, distinct: int | None) -> None:
        rng = np.random.default_rng([seed, count])
        self.rng = rng
        self.codes = rng.integers(0, 256, (count, 32), dtype=np.uint8)
        self.query = rng.bytes(32)
        if distinct is not None and count:
            self.codes = self.codes[rng.integers(0, min(distinct, count), count)]
        elif count > 3:  # the extremes are among random ones, too
            asked = np.frombuffer(self.query, dtype=np.uint8)
            self.codes[count // 2], self.codes[count // 3] = asked, ~asked

    @property
    def distances(self) -> np.ndarray:
        """uint16, shape (n,)."""
        asked = np.frombuffer(self.query, dtype=np.uint8)
        return np.bitwise_count(self.codes ^ asked).sum(axis=1, dtype=np.uint16)

    def some(self, share: float, run: bool = False) -> np.ndarray:
        """Return a mask of about ``share`` of the documents, in one ``run`` or anywhere."""
        count = len(self.codes)
        if not run:
            return self.rng.random(count) < share
        mask = np.zeros(count, dtype=np.bool_)
        length = int(count * share)
        start = int(self.rng.integers(0, count - length + 1))
        mask[start : start + length] = True
        return mask

    def nearest(self, k: int, mask: np.ndarray, at_most: int = 256) -> list[tuple[int, int]]:
        """Return (distance, local id) of the k nearest in ``mask``."""
        found = [
            (int(distance), local)
            for local, distance in enumerate(self.distances.tolist())
            if mask[local] and distance <= at_most
        ]
        return sorted(found)[:k]


@pytest.fixture(scope="session")
def oracle() -> type[Oracle]:
    """Return the class, for tests that draw their own cases."""
    return Oracle


@pytest.fixture(scope="session")
def words_of() -> Callable[..., np.ndarray]:
    """Return the function that packs a mask to a bitmap."""

    def pack(mask: np.ndarray, beyond: bool = False) -> np.ndarray:
        """Bits ``beyond`` the last document may be set: nobody may find those."""
        padded = np.full(-(-mask.size // 64) * 64, beyond)
        padded[: mask.size] = mask
        return np.packbits(padded, bitorder="little").view(np.uint64)

    return pack


@pytest.fixture(scope="session")
def sizes() -> st.SearchStrategy[int]:
    """Return a strategy of segment sizes around registers, words and blocks."""
    return st.one_of(st.sampled_from(SIZES), st.sampled_from(LARGE_SIZES), st.integers(0, 600))
