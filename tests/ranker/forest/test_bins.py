"""Bins are counts of thresholds, and missing values go where the trees send them."""

from __future__ import annotations

import numpy as np
import pytest

from ranker.features import FIRST_STAGE
from ranker.forest import Forest
from ranker.forest.bins import Bins, bins_of, empty_bins, round_down
from ranker.forest.model import parse_model


def chain(thresholds: list[float], decisions: list[int]) -> str:
    """Return a model of trees of one split each, all on the first feature."""
    header = f"tree\nfeature_names={' '.join(FIRST_STAGE.names)}\nobjective=binary"
    trees = [
        f"Tree={i}\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nthreshold={threshold!r}\n"
        f"decision_type={decision}\nleft_child=-1\nright_child=-2\n"
        f"leaf_value=0 {2.0**-i if i < 20 else 0}\nleaf_count=1 1\nis_linear=0"
        for i, (threshold, decision) in enumerate(zip(thresholds, decisions, strict=True))
    ]
    return "\n\n".join([header, *trees, "end of trees\n"])


def bins(thresholds: list[float], decisions: list[int]) -> Bins | None:
    """Return the bins of such a model."""
    return bins_of(parse_model(chain(thresholds, decisions), FIRST_STAGE))


def test_thresholds_are_rounded_down_so_that_no_float32_changes_sides():
    """PS-39: rounding up would send the rounded value itself left."""
    rng = np.random.default_rng(0)
    special = [0.1, 1 / 3, 1e300, -1e300, 1e-320, -1e-320, 0.0, np.inf, -np.inf, 3.5e38]
    given = np.concatenate((rng.normal(size=1000), special))
    rounded = round_down(given)
    with np.errstate(over="ignore"):
        above = np.nextafter(rounded, np.float32(np.inf)).astype(np.float64)

    assert (rounded.astype(np.float64) <= given).all()
    assert ((above > given) | np.isinf(rounded)).all()


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 31, 32, 33, 239, 240, 241, 254, 255])
def test_a_bin_is_the_number_of_thresholds_below_the_value(count):
    """PS-39: sixteen at a time must count as one by one does, also at the edges of the sixteens."""
    rng = np.random.default_rng(count)
    thresholds = np.sort(rng.normal(size=count).astype(np.float32)).astype(np.float64)
    made = bins([5.0] if count == 0 else thresholds.tolist(), [0] * max(count, 1))
    assert made is not None
    held = made.thresholds[0]
    values = np.concatenate(
        (rng.normal(size=300), held, np.nextafter(held, np.float32(9)), [np.inf, -np.inf, 0.0])
    ).astype(np.float32)
    expected = (held[np.newaxis] < values[:, np.newaxis]).sum(axis=1)

    assert expected.tolist() == made.bin_column(0, values).tolist()


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([0, 2, 0], [2, 2, 2, 1, 3]),  # nothing is missing: NaN is 0, which two are below
        ([10, 10, 10], [0, 2, 2, 1, 3]),  # NaN goes left everywhere
        ([8, 8, 8], [3, 2, 2, 1, 3]),  # NaN goes right everywhere
        ([8, 10, 8], [255, 2, 2, 1, 3]),  # both ways
        ([6, 6, 6], [0, 0, 0, 1, 3]),  # zero and NaN go left
        ([4, 4, 4], [3, 3, 3, 1, 3]),
        ([4, 6, 4], [255, 255, 255, 1, 3]),
    ],
)
def test_missing_values_have_the_bin_that_sends_them_where_they_go(decisions, expected):
    """PS-39: of NaN, 0, 1e-36, -2 and infinity under every rule of LightGBM's."""
    made = bins([-3.0, -1.0, 1.0], decisions)
    assert made is not None
    values = np.array([np.nan, 0.0, 1e-36, -2.0, np.inf], dtype=np.float32)

    assert expected == made.bin_column(0, values).tolist()
    assert (255 in expected) == bool(made.both_ways[0])


@pytest.mark.parametrize(
    ("count", "decisions", "fits"),
    [
        (255, [0, 0], True),
        (256, [0, 0], False),
        (255, [8, 8], True),
        (254, [8, 10], True),
        (255, [8, 10], False),  # 255 means missing
        (2, [0, 8], False),  # different things are missing
        (2, [4, 8], False),
    ],
)
def test_what_bytes_cannot_hold_is_walked_plainly(count, decisions, fits):
    """PS-39: never a wrong leaf for the sake of speed."""
    text = chain([float(i) for i in range(1, count + 1)], (decisions * count)[:count])
    forest = Forest(parse_model(text, FIRST_STAGE))
    rows = np.full((count + 4, len(FIRST_STAGE)), np.nan, dtype=np.float32)
    rows[:count, 0] = np.arange(count) + 0.5
    rows[-2, 0] = 0
    one_by_one = [forest.score_fixed(row[np.newaxis])[0] for row in rows]

    assert fits == (forest.bins is not None)
    assert one_by_one == forest.score_fixed(rows).tolist()


def test_room_for_bins_begins_on_a_cache_line():
    """Loads across two lines take twice as long."""
    for documents in (1, 64, 65):
        room = empty_bins(3, documents)

        assert room.shape == (3, -(-documents // 64) * 64)
        assert room.__array_interface__["data"][0] % 64 == 0
