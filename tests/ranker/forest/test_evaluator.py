"""The forest against LightGBM's own predict, on random models with missing values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from alicorn.errors import ConfigError, CorruptData, MissingModel, ShapeError
from ranker.features import FIRST_STAGE, SECOND_STAGE
from ranker.forest import Forest
from ranker.forest.model import parse_model

lightgbm = pytest.importorskip("lightgbm")

FEATURES = len(FIRST_STAGE)


def random_rows(rng: np.random.Generator, n: int) -> NDArray[np.float32]:
    """Rows with NaN, exact zeros, tiny values, repeats and infinities: what splits stumble over."""
    rows = rng.normal(size=(n, FEATURES)).astype(np.float32)
    rows[:, 3] = rng.integers(0, 4, n)
    rows[rng.random((n, FEATURES)) < 0.15] = np.nan
    rows[rng.random((n, FEATURES)) < 0.15] = 0.0
    rows[rng.random((n, FEATURES)) < 0.02] = 1e-36
    rows[rng.random((n, FEATURES)) < 0.02] = -np.inf
    rows[rng.random((n, FEATURES)) < 0.02] = np.inf
    rows[:, 5] = np.abs(np.nan_to_num(rows[:, 5]))
    return rows


@dataclass(frozen=True)
class Case:
    """A trained booster, its file, and rows that it has not seen."""

    booster: Any
    path: Path
    rows: NDArray[np.float32]


OBJECTIVES: list[dict[str, object]] = [
    {"objective": "binary"},
    {"objective": "binary", "zero_as_missing": True},
    {"objective": "binary", "use_missing": False},
    {"objective": "regression", "boost_from_average": True},
    {"objective": "lambdarank"},
    {"objective": "regression", "num_leaves": 2, "learning_rate": 0.7},
]


@pytest.fixture(scope="module", params=range(len(OBJECTIVES)))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One model of each kind that is served."""
    parameters = OBJECTIVES[request.param]
    rng = np.random.default_rng(request.param)
    n = 1500
    rows = random_rows(rng, n)
    clean = np.clip(np.nan_to_num(rows), -9, 9)
    target = clean[:, 0] + clean[:, 5] * 0.5 + np.isnan(rows[:, 2]) + rng.normal(0, 0.3, n)
    group = None
    if parameters["objective"] != "regression":
        target = (target > 0.5).astype(float)
    if parameters["objective"] == "lambdarank":
        group = [50] * (n // 50)
    data = lightgbm.Dataset(rows, target, group=group, feature_name=list(FIRST_STAGE.names))
    settings = {"num_leaves": 31, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1, "seed": 3}
    booster = lightgbm.train(settings | parameters, data, num_boost_round=25)
    path = tmp_path_factory.mktemp("forest") / "model.txt"
    booster.save_model(path)
    return Case(lightgbm.Booster(model_file=path), path, random_rows(rng, 700))


def test_every_row_reaches_the_same_leaf_as_in_lightgbm(case: Case) -> None:
    """PS-39: missing values, zeros and ties at thresholds must go the way they were trained."""
    leaves = case.booster.predict(case.rows, pred_leaf=True)
    for tree in range(case.booster.num_trees()):
        # A forest of one tree whose leaves hold their own numbers scores the leaf's number.
        text = case.booster.model_to_string(num_iteration=1, start_iteration=tree)
        values = next(line for line in text.splitlines() if line.startswith("leaf_value="))
        numbers = " ".join(map(str, range(len(values.split()))))
        forest = Forest(parse_model(text.replace(values, f"leaf_value={numbers}"), FIRST_STAGE))

        assert leaves[:, tree].tolist() == forest.score(case.rows).tolist()
        assert leaves[:3, tree].tolist() == forest.score(case.rows[:3]).tolist()


def test_scores_are_the_raw_scores_of_lightgbm(case: Case) -> None:
    """PS-39: what serves must rank as what was trained and evaluated."""
    expected = case.booster.predict(case.rows, raw_score=True)

    np.testing.assert_allclose(Forest.load(case.path).score(case.rows), expected, atol=1e-5, rtol=0)


def test_contributions_sum_to_the_score(case: Case) -> None:
    """An explanation that does not add up explains nothing."""
    forest = Forest.load(case.path)
    for row, score in zip(case.rows[:50], forest.score(case.rows[:50]), strict=True):
        parts = forest.contributions(row)

        assert score == pytest.approx(parts.base + parts.by_feature.sum(), abs=1e-5)


def test_a_feature_that_no_tree_asks_contributes_nothing(case: Case) -> None:
    """Reasons shown to people must be reasons that the model had."""
    used = case.booster.feature_importance("split") > 0
    parts = Forest.load(case.path).contributions(case.rows[0])

    assert not parts.by_feature[~used].any()


def test_no_rows_give_no_scores(case: Case) -> None:
    """A shard without hits still calls the scorer."""
    forest = Forest.load(case.path)

    assert forest.score(np.empty((0, FEATURES), np.float32)).shape == (0,)


def test_rows_of_another_width_are_refused(case: Case) -> None:
    """Reading past a row would score noise."""
    with pytest.raises(ShapeError, match=rf"\(n, {FEATURES}\), got \(3, 2\)"):
        Forest.load(case.path).score(np.zeros((3, 2), np.float32))


def test_a_model_of_one_leaf_a_tree_scores_a_constant(tmp_path: Path) -> None:
    """LightGBM writes such trees when nothing can be split, without any split lines."""
    rows = random_rows(np.random.default_rng(1), 60)
    data = lightgbm.Dataset(
        rows, np.r_[np.ones(30), np.zeros(30)], feature_name=list(FIRST_STAGE.names)
    )
    settings = {"objective": "binary", "min_data_in_leaf": 1000, "verbose": -1}
    booster = lightgbm.train(settings, data, num_boost_round=3)
    booster.save_model(tmp_path / "flat.txt")

    expected = booster.predict(rows, raw_score=True)

    np.testing.assert_allclose(Forest.load(tmp_path / "flat.txt").score(rows), expected)


def test_a_model_of_other_features_is_refused_naming_both(case: Case) -> None:
    """A shifted column would rank nonsense without any error."""
    with pytest.raises(ConfigError, match=r"concept_score text_score.*first_stage_score"):
        Forest.load(case.path, SECOND_STAGE)


def test_a_missing_model_says_how_to_make_it(tmp_path: Path) -> None:
    """The next step belongs into the message."""
    with pytest.raises(MissingModel, match="alicorn train first-stage"):
        Forest.load(tmp_path / "first_stage.txt")


def edited(case: Case, key: str, change: str) -> str:
    """Replace the first ``key=`` line of the model's text."""
    lines = case.path.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith(f"{key}="))
    lines[at] = change
    return "\n".join(lines)


def test_a_categorical_split_is_refused_by_name(case: Case) -> None:
    """Evaluating it as a number would be silently wrong."""
    first = case.path.read_text().split("decision_type=")[1].splitlines()[0].split()
    text = edited(case, "decision_type", f"decision_type={' '.join(['1', *first[1:]])}")
    with pytest.raises(ConfigError, match="tree 0: categorical split on column"):
        parse_model(text, FIRST_STAGE)


@pytest.mark.parametrize(
    ("key", "line", "message"),
    [
        ("objective", "objective=multiclass num_class:3", "multiclass"),
        ("num_tree_per_iteration", "num_tree_per_iteration=3", "several classes"),
        ("version", "average_output", "random forests"),
        ("is_linear", "is_linear=1", "linear leaves"),
    ],
)
def test_kinds_that_are_not_served_are_refused_by_name(
    case: Case, key: str, line: str, message: str
) -> None:
    """Better no first stage than a wrong one."""
    with pytest.raises(ConfigError, match=message):
        parse_model(edited(case, key, line), FIRST_STAGE)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("left_child", "0"),
        ("left_child", "9999"),
        ("right_child", "-9999"),
        ("split_feature", "99"),
        ("threshold", "x"),
        ("threshold", "nan"),
        ("leaf_value", ""),
        ("leaf_value", "inf"),
        ("decision_type", "14"),
    ],
)
def test_a_damaged_tree_is_refused_with_its_number(case: Case, key: str, value: str) -> None:
    """A walk without checks must not meet a child that points backwards or outside."""
    numbers = case.path.read_text().split(f"{key}=")[1].splitlines()[0].split()
    text = edited(case, key, f"{key}={' '.join([value, *numbers[1:]])}")
    with pytest.raises(CorruptData, match="model: tree 0: "):
        parse_model(text, FIRST_STAGE)


def test_a_cut_file_is_refused(case: Case) -> None:
    """A full disk leaves half a model."""
    text = case.path.read_text()
    with pytest.raises(CorruptData, match="the file is cut"):
        parse_model(text[: len(text) // 3], FIRST_STAGE)
