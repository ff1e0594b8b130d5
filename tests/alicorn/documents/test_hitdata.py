"""The byte beside a hit: one table, monotone, exact at its ends."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents.hitdata import BYTE_ONE, CONCEPT_ONE, confidence_of, quantise, quantise_all


def test_the_table_is_strictly_increasing_and_its_own_inverse() -> None:
    """256 confidences, each read back as itself (PS-14, DB-08)."""
    confidences = [confidence_of(byte) for byte in range(256)]

    assert all(a < b for a, b in pairwise(confidences))
    assert [quantise(confidence) for confidence in confidences] == list(range(256))
    assert (confidences[0], confidences[255]) == (0.0, 1.0)


@given(a=st.floats(0, 1), b=st.floats(0, 1))
def test_more_confidence_is_never_a_smaller_byte(a: float, b: float) -> None:
    """The order of photos by one tag is that of their confidences, up to ties."""
    low, high = sorted((a, b))

    assert quantise(low) <= quantise(high)


@given(confidence=st.floats(0, 1))
def test_a_byte_is_near_its_confidence_on_the_square_root_scale(confidence: float) -> None:
    """Half a step at most."""
    error = abs(math.sqrt(confidence_of(quantise(confidence))) - math.sqrt(confidence))

    assert error <= 0.5 / 255 + 1e-12


@given(values=st.lists(st.floats(-2, 2, width=32), max_size=30))
def test_the_fast_path_agrees(values: list[float]) -> None:
    """For arrays, with what is out of range clipped."""
    array = np.array(values, dtype=np.float32)

    assert [quantise(float(v)) for v in array] == quantise_all(array).tolist()


def test_the_units_fit() -> None:
    """A weight of 1 times a full byte is the concept score 1."""
    assert CONCEPT_ONE == 10_000 * BYTE_ONE == 650_250_000
