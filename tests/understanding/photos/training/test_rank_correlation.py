"""The measure of PS-11: Spearman's rank correlation of Hamming distance to cosine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from alicorn.errors import ShapeError
from understanding.photos.codes import Lsh
from understanding.photos.training.rank_correlation import average_ranks, rank_correlation


def vectors(count: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(4).gamma(0.5, 1.0, (count, 96)).astype(np.float32)


def test_equal_values_share_the_average_of_their_ranks() -> None:
    """Hamming distances are small whole numbers: most pairs share theirs with many others."""
    assert average_ranks([30, 10, 10, 20]).tolist() == [4.0, 1.5, 1.5, 3.0]


class Copier:
    """A coder whose first bits count up with the first coordinate: its order is known."""

    name, bits, dimensions = "copier", 8, 2

    def encode(self, vectors: Any) -> Any:
        level = np.round(np.asarray(vectors)[:, 0] * 8).astype(int)
        bits = (np.arange(8) < level[:, None]).astype(np.uint8)
        return np.packbits(bits, axis=1, bitorder="little")


def test_the_measure_agrees_with_spearmans_formula() -> None:
    """Three photos, three pairs, worked out by hand."""
    angles = np.array([[1.0, 0.0], [0.9, 0.436], [0.1, 0.995]])
    # Cosines: 0.9 (first, second), 0.1 (first, third), 0.524; levels 8, 7, 1: distances 1, 7, 6.

    assert rank_correlation(Copier(), angles, np.zeros(2)) == pytest.approx(1.0)


@pytest.mark.train
def test_the_measure_agrees_with_scipy() -> None:
    """Another implementation of the same definition."""
    stats = pytest.importorskip("scipy.stats")
    coder, some = Lsh(1, 64, 96), vectors(40)
    codes = np.unpackbits(coder.encode(some), axis=1)
    unit = some / np.linalg.norm(some, axis=1, keepdims=True)
    pairs = [(i, j) for i in range(40) for j in range(i)]
    distances = [(codes[i] != codes[j]).sum() for i, j in pairs]
    cosines = [unit[i].astype(float) @ unit[j].astype(float) for i, j in pairs]
    expected = -stats.spearmanr(cosines, distances).statistic

    assert expected == pytest.approx(rank_correlation(coder, some, np.zeros(96)), abs=1e-3)


def test_two_photos_have_no_order() -> None:
    """A single pair correlates with nothing."""
    with pytest.raises(ShapeError, match="2 vectors, needed at least 3"):
        rank_correlation(Lsh(0, 64, 96), vectors(2), np.zeros(96))
