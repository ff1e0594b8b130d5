"""Rows of features, and trees over them, for the forest's benchmark.

Trained trees are what serves, and they are kinder to engines that branch: most rows take few of
their paths. Without LightGBM nobody can train, and nobody is measured beside us; then trees are
grown by chance. Such a tree splits its fullest leaf at a random feature and a random quantile of
the rows there, until it has its leaves. Ours takes as long for the ones as for the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ranker.features import FIRST_STAGE

__all__ = ["feature_rows", "grown_model", "relevance"]

_BINS: Final = 255
_GROWN_ON: Final = 4_000
"""Rows that trees are grown on."""
_TRIES: Final = 20
"""Splits that are tried for a leaf before the next fullest has its turn."""
_NAN_IS_MISSING: Final = 8
_MISSING_LEFT: Final = 2
_SPREAD: Final = 0.1
"""Of a tree's leaf values, as shrinkage leaves them."""

Rows = npt.NDArray[np.float32]


def feature_rows(rng: np.random.Generator, documents: int) -> Rows:
    """Return rows of the first stage: shares, flags, counts and sizes; optional ones 5 % missing.

    Returns
    -------
    float32, shape (documents, features)
    """
    columns = []
    for feature in FIRST_STAGE.features:
        if feature.name.startswith("is_"):
            values = (rng.random(documents) < 0.2).astype(np.float64)
        elif feature.high <= 1:
            values = rng.beta(2, 3, documents)
        elif feature.name.endswith(("_count", "_length")):
            values = rng.geometric(0.05, documents).astype(np.float64)
        else:
            values = rng.lognormal(1, 1, documents)
        if feature.optional:
            values[rng.random(documents) < 0.05] = np.nan
        columns.append(values)
    return np.stack(columns, axis=1).astype(np.float32)


def relevance(rng: np.random.Generator, rows: Rows) -> npt.NDArray[np.float64]:
    """Return something for trees to learn: waves and products of all features, and noise.

    Returns
    -------
    float64, shape (documents,)
    """
    known = np.nan_to_num(rows.astype(np.float64))
    scaled = np.tanh((known - known.mean(axis=0)) / known.std(axis=0).clip(1e-9))
    waves = np.sin(2 * scaled).sum(axis=1)
    products = (scaled * np.roll(scaled, 1, axis=1)).sum(axis=1)
    missing = np.isnan(rows).sum(axis=1) * 0.3
    target: npt.NDArray[np.float64] = waves + products + missing
    return target + rng.normal(0, 0.5, len(rows))


def grown_model(rng: np.random.Generator, trees: int, leaves: int) -> str:
    """Return the text of a model of ``trees`` trees of ``leaves`` leaves each."""
    rows = feature_rows(rng, _GROWN_ON)
    quantiles = np.linspace(0, 1, _BINS)[1:-1]
    cuts = [np.unique(np.nanquantile(column.astype(np.float64), quantiles)) for column in rows.T]
    bins = np.stack(
        [np.searchsorted(cut, column) for cut, column in zip(cuts, rows.T, strict=True)]
    )
    header = {
        "version": "v4",
        "num_class": "1",
        "num_tree_per_iteration": "1",
        "label_index": "0",
        "max_feature_idx": str(len(FIRST_STAGE) - 1),
        "objective": "regression",
        "feature_names": " ".join(FIRST_STAGE.names),
        "feature_infos": " ".join(["[0:1]"] * len(FIRST_STAGE)),
    }
    blocks = ["tree\n" + "\n".join(f"{key}={value}" for key, value in header.items())]
    blocks += [f"Tree={number}\n{_grown(rng, bins, cuts, leaves)}" for number in range(trees)]
    end = "end of trees\n\nfeature_importances:\n\nparameters:\nend of parameters\n"
    return "\n\n".join([*blocks, end])


def _grown(
    rng: np.random.Generator,
    bins: npt.NDArray[np.int64],
    cuts: Sequence[npt.NDArray[np.float64]],
    leaves: int,
) -> str:
    """Return one tree; leaf and split numbers in the order in which they come to be."""
    members = [np.arange(bins.shape[1])]
    above: list[tuple[list[int], int] | None] = [None]
    features: list[int] = []
    thresholds: list[float] = []
    decisions: list[int] = []
    left: list[int] = []
    right: list[int] = []
    while len(members) < leaves:
        leaf, feature, cut = _split(rng, bins, members)
        goes_left = bins[feature][members[leaf]] <= cut
        split, parent = len(features), above[leaf]
        if parent is not None:
            parent[0][parent[1]] = split
        features.append(feature)
        thresholds.append(float(cuts[feature][cut]))
        missing = _NAN_IS_MISSING if FIRST_STAGE.features[feature].optional else 0
        decisions.append(missing | _MISSING_LEFT * int(rng.integers(2)))
        left.append(~leaf)
        right.append(~len(members))
        above[leaf] = (left, split)
        above.append((right, split))
        members.append(members[leaf][~goes_left])
        members[leaf] = members[leaf][goes_left]
    counts = [held.size for held in members]
    lines: dict[str, Sequence[float]] = {
        "num_leaves": [leaves],
        "num_cat": [0],
        "split_feature": features,
        "split_gain": [1] * len(features),
        "threshold": thresholds,
        "decision_type": decisions,
        "left_child": left,
        "right_child": right,
        "leaf_value": rng.normal(0, _SPREAD, leaves).tolist(),
        "leaf_weight": counts,
        "leaf_count": counts,
        "internal_value": [0] * len(features),
        "internal_weight": [1] * len(features),
        "internal_count": [1] * len(features),
        "is_linear": [0],
        "shrinkage": [1],
    }
    return "\n".join(f"{key}={' '.join(map(repr, values))}" for key, values in lines.items())


def _split(
    rng: np.random.Generator,
    bins: npt.NDArray[np.int64],
    members: Sequence[npt.NDArray[np.int64]],
) -> tuple[int, int, int]:
    """Return a leaf, a feature and the bin up to which rows go left, with rows on both sides."""
    for leaf in sorted(range(len(members)), key=lambda number: -members[number].size):
        for _ in range(_TRIES):
            feature = int(rng.integers(bins.shape[0]))
            held = bins[feature][members[leaf]]
            cut = int(np.quantile(held, rng.uniform(0.1, 0.9), method="lower"))
            if held.min() <= cut < held.max():
                return leaf, feature, cut
    raise AssertionError("no leaf can be split: too few rows for so many leaves")
