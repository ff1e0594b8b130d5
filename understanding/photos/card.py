"""Model cards: what a trained file is, what it was made from, and how good it is.

`itq.npz` has `itq.card.json` beside it. The card's hash is compared whenever the file is loaded,
so a file and a card that do not belong together are noticed. A card holds no date: the same
command on the same photos makes the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec

from alicorn.errors import CorruptData, MissingModel

__all__ = ["Card", "card_path", "read_checked"]


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one model file."""

    name: str
    """What the model is, in a line."""
    made_by: str
    """The command that made the file."""
    data: str
    """What it was trained on."""
    training_size: int
    """Photos trained on."""
    licence: str
    """Of the data, or of the weights if others made them."""
    metrics: Mapping[str, float]
    """Measured on photos that were not trained on, where the name does not say otherwise."""
    sha256: str
    """Of the model's file, in hexadecimal."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a card.

        Raises
        ------
        MissingModel
            If there is none at ``path``.
        CorruptData
            If it is not a card.
        """
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except OSError as error:
            raise MissingModel(f"no model card at {path}: {error.strerror}") from error
        except msgspec.DecodeError as error:
            raise CorruptData(f"model card {path} unreadable: {error}") from error

    def write(self, path: Path) -> None:
        """Write the card as JSON for people to read."""
        text = msgspec.json.format(msgspec.json.encode(self), indent=2)
        path.write_bytes(text + b"\n")


def card_path(model: Path) -> Path:
    """Return where the card of ``model`` lies: ``itq.npz`` has ``itq.card.json``."""
    return model.with_suffix(".card.json")


def read_checked(model: Path) -> bytes:
    """Return the bytes of a model file that its card agrees with.

    Raises
    ------
    MissingModel
        If the file or its card is absent.
    CorruptData
        If the file is not the one that the card describes.
    """
    card = Card.read(card_path(model))
    try:
        data = model.read_bytes()
    except OSError as error:
        raise MissingModel(f"no model at {model}: {error.strerror}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != card.sha256:
        raise CorruptData(f"model {model} has sha256 {found}, needed {card.sha256} by its card")
    return data
