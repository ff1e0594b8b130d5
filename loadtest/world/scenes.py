"""Scenes: what people photograph, as classes of the taxonomy (`scenes.toml`).

A subject or setting of the table is a concept. A concept above classes means any of those below it,
the first in the alphabet more often than the last, as some kinds of dogs are seen more often than
others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from understanding.concepts.taxonomy import Taxonomy

__all__ = ["Scene", "Scenes", "load_scenes"]

_SKEW: Final = 0.4
"""The n-th class below a concept is seen n ** -0.4 times as often as the first."""


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the table."""

    name: str
    weight: float
    away: float
    """Share of its photos that are taken far from home."""
    hours: tuple[int, int]
    """Local time of the first photo of a moment, from and to."""
    colours: tuple[str, str]
    """Upper and lower colour of the drawn tiles, "#rrggbb"."""
    settings: list[str]
    """Concepts seen around the subject, the usual one first."""
    subjects: Mapping[str, float]
    """Concepts that are looked at -> how often."""
    titles: list[str]


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    scenes: list[Scene]


@dataclass(frozen=True, slots=True, eq=False)
class Scenes:
    """All scenes, their classes as numbers."""

    scenes: tuple[Scene, ...]
    weights: npt.NDArray[np.float64]
    """Shape (scenes,): how often each, sum 1."""
    subjects: tuple[npt.NDArray[np.int64], ...]
    """Of each scene: classes, ascending."""
    chances: tuple[npt.NDArray[np.float64], ...]
    """Running sums beside ``subjects``, the last one 1."""
    settings: npt.NDArray[np.int64]
    """Shape (scenes, 2): two classes seen around."""

    def __len__(self) -> int:
        return len(self.scenes)


@cache
def load_scenes() -> Scenes:
    """Return the shipped table, read once, for the shipped taxonomy.

    Raises
    ------
    NotFound
        If the taxonomy lacks a concept of the table.
    """
    text = resources.files(__package__).joinpath("scenes.toml").read_bytes()
    scenes = msgspec.toml.decode(text, type=_Table).scenes
    taxonomy = Taxonomy.load()
    weights = np.array([scene.weight for scene in scenes])
    subjects, chances, settings = [], [], []
    for scene in scenes:
        shares: dict[int, float] = {}
        for concept, share in scene.subjects.items():
            below = _below(taxonomy, concept)
            fading = np.arange(1, len(below) + 1) ** -_SKEW
            for leaf, part in zip(below, (share * fading / fading.sum()).tolist(), strict=True):
                shares[leaf] = shares.get(leaf, 0.0) + part
        leaves = sorted(shares)
        sums = np.cumsum([shares[leaf] for leaf in leaves])
        subjects.append(np.array(leaves))
        chances.append(sums / sums[-1])
        around = [_below(taxonomy, concept)[0] for concept in scene.settings]
        settings.append([around[0], around[1 % len(around)]])
    return Scenes(
        scenes=tuple(scenes),
        weights=weights / weights.sum(),
        subjects=tuple(subjects),
        chances=tuple(chances),
        settings=np.array(settings),
    )


def _below(taxonomy: Taxonomy, concept: str) -> tuple[int, ...]:
    """Return the classes below ``concept``, by name; a class is below itself."""
    leaves = taxonomy.leaves_below[taxonomy.index_of[taxonomy.concept(concept).name]]
    return tuple(sorted(leaves, key=lambda leaf: taxonomy.names[leaf]))
