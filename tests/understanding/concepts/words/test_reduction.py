"""Fewer and smaller numbers: what is kept of vectors."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import ShapeError
from understanding.concepts.words.reduction import reduce_vectors


def _vectors(count: int, width: int, seed: int = 3) -> np.ndarray:
    """Return unit vectors with much in common."""
    drawn = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    drawn += np.linspace(1, 2, width, dtype=np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_with_all_numbers_the_angles_stay() -> None:
    """Turning changes no cosine; a byte a number costs little."""
    vectors = _vectors(200, 12)
    reduced = reduce_vectors(vectors, 12)

    again = reduced.codes * reduced.scales
    assert reduced.codes.dtype == np.int8
    assert reduced.kept == pytest.approx(1.0)
    assert np.abs(again @ again.T - vectors @ vectors.T).max() < 0.02


def test_the_first_axis_is_what_all_have_in_common() -> None:
    """DB-13: without it the vectors are spread around nothing."""
    reduced = reduce_vectors(_vectors(500, 16), 8)
    again = reduced.codes * reduced.scales

    assert again[:, 0].min() > 0
    assert np.abs(again[:, 1:].mean(axis=0)).max() < 0.02
    assert again[:, 0].mean() == pytest.approx(np.linalg.norm(_vectors(500, 16).mean(0)), abs=0.01)


def test_later_axes_vary_less_and_less() -> None:
    """So what is cut off is the least."""
    again = reduce_vectors(_vectors(400, 20), 10)
    spread = (again.codes * again.scales)[:, 1:].var(axis=0)

    assert (np.diff(spread) <= 1e-4).all()
    assert 0 < again.kept < 1


def test_the_same_vectors_give_the_same_bytes() -> None:
    """An axis has no sign of its own, so one is chosen."""
    first, again = (reduce_vectors(_vectors(100, 10), 6) for _ in range(2))

    assert first.codes.tobytes() == again.codes.tobytes()


@pytest.mark.parametrize(("count", "dimensions"), [(1, 2), (10, 1), (10, 9)])
def test_too_few_numbers_are_refused(count: int, dimensions: int) -> None:
    with pytest.raises(ShapeError, match="needed at least"):
        reduce_vectors(_vectors(count, 8), dimensions)
