"""Terms and their vectors while a file is read: `Gathered`, with the limits that all formats have.

Files write a word in one of three ways, and `tokens` cuts what is left as it cuts queries:

    /c/de/hund      Numberbatch: language, then the term
    de:hund         language before a colon
    beach_ball      neither: the language of the file

Of terms that are equal when cut so (*Dog*, *dog*) the first counts: files begin with the most
frequent. Vectors of zeros say nothing and are passed over.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from alicorn.documents.text import tokens
from alicorn.errors import ConfigError, CorruptData

__all__ = ["MOST_BYTES", "MOST_DIMENSIONS", "MOST_VECTORS", "Gathered", "Term", "term_of"]

MOST_VECTORS: Final = 3_000_000
"""Google's News vectors, the largest file that is in common use."""
MOST_BYTES: Final = 2 << 30
"""Memory for vectors, as float32; a million of 500 numbers."""
MOST_DIMENSIONS: Final = 4_096

Floats: TypeAlias = npt.NDArray[np.float32]
Term: TypeAlias = tuple[str, tuple[str, ...]]
"""Language and words."""

_CONCEPTNET: Final = re.compile(r"/c/([a-z]+)/([^/]+)")
_PREFIXED: Final = re.compile(r"([a-z]{2}):(.+)", re.DOTALL)
_FEWER: Final = "keep the first, or those of the languages that you need, in a smaller file"


def term_of(word: str, language: str) -> Term | None:
    """Return the term that a file writes as ``word``; None where it has no letters or digits.

    Marks of a trainer's own (``</s>``, ``<unk>``) are none either.

    Examples
    --------
    >>> term_of("/c/de/grüner_tee/n", "en"), term_of("cs:pes", "en"), term_of("T-shirt", "en")
    (('de', ('grüner', 'tee')), ('cs', ('pes',)), ('en', ('t', 'shirt')))
    """
    if found := _CONCEPTNET.match(word) or _PREFIXED.fullmatch(word):
        language, word = found[1], found[2]
    words = tuple(tokens(word)) if word[:1] != "<" else ()
    return (language, words) if words and len(language) == 2 else None


class Gathered:
    """What was read so far; several files may follow each other."""

    def __init__(self) -> None:
        self.dimensions = 0
        """Numbers in a vector; 0 before the first file."""
        self.places: dict[Term, int] = {}
        """Row of each term."""
        self._rows: Floats = np.empty((0, 0), np.float32)

    @property
    def rows(self) -> Floats:
        """The vectors: float32, shape (terms, dimensions), of length 1."""
        return self._rows[: len(self.places)]

    def expect(self, dimensions: int, where: str) -> None:
        """Say how many numbers a vector has.

        Raises
        ------
        CorruptData
            If that is none or too many, or is not what it was before.
        """
        if not 2 <= dimensions <= MOST_DIMENSIONS:
            raise CorruptData(
                f"{where}: found vectors of {dimensions:,} numbers, needed 2 to {MOST_DIMENSIONS:,}"
            )
        if self.dimensions not in {0, dimensions}:
            raise CorruptData(
                f"{where}: found vectors of {dimensions:,} numbers, needed {self.dimensions:,} as "
                "before"
            )
        self.dimensions = dimensions

    def add(self, term: Term, vector: Floats, where: str) -> None:
        """Keep a vector, unless there is one for the term.

        Parameters
        ----------
        term : Term
        vector : float32, shape (dimensions,)
        where : str
            File and line or byte, for messages.

        Raises
        ------
        CorruptData
            If a number is not finite.
        ConfigError
            If there are too many vectors.
        """
        length = float(np.sqrt(np.square(vector, dtype=np.float64).sum()))
        if not np.isfinite(length):
            raise CorruptData(f"{where}: found a number that is not finite, needed finite ones")
        if length == 0 or term in self.places:
            return
        row = len(self.places)
        if row == len(self._rows):
            self._grow(where)
        self._rows[row] = vector / length
        self.places[term] = row

    def _grow(self, where: str) -> None:
        most = min(MOST_VECTORS, MOST_BYTES // (4 * self.dimensions))
        if len(self._rows) >= most:
            raise ConfigError(
                f"{where}: found more than {most:,} vectors of {self.dimensions:,} numbers, needed "
                f"at most that; {_FEWER}"
            )
        larger = min(max(1_024, 2 * len(self._rows)), most)
        grown = np.empty((larger, self.dimensions), np.float32)
        if len(self._rows):
            grown[: len(self._rows)] = self._rows
        self._rows = grown
