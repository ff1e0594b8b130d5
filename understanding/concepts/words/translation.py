"""Words of another language to the English ones that mean the same: what vectors are asked for it.

Where several languages lie in one space, a word lies nearest to its translation. A German *Hund* is
first taken for *dog*, which names a concept, and not for whatever category lies near it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

__all__ = ["LEAST_SIMILARITY", "MOST_TRANSLATIONS", "Translates", "Translation"]

LEAST_SIMILARITY: Final = 0.5
"""Cosine below which a word is no translation; of French words in the research vectors, six in ten
above it are in the dictionary, and most others are close."""

MOST_TRANSLATIONS: Final = 3
"""English terms for one of another language at most."""


@dataclass(frozen=True, slots=True)
class Translation:
    """An English term for one of another language."""

    words: tuple[str, ...]
    """As `tokens` cuts them."""
    similarity: float
    """Cosine of the two, in [`LEAST_SIMILARITY`, 1]."""


@runtime_checkable
class Translates(Protocol):
    """A space of several languages (`supplied.SuppliedWords`)."""

    def translations(self, words: tuple[str, ...], language: str) -> tuple[Translation, ...]:
        """Return the English terms nearest to a term, nearest first.

        Parameters
        ----------
        words : tuple of str
            As `alicorn.documents.text.tokens` cuts them.
        language : str
            Two-letter code of its language.

        Returns
        -------
        tuple of Translation
            At most `MOST_TRANSLATIONS`; none when the term is English or is not known.
        """
        ...
