"""Queries from labels: their own words, synonyms, broader terms, words of other languages.

All of them ask for the same judged photos, so that only the words differ. The kinds:

    labels          each label's own words; only photos of that very label match
    ... together    labels with the same words (`crocodile`, `crocodile_head`) match each other's
    English names   one thing (synset of WordNet) by the words of its labels
    synonyms        the same things by WordNet's other words for them
    broader terms   concepts one or two steps above; photos of everything below match
    French, ...     the same things by the words of a wordnet of that language

For the last four, what lies below a thing in WordNet matches it, too (a Windsor chair is a chair).
Synonyms and other languages are compared with `ENGLISH`, which has the same things and matches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from alicorn.documents.text import stem, tokens
from ranker.evaluation.measuring import Query, QuerySet

__all__ = [
    "BROADER",
    "COVERED",
    "ENGLISH",
    "LABELS",
    "LANGUAGE_NAMES",
    "NOT_COVERED",
    "SYNONYMS",
    "TOGETHER",
    "NamedConcept",
    "Nouns",
    "label_sets",
    "same_words",
    "thing_sets",
]

LABELS: Final = "labels, all"
COVERED: Final = "labels, covered"
NOT_COVERED: Final = "labels, not covered"
TOGETHER: Final = "labels, covered, together"
ENGLISH: Final = "English names"
SYNONYMS: Final = "synonyms"
BROADER: Final = "broader terms"

LANGUAGE_NAMES: Final[Mapping[str, str]] = {
    "fr": "French",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish",
    "da": "Danish",
    "ca": "Catalan",
    "zh": "Chinese",
}
"""Two-letter code -> English name, in the order of the table."""

_LEVELS_ABOVE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedConcept:
    """What the queries need of a concept of the taxonomy."""

    name: str
    lemmas: tuple[str, ...]
    parents: tuple[str, ...]
    """Synsets of the nearest broader concepts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nouns:
    """The words there are for what labels stand for.

    Offsets of synsets are eight digits, of WordNet 3.0.
    """

    spoken: Mapping[str, str]
    """Label -> what a person would type for it."""
    covered: frozenset[str]
    """Labels whose own words name a concept."""
    synset_of: Mapping[str, str]
    """Label -> synset; labels that WordNet lacks are missing."""
    concepts: Mapping[str, NamedConcept]
    """Synset -> concept of the taxonomy."""
    lemmas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Synset -> English words; empty without WordNet."""
    broader: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Synset -> hypernyms; empty without WordNet."""
    foreign: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Two-letter code -> synset -> words."""

    def labels_below(self, synset: str, labels: Iterable[str]) -> frozenset[str]:
        """Return those of ``labels`` that stand for ``synset`` or for something below it."""
        return frozenset(
            label
            for label in labels
            if label in self.synset_of and synset in self._above(self.synset_of[label])
        )

    def _above(self, synset: str) -> set[str]:
        """Return ``synset`` and everything above it."""
        seen: set[str] = set()
        pending = [synset]
        while pending:
            here = pending.pop()
            if here not in seen:
                seen.add(here)
                pending.extend(self.broader.get(here, ()))
                if here in self.concepts:
                    pending.extend(self.concepts[here].parents)
        return seen


def label_sets(nouns: Nouns, labels: Sequence[str]) -> list[QuerySet]:
    """Return the sets that ask for each label by its own words; empty ones are left out."""

    def queries(chosen: Iterable[str], *, together: bool) -> tuple[Query, ...]:
        return tuple(
            Query(
                text=nouns.spoken[label],
                about=label,
                labels=frozenset(
                    other
                    for other in labels
                    if other == label or (together and nouns.spoken[other] == nouns.spoken[label])
                ),
            )
            for label in chosen
        )

    covered = [label for label in labels if label in nouns.covered]
    others = [label for label in labels if label not in nouns.covered]
    sets = [
        QuerySet(name=LABELS, queries=queries(labels, together=False)),
        QuerySet(name=COVERED, queries=queries(covered, together=False)),
        QuerySet(name=TOGETHER, queries=queries(covered, together=True)),
        QuerySet(name=NOT_COVERED, queries=queries(others, together=False)),
    ]
    return [one for one in sets if one.queries]


def thing_sets(nouns: Nouns, labels: Sequence[str]) -> list[QuerySet]:
    """Return the sets that ask for things by other words than the label's; no empty ones.

    A thing is covered when it is a concept of the taxonomy; `ENGLISH`, `SYNONYMS`, `BROADER` and
    the languages ask for covered things, and sets called "..., not covered" for the others.
    """
    english: dict[str, list[str]] = defaultdict(list)
    for label in labels:
        if label in nouns.synset_of:
            english[nouns.synset_of[label]].append(nouns.spoken[label])
    things = {synset: list(dict.fromkeys(words)) for synset, words in english.items()}
    covered = [synset for synset in things if synset in nouns.concepts]
    others = [synset for synset in things if synset not in nouns.concepts]
    below = {synset: nouns.labels_below(synset, labels) for synset in things}

    def asked(name: str, words: Mapping[str, Iterable[str]], language: str = "en") -> QuerySet:
        return QuerySet(
            name=name,
            queries=tuple(
                Query(text=word, about=synset, labels=below[synset], language=language)
                for synset, each in words.items()
                for word in each
            ),
        )

    sets = [
        asked(ENGLISH, {synset: things[synset] for synset in covered}),
        asked(
            SYNONYMS,
            {s: _others(nouns.concepts[s].lemmas, things[s]) for s in covered},
        ),
        QuerySet(name=BROADER, queries=_broader(nouns, covered, things, labels)),
        asked(
            f"{SYNONYMS}, not covered",
            {s: _others(nouns.lemmas.get(s, ()), things[s]) for s in others},
        ),
    ]
    for code, words in nouns.foreign.items():
        name = LANGUAGE_NAMES.get(code, code)
        for what, chosen in ((name, covered), (f"{name}, not covered", others)):
            sets.append(asked(what, {s: _others(words.get(s, ()), ()) for s in chosen}, code))
    return [one for one in sets if one.queries]


def same_words(one: str, other: str) -> bool:
    """Whether two terms differ at most in case, hyphens, spaces and the English plural.

    >>> same_words("Sea-horses", "seahorse"), same_words("car", "auto")
    (True, False)
    """
    return _key(one) == _key(other)


def _key(term: str) -> str:
    return "".join(stem(word) for word in tokens(term))


def _others(words: Iterable[str], own: Iterable[str]) -> list[str]:
    """Return ``words``, each once, without those that are ``own`` and those that are no words."""
    seen = {_key(word) for word in own} | {""}
    found = []
    for word in words:
        if (key := _key(word)) not in seen:
            seen.add(key)
            found.append(word)
    return found


def _broader(
    nouns: Nouns, covered: Iterable[str], things: Mapping[str, object], labels: Sequence[str]
) -> tuple[Query, ...]:
    # Without WordNet nobody knows which of the labels that are no concepts lie below.
    if not nouns.broader:
        return ()
    above: dict[str, None] = {}
    level = list(covered)
    for _ in range(_LEVELS_ABOVE):
        level = [up for here in level for up in nouns.concepts[here].parents]
        above.update(dict.fromkeys(level))
    return tuple(
        Query(
            text=nouns.concepts[synset].name,
            about=synset,
            labels=nouns.labels_below(synset, labels),
        )
        for synset in sorted(above)
        # A thing that a label stands for is asked for as such; nobody types "lamp (furniture)".
        if synset not in things and "(" not in nouns.concepts[synset].name
    )
