"""`Forest`: the first stage's trees as an object that scores feature rows.

Scores are LightGBM's raw scores: the sum of the leaves, no sigmoid, since only the order counts.
Leaves are the same as LightGBM's, and they are added in the same order in float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alicorn.errors import ShapeError
from ranker.features import FIRST_STAGE, FeatureSchema
from ranker.forest import _kernels
from ranker.forest.model import TreeArrays, read_model

__all__ = ["Contributions", "Forest"]


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """Why a row got its score: ``base + by_feature.sum()`` is the score, up to rounding."""

    base: float
    """Score of an average training row."""
    by_feature: NDArray[np.float64]
    """(F,): what each feature added or took, in the order of the schema."""


class Forest:
    """Trees over the rows of one schema; immutable, safe to share between threads."""

    def __init__(self, trees: TreeArrays) -> None:
        self._trees = trees

    @classmethod
    def load(cls, path: Path, schema: FeatureSchema = FIRST_STAGE) -> Forest:
        """Read LightGBM's text model at ``path``.

        Raises
        ------
        MissingModel
            If there is no file; the message says how to make it.
        ConfigError
            If it was trained on other features than ``schema`` has, or is of a kind not served.
        CorruptData
            If the file is damaged.
        """
        return cls(read_model(path, schema))

    @property
    def trees(self) -> int:
        """Number of trees."""
        return int(self._trees.roots.size)

    def score(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the raw score of each row.

        Parameters
        ----------
        rows : float32, shape (n, F)
            In the schema's order; NaN is a missing value.

        Returns
        -------
        float64, shape (n,)
            In the order of ``rows``; more is better.

        Raises
        ------
        ShapeError
            If ``rows`` has not F columns.
        """
        checked = self._checked(rows)
        trees = self._trees
        out = np.empty(checked.shape[0], dtype=np.float64)
        _kernels.score_into(
            checked,
            trees.roots,
            trees.split_feature,
            trees.threshold,
            trees.decision,
            trees.left,
            trees.right,
            trees.leaf_value,
            out,
        )
        return out

    def contributions(self, row: NDArray[np.float32]) -> Contributions:
        """Attribute the score of one row to its features, along the paths that it takes [1]_.

        Each split's value is the mean of the training rows below it; a step from a split to its
        child credits the difference to the feature that decided. One walk a tree, so as cheap as a
        score; unlike Shapley values it favours features near the leaves, which is good enough to
        name the reasons of a rank.

        Parameters
        ----------
        row : float32, shape (F,)

        Raises
        ------
        ShapeError
            If ``row`` has not F values.

        References
        ----------
        .. [1] Saabas, "Interpreting random forests", 2014.
        """
        checked = self._checked(np.asarray(row, dtype=np.float32)[np.newaxis])[0]
        trees = self._trees
        out = np.zeros(trees.features, dtype=np.float64)
        base = _kernels.contributions_into(
            checked,
            trees.roots,
            trees.split_feature,
            trees.threshold,
            trees.decision,
            trees.left,
            trees.right,
            trees.leaf_value,
            trees.split_value,
            out,
        )
        return Contributions(float(base), out)

    def _checked(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        if rows.ndim != 2 or rows.shape[1] != self._trees.features:
            raise ShapeError(f"rows must have shape (n, {self._trees.features}), got {rows.shape}")
        return np.ascontiguousarray(rows, dtype=np.float32)
