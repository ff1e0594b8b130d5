"""The taxonomy that ships: the concepts, how they hang together, and what a photo shows of them.

`taxonomy.json` is an object with

    format      1
    plurals     irregular plural -> singulars (for `lexicon`)
    concepts    name, synset (WordNet offset), class (of the classifier, null for an ancestor),
                family, parents (names), lemmas (word -> weight, see `senses`), gloss

The leaves come first, in the order of their classes, then the ancestors. `terms.txt` beside it has
the compounds that are no concepts. Loading checks both against the checksums on their card.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.cards import sha256_of
from alicorn.documents import Tag
from alicorn.errors import CorruptData, MissingModel, NotFound
from understanding.concepts.card import Card
from understanding.concepts.families import Family
from understanding.concepts.propagation import Propagation
from understanding.concepts.tags import best_tags

__all__ = ["CARD_FILE", "FORMAT", "TAXONOMY_FILE", "TERMS_FILE", "Concept", "Taxonomy"]

FORMAT: Final = 1
"""Version of `TAXONOMY_FILE`."""

TAXONOMY_FILE: Final = "taxonomy.json"
TERMS_FILE: Final = "terms.txt"
CARD_FILE: Final = "taxonomy.card.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """One thing that can be seen."""

    name: str
    """Unique, lower case, with spaces."""
    synset: str
    """WordNet 3.0 offset, eight digits."""
    class_index: int | None
    """Class of the classifier; None for an ancestor."""
    family: Family
    parents: tuple[str, ...]
    """Names of the nearest broader concepts, ascending."""
    lemmas: Mapping[str, float]
    """Word or term, as WordNet writes it -> how much it means this concept, in (0, 1]."""
    gloss: str


class Taxonomy:
    """All concepts, and the way from the classifier's probabilities to tags.

    Parameters
    ----------
    concepts : sequence of Concept
        The leaves first, in the order of their classes.
    plurals : mapping
        Irregular plural -> singulars.
    terms : sequence of str
        Compounds that are no concepts.

    Raises
    ------
    CorruptData
        If a name stands twice, a parent is missing, a concept has no leaf below it, or the leaves
        are out of order.
    """

    def __init__(
        self,
        concepts: Sequence[Concept],
        plurals: Mapping[str, tuple[str, ...]] | None = None,
        terms: Sequence[str] = (),
    ) -> None:
        self.concepts = tuple(concepts)
        self.plurals: Mapping[str, tuple[str, ...]] = plurals or {}
        self.terms = tuple(terms)
        self.names = [concept.name for concept in concepts]
        self.family = [str(concept.family) for concept in concepts]
        self.parents = [concept.parents for concept in concepts]
        self.index_of = {name: index for index, name in enumerate(self.names)}
        self._leaves = [c.name for c in concepts if c.class_index is not None]
        if len(self.index_of) != len(self.names):
            raise CorruptData("taxonomy: a concept name stands twice")
        if any(c.class_index != i for i, c in enumerate(concepts[: len(self._leaves)])):
            raise CorruptData("taxonomy: the leaves are not in the order of their classes")
        self.leaves_below = _leaves_below(self.concepts, self.index_of)
        """For each concept the classes below it, ascending."""
        self._propagation = Propagation(self.leaves_below, len(self._leaves))
        self._name_ranks = np.argsort(np.argsort(np.array(self.names), kind="stable"))

    @classmethod
    def load(cls, folder: Path | None = None) -> Taxonomy:
        """Return the shipped taxonomy (read once), or the one that was built in ``folder``.

        Raises
        ------
        MissingModel
            If the shipped files are absent, or are not those on their card.
        NotFound
            If there is no taxonomy in ``folder``.
        CorruptData
            If what is there is not a taxonomy of this format, or not the one on its card.
        """
        return _shipped() if folder is None else _read(folder)

    def concept(self, name: str) -> Concept:
        """Return the concept called ``name``.

        Raises
        ------
        NotFound
            If there is none.
        """
        if name not in self.index_of:
            raise NotFound(f"no concept is called {name!r}")
        return self.concepts[self.index_of[name]]

    def propagate(self, probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the adjusted confidences of all concepts; see `Propagation.propagate`.

        Parameters
        ----------
        probabilities : float32, shape (photos, leaves)

        Returns
        -------
        float32, shape (photos, concepts)
            In [0, 1], in the order of `names`.
        """
        return self._propagation.propagate(probabilities)

    def tags(self, probabilities: npt.NDArray[np.float32]) -> tuple[Tag, ...]:
        """Return the best 50 concepts of one photo, best first, equal ones by name.

        Parameters
        ----------
        probabilities : float32, shape (leaves,)
        """
        confidences = self.propagate(probabilities[np.newaxis])[0]
        return best_tags(confidences, self.names, self._name_ranks)


@cache
def _shipped() -> Taxonomy:
    folder = Path(str(resources.files("understanding.concepts.data")))
    try:
        return _read(folder)
    except (NotFound, CorruptData) as error:
        raise MissingModel(f"the shipped taxonomy is broken, reinstall: {error}") from error


def _read(folder: Path) -> Taxonomy:
    try:
        card = Card.read(folder / CARD_FILE)
        contents = {name: (folder / name).read_bytes() for name in (TAXONOMY_FILE, TERMS_FILE)}
    except MissingModel as error:
        raise NotFound(f"no taxonomy in {folder}: {error}") from error
    except OSError as error:
        raise NotFound(f"no taxonomy in {folder}: {error.filename}: {error.strerror}") from error
    for name, content in contents.items():
        found, needed = sha256_of(content), card.sha256.get(name)
        if found != needed:
            raise CorruptData(f"{folder / name} has sha256 {found}, needed {needed}")
    try:
        raw: dict[str, Any] = json.loads(contents[TAXONOMY_FILE])
        if raw["format"] != FORMAT:
            raise CorruptData(
                f"{folder / TAXONOMY_FILE} has format {raw['format']}, needed {FORMAT}"
            )
        concepts = [_concept(record) for record in raw["concepts"]]
        plurals = {plural: tuple(singulars) for plural, singulars in raw["plurals"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptData(f"{folder / TAXONOMY_FILE} is not a taxonomy: {error}") from error
    return Taxonomy(concepts, plurals, contents[TERMS_FILE].decode().splitlines())


def _concept(record: Mapping[str, Any]) -> Concept:
    return Concept(
        name=record["name"],
        synset=record["synset"],
        class_index=record["class"],
        family=Family(record["family"]),
        parents=tuple(record["parents"]),
        lemmas=record["lemmas"],
        gloss=record["gloss"],
    )


def _leaves_below(
    concepts: Sequence[Concept], index_of: Mapping[str, int]
) -> tuple[tuple[int, ...], ...]:
    """Walk up from each leaf, marking every concept above it once."""
    below: list[list[int]] = [[] for _ in concepts]
    for leaf in concepts:
        if leaf.class_index is None:
            continue
        seen = {leaf.name}
        pending = [leaf]
        while pending:
            here = pending.pop()
            below[index_of[here.name]].append(leaf.class_index)
            for parent in here.parents:
                if parent not in index_of:
                    raise CorruptData(f"taxonomy: {here.name!r} has the unknown parent {parent!r}")
                if parent not in seen:
                    seen.add(parent)
                    pending.append(concepts[index_of[parent]])
    if empty := [c.name for c, leaves in zip(concepts, below, strict=True) if not leaves]:
        raise CorruptData(f"taxonomy: {empty[0]!r} has no leaf below it")
    return tuple(map(tuple, below))
