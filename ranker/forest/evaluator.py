"""`Forest`: the first stage's trees as an object that scores feature rows.

Scores are LightGBM's raw scores: the sum of the leaves, no sigmoid, since only the order counts.
Leaves are the same as LightGBM's; their values are rounded once and then added as integers
(`fixed.py`), so a score is the same number however it was computed:

    score, score_fixed     float rows: binned, then 64 documents a register; a handful by plain walk
    score_binned           rows that were binned before, as columns that depend on the photo alone
                           are when indexing
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alicorn.errors import ShapeError
from ranker.features import FIRST_STAGE, FeatureSchema
from ranker.forest import _kernels
from ranker.forest.bins import bins_of
from ranker.forest.fixed import fix_leaves
from ranker.forest.layout import Layout, lay_out
from ranker.forest.model import TreeArrays, read_model
from ranker.scores import SCORE_ONE

__all__ = ["Contributions", "Forest"]

_SCORE_BITS: Final = SCORE_ONE.bit_length() - 1
_HANDFUL: Final = 4
"""Fewer rows than this are walked plainly: 64 of them take as long as three one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """Why a row got its score: ``base + by_feature.sum()`` is the score, up to its rounding."""

    base: float
    """Score of an average training row."""
    by_feature: NDArray[np.float64]
    """(F,): what each feature added or took, in the order of the schema."""


class Forest:
    """Trees over the rows of one schema; immutable, safe to share between threads.

    Attributes
    ----------
    bins : Bins or None
        How feature values become bytes. None for a forest that is walked plainly: with a tree of
        more than 32 leaves or a feature that bytes cannot hold (`bins_of`).
    """

    def __init__(self, trees: TreeArrays) -> None:
        self._trees = trees
        self._leaves = fix_leaves(trees)
        bins = bins_of(trees)
        self._layout = None if bins is None else lay_out(trees, self._leaves, bins)
        self.bins: Final = None if self._layout is None else bins

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
            In the order of ``rows``; more is better. Exact sums of the rounded leaves.

        Raises
        ------
        ShapeError
            If ``rows`` has not F columns.
        """
        return np.ldexp(self._units(rows), -self._leaves.bits)

    def score_fixed(self, rows: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the raw score of each row in 1 / `SCORE_ONE`: `fixed_point` of `score`.

        Parameters, order and errors as in `score`; int64, shape (n,).
        """
        return self._fixed(self._units(rows))

    def score_binned(self, bins: NDArray[np.uint8], documents: int) -> NDArray[np.int64]:
        """Return the score of each document whose features are binned, as `score_fixed` would.

        Parameters
        ----------
        bins : uint8, shape (F, stride)
            `Bins.bin_rows`, or columns by `Bins.bin_column` in a room by `empty_bins`; rows of
            ``bins`` contiguous. Bytes behind the last document are read and mean nothing.
        documents : int
            How many documents there are; rounded up to 64 at most ``stride``.

        Returns
        -------
        int64, shape (documents,)
            In 1 / `SCORE_ONE`, in the order of the columns of ``bins``.

        Raises
        ------
        ShapeError
            If ``bins`` has another shape, or the forest has no bins.
        """
        layout = self._layout
        if layout is None:
            raise ShapeError("this forest has no bins, score its rows as floats")
        features, stride = self._trees.features, bins.shape[-1]
        if bins.shape != (features, stride) or stride < -(-documents // 64) * 64:
            raise ShapeError(
                f"bins must have shape ({features}, {documents} rounded up to 64), got {bins.shape}"
            )
        held = np.ascontiguousarray(bins, dtype=np.uint8)
        out = np.empty(documents, dtype=np.int64)
        _kernels.score_bins(layout.plan, held, self._room(layout), out)
        return self._fixed(out)

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

    def _units(self, rows: NDArray[np.float32]) -> NDArray[np.int64]:
        """Sum of each row's leaves, in units of 2 ** -bits."""
        checked = self._checked(rows)
        out = np.empty(checked.shape[0], dtype=np.int64)
        if self.bins is None or self._layout is None or checked.shape[0] < _HANDFUL:
            self._walk(checked, out)
            return out
        room = self._room(self._layout)
        _kernels.score_rows(self._layout.plan, self.bins.rules, checked, room, out)
        return out

    def _fixed(self, units: NDArray[np.int64]) -> NDArray[np.int64]:
        """Turn sums of leaves into 1 / `SCORE_ONE`, in place."""
        _kernels.round_to(units, self._leaves.bits, _SCORE_BITS)
        return units

    def _walk(self, rows: NDArray[np.float32], out: NDArray[np.int64]) -> None:
        """Write each row's sum to ``out`` by the plain walk."""
        trees = self._trees
        _kernels.walk_into(
            rows,
            trees.roots,
            trees.split_feature,
            trees.threshold,
            trees.decision,
            trees.left,
            trees.right,
            self._leaves.units,
            out,
        )

    def _room(self, layout: Layout) -> NDArray[np.uint8]:
        # Made for each call, so that threads share nothing.
        return np.empty(
            _kernels.room_bytes(self._trees.features, layout.second.size), dtype=np.uint8
        )

    def _checked(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        if rows.ndim != 2 or rows.shape[1] != self._trees.features:
            raise ShapeError(f"rows must have shape (n, {self._trees.features}), got {rows.shape}")
        return np.ascontiguousarray(rows, dtype=np.float32)
