"""Chance: everything in a seeded random order, another one for each query."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from ranker.evaluation.measuring import Query

__all__ = ["Chance"]


class Chance:
    """A shuffle of ``uris``; the same seed and query give the same order."""

    def __init__(self, uris: Sequence[str], *, seed: int = 0) -> None:
        self._uris = tuple(uris)
        self._seed = seed

    def __call__(self, query: Query) -> list[str]:
        """Return all uris."""
        digest = hashlib.blake2b(f"{self._seed} {query.language} {query.text}".encode()).digest()
        generator = np.random.default_rng(list(digest))
        return [self._uris[at] for at in generator.permutation(len(self._uris))]
