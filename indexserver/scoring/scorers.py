"""Scorers by name: the exact concept score, and the models that ship.

    concept        the concept score itself
    first-stage    trees over the feature row (`ranker/models/first_stage.txt`)

The scores of one answer share one unit: 1 / `CONCEPT_ONE` when only ``concept`` is asked for, else
1 / 65,536, and concept scores are then floored to it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.hitdata import CONCEPT_ONE
from alicorn.errors import BadRequest
from indexserver.postings.segment import Segment
from indexserver.scoring.features import CandidateFeatures, prepare_bins
from ranker.forest import Forest
from ranker.models.shipped import FIRST_STAGE_FILE, FOLDER
from ranker.scores import SCORE_ONE, rescaled

__all__ = ["CONCEPT_SCORER", "FIRST_STAGE_SCORER", "Scorers"]

CONCEPT_SCORER: Final = "concept"
FIRST_STAGE_SCORER: Final = "first-stage"


def shipped_models() -> dict[str, Path]:
    """Return the model file of each scorer that ships."""
    return {FIRST_STAGE_SCORER: FOLDER / FIRST_STAGE_FILE}


class Scorers:
    """The scorers of a shard; models are read when they are first asked for. Thread-safe."""

    def __init__(self, models: Mapping[str, Path] | None = None) -> None:
        self._models = shipped_models() if models is None else dict(models)
        self._forests: dict[str, Forest] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, ``concept`` first."""
        return (CONCEPT_SCORER, *sorted(self._models))

    def needs_features(self, names: Sequence[str]) -> bool:
        """Whether one of ``names`` is a model.

        Raises
        ------
        BadRequest
            If one of them is unknown.
        """
        for name in names:
            if name not in self.names:
                raise BadRequest(f"unknown scorer '{name}'; known are {', '.join(self.names)}")
        return any(name != CONCEPT_SCORER for name in names)

    def unit(self, names: Sequence[str]) -> int:
        """Return the score 1 as an integer, for an answer by ``names``."""
        return SCORE_ONE if self.needs_features(names) else CONCEPT_ONE

    def score(
        self,
        names: Sequence[str],
        concept_scores: npt.NDArray[np.int64],
        features: CandidateFeatures | None,
    ) -> npt.NDArray[np.int64]:
        """Return each scorer's score of each candidate.

        Parameters
        ----------
        concept_scores : int64, shape (n,)
            In units of 1 / `CONCEPT_ONE`.
        features : CandidateFeatures
            Of the n candidates; None only when no model is among ``names``.

        Returns
        -------
        int64, shape (scorers, n)
            In units of 1 / `unit`.

        Raises
        ------
        MissingModel
            If a model has no file.
        """
        if not self.needs_features(names):
            return np.repeat(concept_scores[np.newaxis], len(names), axis=0)
        assert features is not None
        scores = np.empty((len(names), concept_scores.size), dtype=np.int64)
        for i, name in enumerate(names):
            if name == CONCEPT_SCORER:
                scores[i] = rescaled(concept_scores, CONCEPT_ONE)
            else:
                forest = self._forest(name)
                if forest.bins is None:
                    scores[i] = forest.score_fixed(features.rows)
                else:
                    scores[i] = forest.score_binned(features.bins(forest), features.count)
        return scores

    def prepare(self, segments: Iterable[Segment]) -> None:
        """Bin the static features of ``segments`` now, so that no search waits for it.

        Models without a file are passed over; a search that asks for one says so.
        """
        for name, path in self._models.items():
            if path.exists():
                bins = self._forest(name).bins
                if bins is not None:
                    for segment in segments:
                        prepare_bins(segment, bins)

    def _forest(self, name: str) -> Forest:
        with self._lock:
            if name not in self._forests:
                self._forests[name] = Forest.load(self._models[name])
            return self._forests[name]
