"""Names in other languages: words of a language to the synsets that they mean.

A term is looked up as a tuple of words, cut by `tokens` as the names were, in the form that was
typed and in those that it may stand for. What is found is put together, the best share for each
synset:

    as it stands                 1     chien, łódź, pomme de terre, 自 行 车
    without its accents          0.6   velo = vélo; for terms typed without any
    its singular                 0.9   chevaux, bambini, owce; 0.75 beside a name that stands so
    without what was elided            lours = l'ours: only where nothing else is found

So *peche* finds *pêche* and *péché*, both with less weight, and *pêche* only itself. A plural
beside a name counts for much, since the wordnets have odd plurals: *gatos* is the whip in
Portuguese and *fiori* the suit of cards in Italian, but they are cats and flowers in photos. Which
language somebody writes is not decided here: ask each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import islice, product
from pathlib import Path
from typing import Final, Self, TypeAlias

from alicorn.cards import sha256_of
from alicorn.errors import ConfigError, CorruptData, MissingModel
from understanding.concepts.card import Card
from understanding.concepts.languages.accents import unaccented
from understanding.concepts.languages.morphology import singulars, without_elision
from understanding.concepts.languages.table import NameTable

__all__ = ["CARD_FILE", "MOST_MEANINGS", "NamedSynset", "Names", "file_of"]

CARD_FILE: Final = "languages.card.json"

MOST_MEANINGS: Final = 10
"""Synsets that one term names at most."""

Words: TypeAlias = tuple[str, ...]

_UNACCENTED_SHARE: Final = 0.6
_PLURAL_SHARE: Final = 0.9
_PLURAL_BESIDE_NAME: Final = 0.75
# Of the singulars of each word in a term of several; more are hardly names.
_MOST_SINGULARS: Final = 3
_MOST_REMEMBERED: Final = 4_096


@dataclass(frozen=True, slots=True)
class NamedSynset:
    """A meaning of a name."""

    synset: str
    """WordNet 3.0 offset, eight digits."""
    weight: float
    """How much the name means it, in (0, 1]."""


def file_of(language: str) -> str:
    """Return the name of a language's file beside the card."""
    return f"names.{language}.npz"


class Names:
    """The names of several languages; immutable, and safe to use from several threads.

    A language's file is read when it is first asked for (some 30 ms, 2 MB of memory).

    Parameters
    ----------
    folder : Path
        As `understanding.concepts.languages.build.build_languages` wrote it.
    languages : sequence of str, optional
        Two-letter codes; all that are there, if None.

    Raises
    ------
    MissingModel
        If there is no card.
    ConfigError
        If a language is not there.
    """

    def __init__(self, folder: Path, languages: Sequence[str] | None = None) -> None:
        self.folder = folder
        self._card = Card.read(folder / CARD_FILE)
        there = tuple(name.split(".")[1] for name in self._card.sha256 if name.endswith(".npz"))
        for language in languages or ():
            if language not in there:
                raise ConfigError(
                    f"no names for the language {language!r}, needed one of {', '.join(there)}"
                )
        self.languages = there if languages is None else tuple(languages)
        """Two-letter codes."""
        self._remembered = lru_cache(_MOST_REMEMBERED)(self._find)

    @classmethod
    def load(cls, languages: Sequence[str] | None = None) -> Self:
        """Return the shipped names.

        Raises
        ------
        MissingModel
            If they are absent.
        ConfigError
            If a language is not among them.
        """
        return cls(Path(str(resources.files("understanding.concepts.languages.data"))), languages)

    def longest(self, language: str) -> int:
        """Return how many words the longest name in ``language`` has; 0 without any."""
        return self._table(language).longest if language in self.languages else 0

    def lookup(self, words: Words, language: str) -> tuple[NamedSynset, ...]:
        """Return what the term ``words`` means in ``language``.

        Parameters
        ----------
        words : tuple of str
            As `alicorn.documents.text.tokens` cuts them.
        language : str
            Two-letter code.

        Returns
        -------
        tuple of NamedSynset
            At most `MOST_MEANINGS`, heaviest first, equal ones by synset; empty where the
            language has no such name, or is none of `languages`.

        Raises
        ------
        MissingModel
            If the language's file is absent or is not the one on the card.
        """
        if language not in self.languages or not words:
            return ()
        return self._remembered(words, language)

    def _table(self, language: str) -> NameTable:
        name = file_of(language)
        return _read_table(self.folder / name, self._card.sha256[name])

    def _find(self, words: Words, language: str) -> tuple[NamedSynset, ...]:
        table = self._table(language)
        found = _meanings(table, words, language)
        if not found:
            for rest in without_elision(words[0], language):
                found = found or _meanings(table, (rest, *words[1:]), language)
        best = sorted(found.items(), key=lambda meaning: (-meaning[1], meaning[0]))
        return tuple(
            NamedSynset(synset, round(weight, 4)) for synset, weight in best[:MOST_MEANINGS]
        )


def _meanings(table: NameTable, words: Words, language: str) -> dict[str, float]:
    """Return synset -> weight of a term as it stands and of its singular."""
    if len(words) > 1 and not any(map(table.begins, (words[0], *singulars(words[0], language)))):
        return {}
    found: dict[str, float] = {}
    is_name = _take(table, words, 1.0, found)
    share = _PLURAL_BESIDE_NAME if is_name else _PLURAL_SHARE
    for term in _singular_terms(words, language):
        if _take(table, term, share, found):
            break
    return found


def _take(table: NameTable, words: Words, share: float, found: dict[str, float]) -> bool:
    """Add what ``words`` names to ``found``; return whether a name is spelled so."""
    names = table.find(words)
    is_spelled = any(spelled for spelled, _ in names)
    has_accents = any(unaccented(word) != word for word in words)
    for spelled, meanings in names:
        if not spelled and has_accents:
            continue
        of_name = share if spelled else share * _UNACCENTED_SHARE
        for synset, weight in meanings:
            found[synset] = max(found.get(synset, 0.0), weight * of_name)
    return is_spelled


def _singular_terms(words: Words, language: str) -> Iterator[Words]:
    """Yield the terms that ``words`` may be several of.

    In most languages the first word or the last has the ending (*chiens de berger*, *ours
    blancs*), or the adjective agrees with the noun (*orsi bianchi*).
    """
    if len(words) == 1:
        yield from ((singular,) for singular in singulars(words[0], language))
        return
    last = len(words) - 1
    for changed in dict.fromkeys(((last,), (0,), (0, last), (0, 1))):
        options: list[Iterable[str]] = [
            islice(singulars(word, language), _MOST_SINGULARS) if place in changed else (word,)
            for place, word in enumerate(words)
        ]
        yield from product(*options)


@cache
def _read_table(path: Path, needed: str) -> NameTable:
    try:
        data = path.read_bytes()
        if (found := sha256_of(data)) != needed:
            raise CorruptData(f"{path} has sha256 {found}, needed {needed}")
        return NameTable(data, path.name)
    except (OSError, CorruptData) as error:
        raise MissingModel(f"{error}; reinstall, or make it: alicorn train languages") from error
