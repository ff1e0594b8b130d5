"""The vectors that ship: WordNet's meanings, their English words, and a vector for each.

`words.npz` has, for M meanings of d numbers and T terms:

    codes, scales        int8 (M, d), float32 (d,): the vectors, see `reduction`
    offsets, nouns       uint32 (M,): WordNet's offsets; the first ``nouns`` are nouns, ascending
    information          float32 (M,): how much a meaning says, see `meanings`
    above_starts, above  uint32: the broader meanings of each, as places
    term_starts, term_bytes      the terms in UTF-8, ascending by their bytes
    sense_starts, senses, weights    the meanings of each term, heaviest first, weights by 255

Some 55,000 meanings and 77,000 terms take 12 MB in memory; a term is found by bisection, so there
is no object for any of them. Names in other languages (`languages`) lead to the same meanings.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.cards import sha256_of
from alicorn.errors import CorruptData, MissingModel, NotFound
from understanding.concepts.card import Card
from understanding.concepts.languages import Names
from understanding.concepts.morphology import singulars
from understanding.concepts.taxonomy import Taxonomy
from understanding.concepts.words.space import Sense

__all__ = ["CARD_FILE", "FORMAT", "WORDS_FILE", "DistilledWords", "load_words"]

FORMAT: Final = 1
"""Version of `WORDS_FILE`."""

WORDS_FILE: Final = "words.npz"
CARD_FILE: Final = "words.card.json"

_LARGEST_WEIGHT: Final = 255


class DistilledWords:
    """A `WordSpace` that knows meanings, and how they hang together.

    Parameters
    ----------
    arrays : mapping
        Those of `WORDS_FILE`.
    names : Names, optional
        The words of other languages.
    plurals : mapping, optional
        Irregular English plurals -> singulars.

    Raises
    ------
    CorruptData
        If the arrays do not fit together.
    """

    def __init__(
        self,
        arrays: Mapping[str, npt.NDArray[Any]],
        names: Names | None = None,
        plurals: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        _check(arrays)
        self._arrays = arrays
        self._names = names
        self._plurals = plurals or {}
        self._offsets = arrays["offsets"][: int(arrays["nouns"])]
        self._information = arrays["information"]
        self._term_bytes = arrays["term_bytes"].tobytes()
        self._term_starts: list[int] = arrays["term_starts"].tolist()
        self._longest = 1 + max(
            (term.count(b" ") for term in self._all_terms()),
            default=-1,
        )

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""
        return int(self._arrays["codes"].shape[1])

    @property
    def languages(self) -> tuple[str, ...]:
        """English, then those of the names."""
        return ("en", *(self._names.languages if self._names else ()))

    @property
    def common(self) -> npt.NDArray[np.float32]:
        """The first axis; see `reduction`."""
        axis = np.zeros(self.dimensions, dtype=np.float32)
        axis[0] = 1.0
        return axis

    def longest(self, language: str) -> int:
        """Return how many words the longest term in ``language`` has; 0 without any."""
        if language == "en":
            return self._longest
        known = self._names is not None and language in self._names.languages
        return self._names.longest(language) if known and self._names else 0

    def senses(self, words: tuple[str, ...], language: str = "en") -> tuple[Sense, ...]:
        """Return the meanings of a term, the most usual first; none when it is not known.

        English plurals are found by their singulars. In other languages a word has the meanings of
        the synsets that it names.
        """
        if language == "en":
            return self._english(words)
        if self._names is None or language not in self._names.languages:
            return ()
        found = []
        for named in self._names.lookup(words, language):
            place = self.place_of(named.synset)
            if place is not None:
                found.append(Sense(self._vector(place), named.weight, named.synset))
        return tuple(found)

    def place_of(self, synset: str) -> int | None:
        """Return the place of a noun's synset, or None when it is not among the meanings."""
        offset = int(synset)
        place = int(np.searchsorted(self._offsets, offset))
        known = place < self._offsets.size and int(self._offsets[place]) == offset
        return place if known else None

    def vector_of(self, synset: str) -> npt.NDArray[np.float32] | None:
        """Return the vector of a noun's synset, of length 1; None when it is not known."""
        place = self.place_of(synset)
        return None if place is None else self._vector(place)

    def information_of(self, synset: str) -> float:
        """Return how much a synset says, in [0, 1]; 0 when it is not known."""
        place = self.place_of(synset)
        return 0.0 if place is None else float(self._information[place])

    def ancestors(self, synset: str) -> dict[str, float]:
        """Return a synset and all that is above it, each with how much it says, in [0, 1]."""
        place = self.place_of(synset)
        starts, above = self._arrays["above_starts"], self._arrays["above"]
        found: dict[int, float] = {}
        pending = [] if place is None else [place]
        while pending:
            here = pending.pop()
            if here not in found:
                found[here] = float(self._information[here])
                pending.extend(above[starts[here] : starts[here + 1]].tolist())
        return {self._synset(here): information for here, information in found.items()}

    def _english(self, words: tuple[str, ...]) -> tuple[Sense, ...]:
        for term in self._spellings(words):
            row = self._row_of(" ".join(term).encode())
            if row is None:
                continue
            start, end = self._arrays["sense_starts"][row : row + 2].tolist()
            return tuple(
                Sense(self._vector(place), weight / _LARGEST_WEIGHT, self._synset(place))
                for place, weight in zip(
                    self._arrays["senses"][start:end].tolist(),
                    self._arrays["weights"][start:end].tolist(),
                    strict=True,
                )
            )
        return ()

    def _spellings(self, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Yield the ways to look a term up: as it stands, its singular, its plural."""
        if not words:
            return
        yield words
        for singular in singulars(words[-1], self._plurals):
            yield (*words[:-1], singular)
        # Some things are named in the plural only: scissors, binoculars. But *mes* is no mess.
        if not words[-1].endswith("s"):
            yield (*words[:-1], words[-1] + "s")

    def _row_of(self, term: bytes) -> int | None:
        low, high = 0, len(self._term_starts) - 1
        while low < high:
            middle = (low + high) // 2
            if self._term(middle) < term:
                low = middle + 1
            else:
                high = middle
        found = low < len(self._term_starts) - 1 and self._term(low) == term
        return low if found else None

    def _term(self, row: int) -> bytes:
        return self._term_bytes[self._term_starts[row] : self._term_starts[row + 1]]

    def _all_terms(self) -> Iterator[bytes]:
        return (self._term(row) for row in range(len(self._term_starts) - 1))

    def _synset(self, place: int) -> str:
        is_noun = place < self._offsets.size
        return f"{int(self._offsets[place]):08d}" if is_noun else ""

    def _vector(self, place: int) -> npt.NDArray[np.float32]:
        vector = self._arrays["codes"][place] * self._arrays["scales"]
        length = np.linalg.norm(vector)
        unit: npt.NDArray[np.float32] = (vector / length if length else vector).astype(np.float32)
        return unit


def _check(arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    meanings = arrays["codes"].shape[0]
    terms = arrays["term_starts"].size - 1
    fits = (
        int(arrays["format"]) == FORMAT
        and arrays["codes"].ndim == 2
        and arrays["scales"].shape == arrays["codes"].shape[1:]
        and arrays["offsets"].size == arrays["information"].size == meanings
        and arrays["above_starts"].size == meanings + 1
        and int(arrays["above_starts"][-1]) == arrays["above"].size
        and arrays["sense_starts"].size == terms + 1
        and int(arrays["term_starts"][-1]) == arrays["term_bytes"].size
        and int(arrays["sense_starts"][-1]) == arrays["senses"].size == arrays["weights"].size
        and int(arrays["senses"].max(initial=0)) < max(meanings, 1)
        and int(arrays["above"].max(initial=0)) < max(int(arrays["nouns"]), 1) <= max(meanings, 1)
    )
    if not fits:
        raise CorruptData(f"{WORDS_FILE}: its arrays do not fit together; make it again")


@cache
def load_words(folder: Path | None = None) -> DistilledWords:
    """Return the shipped vectors (read once), or those that were built in ``folder``.

    Raises
    ------
    MissingModel
        If the file is absent, or is not the one on its card.
    CorruptData
        If it is damaged.
    """
    where = folder or Path(str(resources.files("understanding.concepts.data")))
    card = Card.read(where / CARD_FILE)
    try:
        content = (where / WORDS_FILE).read_bytes()
    except OSError as error:
        raise MissingModel(f"no vectors at {where / WORDS_FILE}: {error.strerror}") from None
    found, needed = sha256_of(content), card.sha256.get(WORDS_FILE)
    if found != needed:
        raise MissingModel(f"{where / WORDS_FILE} has sha256 {found}, needed {needed}")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return DistilledWords(arrays, _names(), Taxonomy.load().plurals)
    except (ValueError, KeyError) as error:
        raise CorruptData(f"{where / WORDS_FILE}: {error}") from error


def _names() -> Names | None:
    try:
        return Names.load()
    except (MissingModel, NotFound):
        return None
