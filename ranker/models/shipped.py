"""The models that lie in this package, or in a folder of one's own, checked against their cards."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alicorn.cards import card_path
from alicorn.errors import MissingModel
from ranker.features import FIRST_STAGE, SECOND_STAGE, FeatureSchema
from ranker.forest import Forest
from ranker.models.card import Card
from ranker.second_stage.model import SecondStageModel

__all__ = [
    "FIRST_STAGE_FILE",
    "FOLDER",
    "SECOND_STAGE_FILE",
    "load_first_stage",
    "load_second_stage",
]

FOLDER: Final = Path(__file__).resolve().parent
"""Where the shipped models are; the training commands write here by default."""

FIRST_STAGE_FILE: Final = "first_stage.txt"
SECOND_STAGE_FILE: Final = "second_stage.npz"


def load_first_stage(folder: Path = FOLDER) -> Forest:
    """Return the first stage's forest.

    Raises
    ------
    MissingModel
        If model or card is absent, or the model is not the one on the card.
    ConfigError, CorruptData
        As `Forest.load`.
    """
    return Forest.load(_checked(folder / FIRST_STAGE_FILE, FIRST_STAGE))


def load_second_stage(folder: Path = FOLDER) -> SecondStageModel:
    """Return the second stage's network with its cut-off.

    Raises
    ------
    MissingModel
        If model or card is absent, or the model is not the one on the card.
    ConfigError, CorruptData
        As `SecondStageModel.load`.
    """
    return SecondStageModel.load(_checked(folder / SECOND_STAGE_FILE, SECOND_STAGE))


def _checked(path: Path, schema: FeatureSchema) -> Path:
    if not path.is_file():
        raise MissingModel(
            f"no {schema.name} model at {path}; make it with "
            f"`alicorn train {schema.name.replace('_', '-')}`"
        )
    Card.read(card_path(path)).check(path, schema)
    return path
