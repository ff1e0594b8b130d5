"""Every way of scoring gives the same integers, and they are LightGBM's sums."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alicorn.errors import ShapeError
from ranker.features import FIRST_STAGE
from ranker.forest import Forest
from ranker.forest.bins import empty_bins
from ranker.forest.model import parse_model
from ranker.models.shipped import FIRST_STAGE_FILE, FOLDER, load_first_stage
from ranker.scores import fixed_point

# Around a register of 64, a block of 512, and the handful that is walked plainly.
SIZES = [0, 1, 3, 4, 5, 63, 64, 65, 200, 300, 511, 512, 513, 1100]
ROOT = Path(__file__).resolve().parents[3]


def plain(forest: Forest, rows: np.ndarray) -> np.ndarray:
    """Score one row at a time, which is the plain walk."""
    return np.array([forest.score_fixed(row[np.newaxis])[0] for row in rows], dtype=np.int64)


def with_leaf_numbers(text: str) -> str:
    """Return the model with each leaf's number as its value."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if line.startswith("leaf_value="):
            count = len(line.split("=")[1].split())
            lines[at] = "leaf_value=" + " ".join(map(str, range(count)))
        if line.startswith("tree_sizes="):
            lines[at] = ""
    return "\n".join(lines) + "\n"


@given(seed=st.integers(0, 2**32 - 1), trees=st.integers(1, 20), n=st.sampled_from(SIZES))
def test_every_way_of_scoring_gives_the_same_integers(make_model, make_rows, seed, trees, n):
    """PS-39: replicas and shards of other sizes must agree on an order."""
    forest = Forest(parse_model(make_model(seed, trees), FIRST_STAGE))
    rows = make_rows(seed, n)
    bins = forest.bins
    assert bins is not None
    expected = plain(forest, rows)

    assert expected.tolist() == forest.score_fixed(rows).tolist()
    assert expected.tolist() == forest.score_binned(bins.bin_rows(rows), n).tolist()
    assert expected.tolist() == fixed_point(forest.score(rows)).tolist()


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    trees=st.one_of(st.integers(1, 12), st.just(300)),
    leaves=st.sampled_from([1, 2, 31, 32, 33, 60]),
)
def test_any_tree_is_walked_to_lightgbms_leaf(make_model, make_rows, seed, trees, leaves):
    """PS-39: ties, zeros, infinities and missing values go where they were trained to go."""
    lightgbm = pytest.importorskip("lightgbm")
    text = make_model(seed, trees, most_leaves=leaves)
    booster = lightgbm.Booster(model_str=text)
    forest = Forest(parse_model(text, FIRST_STAGE))
    rows = make_rows(seed, 130)
    expected = booster.predict(rows, raw_score=True, num_threads=1)

    np.testing.assert_allclose(forest.score(rows), expected, atol=1e-5, rtol=0)
    numbered = Forest(parse_model(with_leaf_numbers(text), FIRST_STAGE))
    leaves_found = booster.predict(rows, pred_leaf=True, num_threads=1).reshape(len(rows), -1)

    assert leaves_found.sum(axis=1).tolist() == numbered.score(rows).tolist()


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_single_tree_gives_lightgbms_leaf(make_model, make_rows, missing):
    """PS-39: leaf for leaf, where a sum over trees could hide two errors."""
    lightgbm = pytest.importorskip("lightgbm")
    rows = make_rows(missing, 600)
    for seed in range(20):
        text = with_leaf_numbers(make_model(seed, 1, 32, 25, kinds=[missing]))
        leaves = lightgbm.Booster(model_str=text).predict(rows, pred_leaf=True, num_threads=1)

        assert leaves[:, 0].tolist() == Forest(parse_model(text, FIRST_STAGE)).score(rows).tolist()


def test_the_shipped_model_is_lightgbms_leaf_for_leaf(make_rows):
    """PS-39: the model that people run."""
    lightgbm = pytest.importorskip("lightgbm")
    text = (FOLDER / FIRST_STAGE_FILE).read_text("utf-8")
    booster = lightgbm.Booster(model_str=text)
    rows = make_rows(5, 1000)
    leaves = booster.predict(rows, pred_leaf=True, num_threads=1)
    raw = booster.predict(rows, raw_score=True, num_threads=1)
    forest = load_first_stage()

    assert forest.bins is not None
    np.testing.assert_allclose(forest.score(rows), raw, atol=1e-5, rtol=0)
    for tree in range(booster.num_trees()):
        alone = booster.model_to_string(num_iteration=1, start_iteration=tree)
        found = Forest(parse_model(with_leaf_numbers(alone), FIRST_STAGE)).score(rows)

        assert leaves[:, tree].tolist() == found.tolist()


def test_wide_trees_are_walked_plainly(make_model, make_rows):
    """A leaf number that two registers cannot look up must not be looked up there."""
    forest = Forest(parse_model(make_model(1, 4, 33, 33), FIRST_STAGE))
    rows = make_rows(1, 100)

    assert forest.bins is None
    assert plain(forest, rows).tolist() == forest.score_fixed(rows).tolist()
    with pytest.raises(ShapeError, match="no bins"):
        forest.score_binned(np.zeros((len(FIRST_STAGE), 128), np.uint8), 100)


def test_columns_binned_one_by_one_score_as_rows_do(make_model, make_rows):
    """Static columns are binned when indexing and the others at the query."""
    forest = Forest(parse_model(make_model(3, 30), FIRST_STAGE))
    rows = make_rows(3, 150)
    assert forest.bins is not None
    room = empty_bins(len(FIRST_STAGE), 150)
    for feature in range(len(FIRST_STAGE)):
        room[feature, :150] = forest.bins.bin_column(feature, rows[:, feature])

    assert forest.score_fixed(rows).tolist() == forest.score_binned(room, 150).tolist()


def test_bins_of_another_shape_are_refused(make_model):
    """The kernel reads whole registers: a short row would be read behind its end."""
    forest = Forest(parse_model(make_model(3, 5), FIRST_STAGE))
    for shape in [(len(FIRST_STAGE), 65), (len(FIRST_STAGE) - 1, 128), (128,)]:
        with pytest.raises(ShapeError, match="bins must have shape"):
            forest.score_binned(np.zeros(shape, np.uint8), 100)


def test_documents_do_not_depend_on_their_neighbours(make_model, make_rows):
    """A score that changed with the page would not merge across shards."""
    forest = Forest(parse_model(make_model(9, 40), FIRST_STAGE))
    rows = make_rows(9, 700)
    order = np.random.default_rng(9).permutation(700)

    assert forest.score_fixed(rows)[order].tolist() == forest.score_fixed(rows[order]).tolist()


_ELSEWHERE = """
import sys
import numpy as np
from ranker.features import FIRST_STAGE
from ranker.forest import Forest
from ranker.forest.model import parse_model
with np.load(sys.argv[1]) as held:
    forest = Forest(parse_model(str(held["text"]), FIRST_STAGE))
    bins = forest.bins.bin_rows(held["rows"])
    np.savez(sys.argv[2], scores=forest.score_fixed(held["rows"]), bins=bins[:, :300],
             binned=forest.score_binned(bins, 300))
"""


def test_a_cpu_without_avx512_gives_the_same_integers(make_model, make_rows, tmp_path):
    """A rack of mixed machines must still agree on an order."""
    text, rows = make_model(11, 60), make_rows(11, 300)
    forest = Forest(parse_model(text, FIRST_STAGE))
    assert forest.bins is not None
    np.savez(tmp_path / "given.npz", text=text, rows=rows)
    command = [sys.executable, "-c", _ELSEWHERE, tmp_path / "given.npz", tmp_path / "found.npz"]
    cache = str(tmp_path / "cache")
    environment = os.environ | {"NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CACHE_DIR": cache}
    subprocess.run(command, env=environment, check=True, timeout=240, cwd=ROOT)

    with np.load(tmp_path / "found.npz") as found:
        assert forest.bins.bin_rows(rows)[:, :300].tolist() == found["bins"].tolist()
        assert forest.score_fixed(rows).tolist() == found["scores"].tolist()
        assert forest.score_fixed(rows).tolist() == found["binned"].tolist()
