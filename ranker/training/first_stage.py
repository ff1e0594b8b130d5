"""Training of the first stage: LightGBM's LambdaRank over judged queries.

Made to hold on photos quite unlike those that were judged: it learns only from features that mean
the same in every library (`LEARNED`), every one of them may only help (or, a distance, only hurt),
trees are small and leaves need many rows. The other columns of the schema are set to 0 for
training, so no tree asks for them; columns that do not vary are never split on either.

Limits that a byte-wise evaluator relies on: at most 31 leaves a tree and 255 bins a feature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import structlog
from numpy.typing import NDArray

from alicorn.cards import card_path, sha256_of
from alicorn.errors import ConfigError
from ranker.features import FIRST_STAGE
from ranker.forest import Forest
from ranker.models.card import Card
from ranker.models.shipped import FIRST_STAGE_FILE
from ranker.training.judged import JudgedQuery, stacked
from ranker.training.quality import kinds_of, order_quality
from ranker.training.splits import SPLIT
from ranker.training.worlds import with_worlds

__all__ = ["LEARNED", "FirstStageSettings", "train_first_stage"]

_log = structlog.get_logger(__name__)

LEARNED: Final = (
    "concept_score",
    "text_score",
    "matched_phrases",
    "shown_phrases",
    "said_share",
    "best_tag",
    "best_weight",
    "hamming_visual",
    "is_viewer",
    "is_friend",
)
"""What the model may use: all monotone, see `Feature.monotone`. Age, popularity, size, shape and
the number of tags or words would teach it how the judged photos were collected; of prominence and
quality photos of single objects say too little for trees, and the second stage knows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStageSettings:
    """How the first stage is trained."""

    trees: int = 80
    learning_rate: float = 0.1
    leaves: int = 15
    """At most 31."""
    rows_per_leaf: int = 40
    """Least training rows in a leaf."""
    l2: float = 5.0
    """Pull of leaf values towards 0."""
    seed: int = 20_261
    worlds: bool = True
    """Lay generated people and captions over the judged photos (`worlds`)."""

    def __post_init__(self) -> None:
        if not 2 <= self.leaves <= 31:
            raise ConfigError(f"leaves must be in 2..31, got {self.leaves}")


def train_first_stage(
    judged: Sequence[JudgedQuery],
    out_dir: Path,
    *,
    held_out: Sequence[JudgedQuery] = (),
    settings: FirstStageSettings | None = None,
    data: str = "Caltech-101, the training half of the photos",
    licence: str = "CC BY 4.0",
    made_by: str = "alicorn train first-stage",
) -> Card:
    """Train the trees and write ``first_stage.txt`` and its card.

    Parameters
    ----------
    judged : sequence of JudgedQuery
        Rows as the shards made them; at least one query with a match and something else.
    out_dir : Path
        Made if absent.
    held_out : sequence of JudgedQuery
        Not trained on; measured for the card.
    settings : FirstStageSettings, optional
    data, licence, made_by : str
        For the card.

    Returns
    -------
    Card
        As written. Same input, same bytes.

    Raises
    ------
    ConfigError
        If LightGBM is not installed.
    BadRequest
        If no query can teach an order.
    """
    lightgbm = _lightgbm()
    chosen = settings or FirstStageSettings()
    rows, labels, groups = stacked(with_worlds(judged, chosen.seed) if chosen.worlds else judged)
    learned = np.array([name in LEARNED for name in FIRST_STAGE.names])
    dataset = lightgbm.Dataset(
        np.where(learned, rows, np.float32(0)),
        labels,
        group=groups,
        feature_name=list(FIRST_STAGE.names),
        params={"max_bin": 255, "verbose": -1, "feature_pre_filter": False},
    )
    booster = lightgbm.train(_parameters(chosen, learned), dataset, chosen.trees)
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / FIRST_STAGE_FILE
    path.write_text(booster.model_to_string(), "utf-8")
    forest = Forest.load(path)
    card = Card(
        name=FIRST_STAGE.name,
        file=path.name,
        sha256=sha256_of(path.read_bytes()),
        schema_version=FIRST_STAGE.version,
        features_learned=LEARNED,
        made_by=made_by,
        data=data + (", with generated people and captions" if chosen.worlds else ""),
        licence=licence,
        parameters={"lightgbm": str(lightgbm.__version__), **asdict(chosen), "split": SPLIT},
        metrics=_metrics(forest, judged, "trained_on") | _metrics(forest, held_out, "held_out"),
        limits="raw scores: their order means something, their size does not",
    )
    card.write(card_path(path))
    _log.info("first stage trained", trees=forest.trees, rows=len(rows), queries=len(groups))
    return card


def _lightgbm() -> Any:
    try:
        import lightgbm  # noqa: PLC0415 - serving must not import it
    except ImportError:
        raise ConfigError("training needs LightGBM: pip install 'alicorn[train]'") from None
    return lightgbm


def _parameters(settings: FirstStageSettings, learned: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "objective": "lambdarank",
        "lambdarank_truncation_level": 50,
        "label_gain": [0, 1],
        "num_leaves": settings.leaves,
        "learning_rate": settings.learning_rate,
        "min_data_in_leaf": settings.rows_per_leaf,
        "lambda_l2": settings.l2,
        "monotone_constraints": [
            feature.monotone if ok else 0
            for feature, ok in zip(FIRST_STAGE.features, learned, strict=True)
        ],
        "monotone_constraints_method": "advanced",
        "seed": settings.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }


def _metrics(forest: Forest, judged: Sequence[JudgedQuery], name: str) -> dict[str, float]:
    concept = FIRST_STAGE.index("concept_score")
    figures: dict[str, float] = {}
    for kind, some in kinds_of(judged, name):
        figures |= order_quality(some, [forest.score(one.features) for one in some], kind)
        figures |= order_quality(
            some, [one.features[:, concept] for one in some], f"{kind}_by_concept_score"
        )
    return figures
