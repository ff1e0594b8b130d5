"""Scorers by name, their unit, and what is said when a model is not there."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.documents.hitdata import CONCEPT_ONE
from alicorn.errors import BadRequest, MissingModel
from indexserver.scoring.scorers import Scorers
from ranker.features import FIRST_STAGE
from ranker.scores import SCORE_ONE


class Doubled:
    """Stands where a forest that bytes cannot hold would: the score is twice the first feature."""

    bins = None

    def score_fixed(self, rows):
        return (rows[:, 0].astype(np.float64) * 2 * SCORE_ONE).astype(np.int64)


class Features:
    """Stands where the candidates' features would."""

    def __init__(self, rows):
        self.rows = rows
        self.count = len(rows)


def test_the_concept_scorer_alone_is_exact():
    """Nothing is rounded before the order is made."""
    concept = np.array([2**62, 1, 0], dtype=np.int64)
    scorers = Scorers({})

    assert scorers.unit(["concept"]) == CONCEPT_ONE
    assert scorers.score(["concept"], concept, None).tolist() == [concept.tolist()]


def test_beside_a_model_all_scores_share_the_models_unit():
    """One answer has one unit; the largest concept score does not wrap."""
    scorers = Scorers({"first-stage": "unused"})
    scorers._forests["first-stage"] = Doubled()
    concept = np.array([2**62, CONCEPT_ONE // 2, CONCEPT_ONE - 1], dtype=np.int64)
    rows = np.zeros((3, len(FIRST_STAGE)), dtype=np.float32)
    rows[:, 0] = [0.25, 1.0, -3.0]

    found = scorers.score(["first-stage", "concept"], concept, Features(rows))

    assert scorers.unit(["first-stage", "concept"]) == SCORE_ONE
    assert found[0].tolist() == [SCORE_ONE // 2, SCORE_ONE * 2, -SCORE_ONE * 6]
    assert found[1].tolist() == [2**62 * SCORE_ONE // CONCEPT_ONE, SCORE_ONE // 2, SCORE_ONE - 1]


def test_an_unknown_scorer_names_the_known_ones():
    """As unknown edge types do."""
    with pytest.raises(BadRequest, match="known are concept, first-stage"):
        Scorers().needs_features(["concept", "best"])


def test_a_model_without_a_file_is_named(tmp_path):
    """The message says which file, so that it can be made or installed."""
    scorers = Scorers({"first-stage": tmp_path / "first_stage.txt"})
    rows = np.zeros((1, len(FIRST_STAGE)), dtype=np.float32)

    with pytest.raises(MissingModel, match="first_stage"):
        scorers.score(["first-stage"], np.zeros(1, dtype=np.int64), Features(rows))
