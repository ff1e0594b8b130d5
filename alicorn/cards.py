"""Cards: what a shipped file is, what it was made from, under which licence, and how good it is.

`itq.npz` has `itq.card.json` beside it. A card holds no date: the same command on the same data
makes the same bytes. Whoever loads a file compares it with the checksum on its card, so a file and
a card that do not belong together are noticed.

    Card           what a command of ours made: its name, and how it is read and written
      ModelCard    a trained model: command, data, licence, metrics, checksum

Rooms add what their own files need (`understanding.photos.card`, `ranker.models.card`,
`understanding.concepts.card`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec

from alicorn.errors import CorruptData, MissingModel

__all__ = ["Card", "ModelCard", "card_path", "sha256_of"]


def card_path(model: Path) -> Path:
    """Return where the card of ``model`` lies: ``itq.npz`` has ``itq.card.json``."""
    return model.with_suffix(".card.json")


def sha256_of(data: bytes) -> str:
    """Return the checksum that cards carry, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every card says."""

    name: str
    """Of what the card is about."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the card at ``path``.

        Raises
        ------
        MissingModel
            If there is none.
        CorruptData
            If it is no card of this kind.
        """
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except OSError as error:
            raise MissingModel(
                f"no card at {path}: {error.strerror}; a file is not used without one"
            ) from error
        except msgspec.DecodeError as error:
            raise CorruptData(f"{path}: not a card: {error}") from error

    def write(self, path: Path) -> None:
        """Write the card as JSON for people to read."""
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")


class ModelCard(Card, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one trained model."""

    made_by: str
    """The command that made the file."""
    data: str
    """What it was trained on, and which part."""
    licence: str
    """Of the data, or of the weights if others made them."""
    metrics: Mapping[str, float]
    """Measured at the end of the training; a name says on what where it is not held-out data."""
    sha256: str
    """Of the model's file, in hexadecimal."""

    def checked(self, model: Path, *, remedy: str) -> bytes:
        """Return the bytes of ``model``, which are those that the card speaks of.

        Parameters
        ----------
        remedy : str
            What to do where they are not, for the message.

        Raises
        ------
        MissingModel
            If the file is absent or another.
        """
        try:
            data = model.read_bytes()
        except OSError as error:
            raise MissingModel(f"no model at {model}: {error.strerror}; {remedy}") from error
        found = sha256_of(data)
        if found != self.sha256:
            raise MissingModel(
                f"{model} has sha256 {found}, needed {self.sha256} by its card; {remedy}"
            )
        return data
