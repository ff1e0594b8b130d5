"""Leaf values as integers: fine enough, never beyond 32-bit sums, and refused where hopeless."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import ConfigError
from ranker.features import FIRST_STAGE
from ranker.forest import Forest
from ranker.forest._kernels import round_to
from ranker.forest.fixed import fix_leaves
from ranker.forest.model import TreeArrays, parse_model
from ranker.scores import fixed_point


def forest_of(values: list[list[float]]) -> TreeArrays:
    """Return trees of two leaves each."""
    header = f"tree\nfeature_names={' '.join(FIRST_STAGE.names)}\nobjective=binary"
    trees = [
        f"Tree={i}\nnum_leaves=2\nnum_cat=0\nsplit_feature={i % len(FIRST_STAGE)}\nthreshold=0\n"
        f"decision_type=2\nleft_child=-1\nright_child=-2\nleaf_value={left!r} {right!r}\n"
        "leaf_count=1 1\nis_linear=0"
        for i, (left, right) in enumerate(values)
    ]
    return parse_model("\n\n".join([header, *trees, "end of trees\n"]), FIRST_STAGE)


leaf = st.floats(-1e6, 1e6)


@given(st.lists(st.lists(leaf, min_size=2, max_size=2), min_size=1, max_size=30))
def test_sums_of_distances_stay_within_32_bits_and_close_to_the_values(values):
    """A sum that wrapped would put the best photo last."""
    trees = forest_of(values)
    leaves = fix_leaves(trees)
    pairs = leaves.units.reshape(-1, 2)
    distances = np.abs(pairs - leaves.middles[:, np.newaxis]).max(axis=1)

    assert distances.sum() < 2**31
    assert np.abs(leaves.units * 2.0**-leaves.bits - trees.leaf_value).max() <= 2.0 ** -(
        leaves.bits + 1
    )


def test_a_large_average_costs_no_precision():
    """A regression's first tree holds the average of the years; scores differ by fractions."""
    values = [[2019.25 + i, 2019.75] for i in range(3)] + [[-0.01, 0.01]] * 297

    assert fix_leaves(forest_of(values)).bits >= 27


def test_scores_beyond_any_ranker_are_refused():
    """They would pass 64 bits in 1 / 65,536."""
    with pytest.raises(ConfigError, match=r"scores may reach 1e\+20"):
        fix_leaves(forest_of([[1e20, 0.0]]))


@given(st.lists(st.integers(-(2**44), 2**44), max_size=50), st.integers(0, 40))
def test_fixed_scores_are_the_scores_rounded_half_to_even(units, bits):
    """`score_fixed` and the rounding of `score` are two ways to one number."""
    expected = fixed_point(np.ldexp(np.array(units, dtype=np.float64), -bits))
    found = np.array(units, dtype=np.int64)
    round_to(found, bits, 16)

    assert expected.tolist() == found.tolist()


def test_scores_differ_from_exact_sums_by_less_than_the_promise():
    """PS-39: 300 trees whose scores spread over 30 are within 1e-5 of the sum of their leaves."""
    rng = np.random.default_rng(4)
    values = rng.normal(0, 0.05, (300, 2))
    forest = Forest(forest_of(values.tolist()))
    rows = rng.normal(size=(200, len(FIRST_STAGE))).astype(np.float32)
    right = (rows > 0)[:, np.arange(300) % len(FIRST_STAGE)]
    expected = np.where(right, values[:, 1], values[:, 0]).sum(axis=1)

    np.testing.assert_allclose(forest.score(rows), expected, atol=1e-5, rtol=0)
