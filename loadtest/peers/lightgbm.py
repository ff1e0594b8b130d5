"""LightGBM's own predict over a model's text, one thread."""

from __future__ import annotations

import importlib.util
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

    def score(self, rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return the raw scores (n,) of ``rows`` (n, F)."""
        scores: npt.NDArray[np.float64] = self._booster.predict(
            rows, raw_score=True, num_threads=1, predict_disable_shape_check=True
        )
        return scores
