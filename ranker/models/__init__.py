"""The ranker's trained models, each with a card: what it is made of and how to make it again.

    first_stage.txt   first_stage.card.json    trees, `alicorn train first-stage`
    second_stage.npz  second_stage.card.json   network and cut-off, `alicorn train second-stage`

`load_first_stage` and `load_second_stage` check a model against the checksum in its card. Where
a model is absent they raise `MissingModel` with the command that makes it.
"""

from __future__ import annotations

from ranker.models.card import Card
from ranker.models.shipped import FOLDER, load_first_stage, load_second_stage

__all__ = ["FOLDER", "Card", "load_first_stage", "load_second_stage"]
