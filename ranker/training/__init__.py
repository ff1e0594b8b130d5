"""Training of both stages from judged queries; the one place that imports LightGBM and PyTorch.

    splits.py        which half of what is judged may train, and which measures
    judgements.py    photos whose folder names what they show
    judged.py        `JudgedQuery`: one query's candidates as the serving path returned them
    worlds.py        generated people and captions over judged photos
    first_stage.py   LightGBM -> models/first_stage.txt
    second_stage.py  PyTorch -> models/second_stage.npz

Rows come out of the shards' own feature code (`with_features`), never out of a second copy of it.
"""

from __future__ import annotations

__all__ = ["first_stage", "judged", "judgements", "second_stage", "splits", "worlds"]
