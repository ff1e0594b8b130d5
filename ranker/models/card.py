"""A ranker's card: as every model card, with the schema that the model was trained for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from alicorn.cards import ModelCard
from alicorn.errors import MissingModel
from ranker.features import FeatureSchema

__all__ = ["Card"]


class Card(ModelCard, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one trained ranker; its name is that of its schema."""

    file: str
    """File name of the model."""
    schema_version: str
    """`FeatureSchema.version` that it was trained for."""
    features_learned: tuple[str, ...]
    """Features that it may use; the others are in the row and ignored."""
    parameters: Mapping[str, bool | int | float | str]
    """Settings of the training, the seed among them."""
    limits: str
    """What it is not good for."""

    def check(self, model: Path, schema: FeatureSchema) -> None:
        """See that ``model`` is the file that the card speaks of, made for this schema.

        Raises
        ------
        MissingModel
            If its checksum or the schema's version is another.
        """
        remedy = f"make it again with `alicorn train {schema.name.replace('_', '-')}`"
        self.checked(model, remedy=remedy)
        if self.schema_version != schema.version:
            raise MissingModel(
                f"{model} was trained for {schema.name} {self.schema_version}, this is "
                f"{schema.version}; {remedy}"
            )
