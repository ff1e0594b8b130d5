"""What a classifier would have seen in a photo, and the tags that come of it.

A photo shows a subject, perhaps another, and a setting. A classifier spreads its probability over
these, over the classes that are easily taken for them (those under the nearest common concept), and
a little over anything. Confidences and ancestors are the taxonomy's own: `Taxonomy.propagate` is
linear, so it is asked once, for every class alone, and a photo's confidences are the sum of its
classes'. A few additions a photo instead of a thousand columns; the tags are those of
`Taxonomy.tags`, to the byte of a confidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.hitdata import quantise_all
from alicorn.documents.model import MAX_TAGS
from understanding.concepts.taxonomy import Taxonomy

__all__ = ["Seen", "Sight", "Tags"]

_ALIKE: Final = 6
"""Classes that one is easily taken for."""
_NOISE: Final = 12
"""Classes that are seen although they have nothing to do with it."""
_WEIGHTS: Final = np.array([6.0, 1.6, 1.4, 0.6])
"""Shape of the gammas of subject, second subject, setting and noise."""
_SURE: Final = (4.0, 1.6)
"""Beta of the share that goes to the class itself, not to those alike."""
_TOGETHER: Final = 1_024
"""Photos whose confidences are in memory at once: 15 MB."""
_ROWS: Final = 100
"""Classes that are propagated at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Probabilities, sparse."""

    classes: npt.NDArray[np.int64]
    """Shape (photos, k); one may stand there twice, and then counts twice."""
    probabilities: npt.NDArray[np.float64]
    """Beside ``classes``; at most 1 in all for a photo."""

    def take(self, rows: npt.NDArray[np.intp]) -> Seen:
        """Return the rows of some photos."""
        return Seen(self.classes[rows], self.probabilities[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Tags:
    """Tags of photos, flat: fields as in `alicorn.documents.batch.PhotoBatch`."""

    starts: npt.NDArray[np.int64]
    concepts: npt.NDArray[np.int64]
    levels: npt.NDArray[np.uint8]


class Sight:
    """The eyes of the world: the shipped taxonomy, laid out for many photos."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.names = taxonomy.names
        leaves = sum(concept.class_index is not None for concept in taxonomy.concepts)
        self.leaves = leaves
        self._above, self._shares = _above(taxonomy, leaves)
        self._alike = _alike(taxonomy, leaves)
        self._name_ranks = np.argsort(np.argsort(np.array(taxonomy.names), kind="stable"))

    @staticmethod
    @cache
    def load() -> Sight:
        """Return the sight of the shipped taxonomy, made once."""
        return Sight(Taxonomy.load())

    def see(
        self,
        subjects: npt.NDArray[np.int64],
        settings: npt.NDArray[np.int64],
        random: np.random.Generator,
    ) -> Seen:
        """Draw what a classifier says of photos.

        Parameters
        ----------
        subjects : int64, shape (photos, 2)
            Classes; -1 in the second column where there is one subject only.
        settings : int64, shape (photos,)
            Class seen around.
        """
        photos = len(subjects)
        shown = np.column_stack([subjects, settings])
        masses = random.gamma(_WEIGHTS, size=(photos, len(_WEIGHTS)))
        masses[:, 1] *= subjects[:, 1] >= 0
        shown = np.maximum(shown, 0)
        masses /= masses.sum(axis=1, keepdims=True)
        own = random.beta(*_SURE, (photos, 3))
        # The likeness fades: the nearest is taken for it most often.
        alike = random.exponential(1.0, (photos, 3, _ALIKE)) / np.arange(1, _ALIKE + 1)
        alike *= ((1 - own) * masses[:, :3] / alike.sum(axis=2))[:, :, np.newaxis]
        noise = random.exponential(1.0, (photos, _NOISE)) ** 2
        noise *= (masses[:, 3] / noise.sum(axis=1))[:, np.newaxis]
        return Seen(
            np.concatenate(
                [
                    shown,
                    self._alike[shown].reshape(photos, -1),
                    random.integers(0, self.leaves, (photos, _NOISE)),
                ],
                axis=1,
            ),
            np.concatenate([own * masses[:, :3], alike.reshape(photos, -1), noise], axis=1),
        )

    def tags(self, seen: Seen) -> Tags:
        """Return the tags of photos: at most `MAX_TAGS`, surest first, equal ones by name."""
        photos = len(seen.classes)
        parts = [
            self._tags(seen.take(np.arange(at, min(at + _TOGETHER, photos))))
            for at in range(0, photos, _TOGETHER)
        ]
        counts = np.concatenate([np.empty(0, np.int64), *(part[0] for part in parts)])
        starts = np.zeros(photos + 1, dtype=np.int64)
        np.cumsum(counts, out=starts[1:])
        return Tags(
            starts,
            np.concatenate([np.empty(0, np.int64), *(part[1] for part in parts)]),
            np.concatenate([np.empty(0, np.uint8), *(part[2] for part in parts)]),
        )

    def _tags(
        self, seen: Seen
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
        """Return how many tags each photo has, their concepts and their levels."""
        photos, width = len(seen.classes), len(self.names) + 1
        above = self._above[seen.classes]
        above += (np.arange(photos) * width)[:, np.newaxis, np.newaxis]
        added = self._shares[seen.classes] * seen.probabilities[:, :, np.newaxis]
        sums = np.bincount(above.ravel(), weights=added.ravel(), minlength=photos * width)
        # The last column took what a class has less ancestors than another.
        confidences = sums.reshape(photos, width)[:, :-1].astype(np.float32)
        levels = quantise_all(confidences)
        rows, concepts = np.nonzero(levels)
        found = levels[rows, concepts]
        order = np.argsort(
            (rows * 256 + (255 - found.astype(np.int64))) * width + self._name_ranks[concepts]
        )
        firsts = np.searchsorted(rows, np.arange(photos))
        order = order[np.arange(rows.size) - firsts[rows] < MAX_TAGS]
        return np.bincount(rows[order], minlength=photos), concepts[order], found[order]


def _above(
    taxonomy: Taxonomy, leaves: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return, for each class, the concepts above it (itself too) and what it adds to them.

    Both of shape (leaves, most ancestors); rows with fewer end in the number behind the last
    concept and 0.
    """
    rows, concepts, shares = [], [], []
    for at in range(0, leaves, _ROWS):
        alone = np.zeros((min(_ROWS, leaves - at), leaves), dtype=np.float32)
        alone[np.arange(len(alone)), at + np.arange(len(alone))] = 1
        found = taxonomy.propagate(alone)
        row, concept = np.nonzero(found)
        rows.append(row + at)
        concepts.append(concept)
        shares.append(found[row, concept])
    row = np.concatenate(rows)
    place = np.arange(row.size) - np.searchsorted(row, row)
    above = np.full((leaves, int(place.max()) + 1), len(taxonomy.names), dtype=np.int64)
    added = np.zeros(above.shape)
    above[row, place] = np.concatenate(concepts)
    added[row, place] = np.concatenate(shares)
    return above, added


def _alike(taxonomy: Taxonomy, leaves: int) -> npt.NDArray[np.int64]:
    """Return, for each class, those nearest to it in the taxonomy, shape (leaves, `_ALIKE`)."""
    near: list[list[int]] = [[] for _ in range(leaves)]
    # From the narrowest concepts up: who is met first is nearest.
    for below in sorted(taxonomy.leaves_below, key=len):
        for leaf in below:
            if len(near[leaf]) < _ALIKE:
                known = {leaf, *near[leaf]}
                near[leaf] += [other for other in below if other not in known]
    # A class that stands alone is taken for its neighbours in the list of classes.
    return np.array(
        [
            (found + [(leaf + step) % leaves for step in range(1, _ALIKE + 1)])[:_ALIKE]
            for leaf, found in enumerate(near)
        ]
    )
