"""What vectors of words are to the rest: a term's senses, each a point among the concepts' names.

The shipped vectors know meanings (synsets of WordNet) and the words for each; files that a user
supplies know words only, so a word has one sense there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Sense", "WordSpace"]


@dataclass(frozen=True, slots=True, eq=False)
class Sense:
    """One meaning of a term."""

    vector: npt.NDArray[np.float32]
    """Shape (dimensions,), of length 1."""
    weight: float
    """How usual the meaning is, in (0, 1]; 1 for the most usual."""
    synset: str = ""
    """WordNet 3.0 offset, eight digits; empty where the vectors know words only."""


class WordSpace(Protocol):
    """Vectors of words; immutable, and safe to use from several threads."""

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """Two-letter codes of the languages that it has words of; "en" among them."""
        ...

    @property
    def common(self) -> npt.NDArray[np.float32]:
        """The component common to all vectors, shape (dimensions,); see DB-13."""
        ...

    def longest(self, language: str) -> int:
        """Return how many words its longest term in ``language`` has; 0 without any."""
        ...

    def senses(self, words: tuple[str, ...], language: str = "en") -> tuple[Sense, ...]:
        """Return the meanings of a term, the most usual first; none when it is not known.

        Parameters
        ----------
        words : tuple of str
            As `alicorn.documents.text.tokens` cuts them.
        language : str
            Two-letter code.
        """
        ...
