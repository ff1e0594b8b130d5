"""Models as LightGBM writes them, of any shape: what training would rarely give."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ranker.features import FIRST_STAGE

FEATURES = len(FIRST_STAGE)
THRESHOLDS = [-2.5, -0.1, -1.0000000180025095e-35, 1.0000000180025095e-35, 0.1, 1 / 3, 7.0, 1e300]
"""Few, so that values tie; not all are float32, and 1e300 is above all of them."""

MakeModel = Callable[..., str]
MakeRows = Callable[..., NDArray[np.float32]]


def _tree(rng: np.random.Generator, leaves: int, decisions: Sequence[int], distinct: bool) -> str:
    children: dict[str, list[int]] = {"left_child": [], "right_child": []}
    where: list[tuple[str, int] | None] = [None]
    for split in range(leaves - 1):
        leaf = int(rng.integers(split + 1))
        if (above := where[leaf]) is not None:
            children[above[0]][above[1]] = split
        children["left_child"].append(~leaf)
        children["right_child"].append(~(split + 1))
        where[leaf] = ("left_child", split)
        where.append(("right_child", split))
    features = rng.integers(FEATURES, size=leaves - 1)
    thresholds = rng.normal(size=leaves - 1) if distinct else rng.choice(THRESHOLDS, leaves - 1)
    kinds = [decisions[feature] | (2 * int(rng.integers(2))) for feature in features]
    lines = {
        "num_leaves": [leaves],
        "num_cat": [0],
        "split_feature": features.tolist(),
        "split_gain": [1] * (leaves - 1),
        "threshold": thresholds.tolist(),
        "decision_type": kinds,
        **children,
        "leaf_value": rng.normal(size=leaves).tolist(),
        "leaf_weight": [1] * leaves,
        "leaf_count": [1] * leaves,
        "internal_value": [0] * (leaves - 1),
        "internal_weight": [0] * (leaves - 1),
        "internal_count": [1] * (leaves - 1),
        "is_linear": [0],
        "shrinkage": [1],
    }
    if leaves == 1:
        lines = {key: lines[key] for key in ("num_leaves", "num_cat", "leaf_value", "shrinkage")}
    return "\n".join(f"{key}={' '.join(map(repr, values))}" for key, values in lines.items())


def _model(
    seed: int,
    trees: int,
    most_leaves: int = 31,
    least_leaves: int = 1,
    kinds: Sequence[int] = (0, 1, 2),
    distinct: bool = False,
) -> str:
    rng = np.random.default_rng(seed)
    decisions = [int(rng.choice(kinds)) << 2 for _ in range(FEATURES)]
    header = {
        "version": "v4",
        "num_class": "1",
        "num_tree_per_iteration": "1",
        "label_index": "0",
        "max_feature_idx": str(FEATURES - 1),
        "objective": "regression",
        "feature_names": " ".join(FIRST_STAGE.names),
        "feature_infos": " ".join(["[-9:9]"] * FEATURES),
    }
    blocks = ["tree\n" + "\n".join(f"{key}={value}" for key, value in header.items())]
    for number in range(trees):
        leaves = int(rng.integers(least_leaves, most_leaves + 1))
        blocks.append(f"Tree={number}\n{_tree(rng, leaves, decisions, distinct)}")
    end = "end of trees\n\nfeature_importances:\n\nparameters:\nend of parameters\n"
    return "\n\n".join([*blocks, end])


def _rows(seed: int, n: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    near = np.array(THRESHOLDS[:2] + THRESHOLDS[4:7], dtype=np.float32)
    pool = np.concatenate(
        [
            near,
            np.nextafter(near, np.float32(-np.inf)),
            np.nextafter(near, np.float32(np.inf)),
            np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.1e-35, -1.1e-35, 3e38], np.float32),
        ]
    )
    rows = rng.choice(pool, (n, FEATURES))
    return np.where(rng.random(rows.shape) < 0.5, rows, rng.normal(size=rows.shape)).astype(
        np.float32
    )


@pytest.fixture(scope="session")
def make_model() -> MakeModel:
    """Text of a model: seed, trees, leaves, what is missing (0 nothing, 1 zero, 2 NaN)."""
    return _model


@pytest.fixture(scope="session")
def make_rows() -> MakeRows:
    """Rows that tie with the thresholds, lie beside them, are missing, zero or infinite."""
    return _rows
