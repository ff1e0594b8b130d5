"""Vectors of words that a user supplied: `SuppliedWords`, a `WordSpace` that knows words only.

A word has one sense here, whatever it means. Terms of several words are known where the file has
them as one (``beach_ball``); a term that it lacks is not made up from its words, or else any two
words of a query would be one thing.

The component common to all is their first principal direction: the unit vector u for which the
sum of (v u)^2 is greatest, without centring [1]_, on the side of the mean. The first 100,000 words
stand for all.

References
----------
.. [1] Arora, Liang and Ma, "A simple but tough-to-beat baseline for sentence embeddings",
   ICLR 2017.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.errors import ConfigError
from understanding.concepts.lines import SortedLines
from understanding.concepts.words.gathered import Gathered
from understanding.concepts.words.space import Sense
from understanding.concepts.words.translation import (
    LEAST_SIMILARITY,
    MOST_TRANSLATIONS,
    Translation,
)

__all__ = ["SuppliedWords"]

ENGLISH: Final = "en"
_SAMPLED: Final = 100_000

Floats = npt.NDArray[np.float32]


class SuppliedWords:
    """Words of one or more languages, each with its vector; immutable.

    Parameters
    ----------
    gathered : Gathered
        Not changed any more from now on.
    source : str
        Name of the file, for messages.

    Raises
    ------
    ConfigError
        If there is no English word.
    """

    def __init__(self, gathered: Gathered, source: str) -> None:
        self._rows = gathered.rows
        self.dimensions = gathered.dimensions
        """Numbers in a vector."""
        lines: dict[str, list[tuple[bytes, int]]] = {}
        for (language, words), row in gathered.places.items():
            lines.setdefault(language, []).append((" ".join(words).encode(), row))
        self.languages = tuple(sorted(lines, key=lambda language: (language != ENGLISH, language)))
        """Two-letter codes, "en" first."""
        if ENGLISH not in lines:
            found = f"those of {', '.join(self.languages)}" if lines else "no words"
            raise ConfigError(
                f"{source}: found {found}, needed English words, too: the concepts are named in "
                "English, and the other languages' words must be in the same space"
            )
        self._lines: dict[str, SortedLines] = {}
        self._places: dict[str, npt.NDArray[np.uint32]] = {}
        for language, entries in lines.items():
            entries.sort()
            self._lines[language] = SortedLines(b"".join(line + b"\n" for line, _ in entries))
            self._places[language] = np.array([row for _, row in entries], np.uint32)
        self.common = _principal_direction(self._rows[:_SAMPLED])
        """The component common to all vectors: float32, shape (dimensions,), of length 1."""

    def __len__(self) -> int:
        return len(self._rows)

    def longest(self, language: str) -> int:
        """Return how many words its longest term in ``language`` has; 0 without any."""
        return self._lines[language].words() if language in self._lines else 0

    def senses(self, words: tuple[str, ...], language: str = "en") -> tuple[Sense, ...]:
        """Return the one meaning of a term, with weight 1; none when it is not known.

        Parameters
        ----------
        words : tuple of str
            As `alicorn.documents.text.tokens` cuts them.
        language : str
            Two-letter code.
        """
        vector = self._vector(words, language)
        return () if vector is None else (Sense(vector, 1.0),)

    def translations(self, words: tuple[str, ...], language: str) -> tuple[Translation, ...]:
        """Return the English terms nearest to a term; see `Translates`. Looks at every English one.

        Returns
        -------
        tuple of Translation
            Nearest first, equal ones by their bytes.
        """
        vector = self._vector(words, language)
        if vector is None or language == ENGLISH:
            return ()
        # In the order of the lines, so that equal ones stay in it.
        near = (self._rows @ vector)[self._places[ENGLISH]]
        best = np.argsort(-near, kind="stable")[:MOST_TRANSLATIONS]
        lines = self._lines[ENGLISH]
        return tuple(
            Translation(tuple(lines[place].decode().split(" ")), min(float(near[place]), 1.0))
            for place in best.tolist()
            if near[place] >= LEAST_SIMILARITY
        )

    def _vector(self, words: tuple[str, ...], language: str) -> Floats | None:
        lines = self._lines.get(language)
        if lines is None:
            return None
        line = " ".join(words).encode()
        place = lines.place(line)
        if place == len(lines) or lines[place] != line:
            return None
        vector: Floats = self._rows[int(self._places[language][place])]
        return vector


def _principal_direction(rows: Floats) -> Floats:
    """Return the unit eigenvector of the largest eigenvalue of rows' products: (dimensions,)."""
    products = (rows.T @ rows).astype(np.float64)
    direction = np.linalg.eigh(products)[1][:, -1]
    side = float(rows.mean(axis=0) @ direction)
    return (direction if side >= 0 else -direction).astype(np.float32)
