"""Which meanings the shipped vectors know, and the words for each: `choose`.

From WordNet, in this order:

* nouns of what can be seen, parts of the body included;
* other nouns, verbs and adjectives that are used: their sense stands in WordNet's tagged texts;
* whatever stands above one of these, since shared ancestors say how near two meanings are.

Names of single things are left out: they are text. A term's meanings are ordered by what a photo
can show of them: things first, then people (a classifier of things hardly tells a *bass* from
another singer), then the rest; among these as WordNet orders them, the most frequent first. The
r-th meaning weighs 1 / r^2, half of it where it cannot be seen. Both were found on Caltech-101's
labels. A word that first of all means a person means nothing else here: a *kid* is no goat; nor
does one that a group of people is called by (see `people`).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alicorn.documents.text import tokens
from alicorn.errors import CorruptData
from understanding.concepts.senses import VISIBLE_ROOTS, senses_in_photos
from understanding.concepts.wordnet import Synset, WordNet, read_index, read_synsets
from understanding.concepts.words.people import HUMANKIND, PERSON, is_shown_by_doing, is_who_one_is

__all__ = ["MOST_SENSES", "Meaning", "Vocabulary", "choose"]

MOST_SENSES: Final = 5
"""Meanings of one term; the sixth would weigh 1/36."""

_UNSEEN: Final = 0.5
_BODY_PART: Final = "05220461"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One synset."""

    part: str
    """"noun", "verb" or "adj"."""
    offset: str
    """Eight digits; unique among synsets of the same part of speech."""
    text: str
    """What it means in words: its first lemma and its gloss."""
    above: tuple[int, ...]
    """Places of its broader meanings among the nouns; empty for other parts of speech."""
    information: float
    """How much it says, in [0, 1]: 0 for the broadest noun, 1 for one with nothing below."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Meanings and their words."""

    meanings: tuple[Meaning, ...]
    """Nouns first, by offset, then verbs and adjectives."""
    terms: Mapping[str, tuple[tuple[int, float], ...]]
    """Words with spaces, as `tokens` cuts them -> places of their meanings and weights in (0, 1],
    heaviest first."""


def choose(wordnet: WordNet, folder: Path) -> Vocabulary:
    """Return the meanings worth a vector.

    Parameters
    ----------
    wordnet : WordNet
        The nouns.
    folder : Path
        WordNet's ``dict`` folder, for the other parts of speech and for what is used.

    Raises
    ------
    NotFound, CorruptData
        If a file is absent or cannot be read.
    """
    above = _above(wordnet)
    nouns = _nouns(wordnet, folder, above)
    place = {offset: index for index, offset in enumerate(nouns)}
    information = _information(above)
    meanings = [
        Meaning(
            "noun",
            offset,
            _text(wordnet.synsets[offset]),
            tuple(place[above] for above in wordnet.synsets[offset].hypernyms),
            information[offset],
        )
        for offset in nouns
    ]
    terms = dict(_noun_terms(wordnet, place, above))
    for part in ("verb", "adj"):
        synsets = read_synsets(folder / f"data.{part}")
        others: dict[str, int] = {}
        for lemma, senses, used in read_index(folder / f"index.{part}"):
            words = " ".join(tokens(lemma))
            if not words or words in terms or not used:
                continue
            known: list[tuple[int, float]] = []
            for rank, offset in enumerate(senses[: min(used, MOST_SENSES)], start=1):
                if offset not in synsets:
                    raise CorruptData(f"index.{part}: {lemma!r} names no synset at {offset}")
                if offset not in others:
                    others[offset] = len(meanings)
                    meanings.append(Meaning(part, offset, _text(synsets[offset]), (), 0.0))
                known.append((others[offset], _UNSEEN / rank**2))
            terms[words] = tuple(known)
    return Vocabulary(tuple(meanings), dict(sorted(terms.items())))


def _text(synset: Synset) -> str:
    """Return what the sentence encoder reads; what follows a semicolon is a second thought."""
    return f"{synset.lemmas[0]}: {synset.gloss.split(';')[0]}"


def _above(wordnet: WordNet) -> dict[str, frozenset[str]]:
    """Return every noun with itself and all that is above it."""
    found: dict[str, frozenset[str]] = {}

    def look(offset: str) -> frozenset[str]:
        if offset not in found:
            broader = wordnet.synsets[offset].hypernyms
            found[offset] = frozenset((offset,)).union(*(look(one) for one in broader))
        return found[offset]

    for offset in wordnet.synsets:
        look(offset)
    return found


def _nouns(wordnet: WordNet, folder: Path, above: Mapping[str, frozenset[str]]) -> list[str]:
    kept = {offset for offset in wordnet.synsets if _can_be_seen(wordnet, offset, above)}
    for _, senses, used in read_index(folder / "index.noun"):
        kept.update(o for o in senses[:used] if not wordnet.synsets[o].is_instance)
    closed = frozenset().union(*(above[offset] for offset in kept))
    return sorted(offset for offset in closed if HUMANKIND not in above[offset])


def _can_be_seen(wordnet: WordNet, offset: str, above: Mapping[str, frozenset[str]]) -> bool:
    roots = {*VISIBLE_ROOTS, _BODY_PART}
    return not wordnet.synsets[offset].is_instance and not roots.isdisjoint(above[offset])


def _information(above: Mapping[str, frozenset[str]]) -> dict[str, float]:
    """Return -log(share of the synsets at or below) / log(all synsets), for every noun."""
    below: Counter[str] = Counter()
    for broader in above.values():
        below.update(broader)
    total = len(above)
    return {offset: -math.log(count / total) / math.log(total) for offset, count in below.items()}


def _noun_terms(
    wordnet: WordNet, place: Mapping[str, int], above: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, tuple[tuple[int, float], ...]]]:
    lemmas: dict[str, list[str]] = defaultdict(list)
    for lemma in sorted(wordnet.senses):
        lemmas[" ".join(tokens(lemma))].append(lemma)
    for words, spellings in lemmas.items():
        # "t-shirt" and "t shirt" are one term here.
        senses = dict.fromkeys(o for s in spellings for o in senses_in_photos(wordnet, s))
        known = [offset for offset in senses if offset in place]
        if not words or not known:
            continue
        seen = {offset: _can_be_seen(wordnet, offset, above) for offset in known}
        people = {offset for offset in known if PERSON in above[offset]}
        if _is_of_people(known, people, above):
            known = [offset for offset in known if offset in people]
            if not is_shown_by_doing(above[known[0]]):
                # A *man* is no soldier for being called so, too.
                known = known[:1]
        # Sorting keeps WordNet's order among equals.
        known.sort(key=lambda offset: (not seen[offset], offset in people))
        yield (
            words,
            tuple(
                (place[offset], (1.0 if seen[offset] else _UNSEEN) / rank**2)
                for rank, offset in enumerate(known[:MOST_SENSES], start=1)
            ),
        )


def _is_of_people(known: list[str], people: set[str], above: Mapping[str, frozenset[str]]) -> bool:
    """Whether a word means people before all else, or is also what a group of people is called."""
    first = known[0] in people
    return first or any(o in people and is_who_one_is(above[o]) for o in known[:3])
