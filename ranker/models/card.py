"""A model's card: JSON beside the model, with what one must know to trust it or make it again.

A card holds no date: the same command on the same data makes the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from alicorn.errors import CorruptData, MissingModel
from ranker.features import FeatureSchema

__all__ = ["Card", "card_path"]


def card_path(model: Path) -> Path:
    """Return where the card of ``model`` lies: ``first_stage.txt`` -> ``first_stage.card.json``."""
    return model.with_suffix(".card.json")


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one trained model."""

    name: str
    """Name of its schema: "first_stage" or "second_stage"."""
    file: str
    """File name of the model."""
    sha256: str
    """Of the model's bytes, in hexadecimal."""
    schema_version: str
    """`FeatureSchema.version` that it was trained for."""
    features_learned: tuple[str, ...]
    """Features that it may use; the others are in the row and ignored."""
    made_by: str
    """The command that made it."""
    data: str
    """What it was trained on, and which part."""
    licence: str
    """Of the data."""
    parameters: Mapping[str, bool | int | float | str]
    """Settings of the training, the seed among them."""
    metrics: Mapping[str, float]
    """Measured at the end of the training; a name begins with the data that it was measured on."""
    limits: str
    """What it is not good for."""

    def write(self, model: Path) -> Path:
        """Write the card beside ``model`` for people to read; return its path."""
        path = card_path(model)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")
        return path

    @classmethod
    def read(cls, model: Path) -> Card:
        """Read the card of ``model``.

        Raises
        ------
        MissingModel
            If there is no card.
        CorruptData
            If it is not one.
        """
        path = card_path(model)
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except FileNotFoundError:
            raise MissingModel(f"no card at {path}; a model is not used without one") from None
        except msgspec.DecodeError as error:
            raise CorruptData(f"{path}: not a model card: {error}") from None

    def check(self, model: Path, schema: FeatureSchema) -> None:
        """See that ``model`` is the file that the card speaks of, made for this schema.

        Raises
        ------
        MissingModel
            If its checksum or the schema's version is another.
        """
        command = f"`alicorn train {schema.name.replace('_', '-')}`"
        found = hashlib.sha256(model.read_bytes()).hexdigest()
        if found != self.sha256:
            raise MissingModel(
                f"{model} has sha256 {found}, its card says {self.sha256}; make it again with "
                f"{command}"
            )
        if self.schema_version != schema.version:
            raise MissingModel(
                f"{model} was trained for {schema.name} {self.schema_version}, this is "
                f"{schema.version}; make it again with {command}"
            )
