"""LightGBM's own predict over a model's text, and models that it trains; one thread."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LightGBM"]


class LightGBM:
    """The engine that trains what our forest serves."""

    def __init__(self, text: str) -> None:
        import lightgbm  # noqa: PLC0415 - an extra

        self._booster: Any = lightgbm.Booster(model_str=text)

    @staticmethod
    def is_here() -> bool:
        """Whether lightgbm is installed."""
        return importlib.util.find_spec("lightgbm") is not None

    @classmethod
    def open(cls, text: str) -> LightGBM | None:
        """Return the model of ``text``; None without LightGBM."""
        return cls(text) if cls.is_here() else None

    @staticmethod
    def trained(
        rows: npt.NDArray[np.float32],
        target: npt.NDArray[np.float64],
        names: Sequence[str],
        *,
        trees: int,
        leaves: int,
    ) -> str:
        """Return the text of a regression of ``target`` (n,) on ``rows`` (n, F)."""
        import lightgbm  # noqa: PLC0415 - an extra

        settings = {
            "objective": "regression",
            "num_leaves": leaves,
            "min_data_in_leaf": 20,
            "num_threads": 1,
            "deterministic": True,
            "verbose": -1,
        }
        data = lightgbm.Dataset(rows, target, feature_name=list(names))
        text: str = lightgbm.train(settings, data, num_boost_round=trees).model_to_string()
        return text

    def score(self, rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return the raw scores (n,) of ``rows`` (n, F)."""
        scores: npt.NDArray[np.float64] = self._booster.predict(
            rows, raw_score=True, num_threads=1, predict_disable_shape_check=True
        )
        return scores
