"""Cards of the models that see: as every model card, with how many photos were trained on."""

from __future__ import annotations

from pathlib import Path

from alicorn.cards import ModelCard, card_path

__all__ = ["Card", "read_checked"]

_REMEDY = "reinstall Alicorn, or make it again with the command on its card"


class Card(ModelCard, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one model of images."""

    training_size: int
    """Photos trained on."""


def read_checked(model: Path) -> bytes:
    """Return the bytes of a model file that its card agrees with.

    Raises
    ------
    MissingModel
        If the file or its card is absent, or the file is not the one that the card describes.
    CorruptData
        If the card is none.
    """
    return Card.read(card_path(model)).checked(model, remedy=_REMEDY)
