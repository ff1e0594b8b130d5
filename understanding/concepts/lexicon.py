"""Exact names: words and multi-word terms to the concepts that they name.

A term is looked up as a tuple of words, cut by the same `tokens` as captions are, so case, hyphens
and apostrophes do not matter. In this order, and the first that finds anything answers, except that
a plural adds to an exact name with half the weight (*glasses* names spectacles, and also several of
a drinking glass):

    as it stands        beach ball, T-shirt = t shirt, Great Pyrenees
    its singular        beach balls, mice, men of war: the last word, or the one before "of"
    written together    seacoast = sea coast, beachball = beach ball
    its plural          binocular, jean: some things are named in the plural only

A word with several senses names several concepts, best first, with weights (`senses`). Compounds
that are no concepts (*beach ball*, `compounds`) are terms too: they name nothing and keep together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

from alicorn.documents.text import tokens
from understanding.concepts.morphology import singulars
from understanding.concepts.taxonomy import Taxonomy

__all__ = ["MOST_MATCHES", "ConceptMatch", "Lexicon"]

MOST_MATCHES: Final = 10
"""Concepts that one term names at most (DB-08: top 10 a query word)."""

_PLURAL_SHARE: Final = 0.5
# Parts shorter than this are more often words of their own than halves of a compound.
_SHORTEST_PART: Final = 3

Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConceptMatch:
    """A concept that a term names."""

    concept: str
    """Name in the taxonomy."""
    weight: float
    """How much the term means it, in (0, 1]: 1 for the usual sense."""


class Lexicon:
    """The names of all concepts of a taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._plurals = taxonomy.plurals
        self._lemmas: set[str] = set()
        found: dict[Words, dict[str, float]] = defaultdict(dict)
        for concept in taxonomy.concepts:
            for lemma, weight in concept.lemmas.items():
                words = tuple(tokens(lemma))
                self._lemmas.add(lemma.lower())
                known = found[words].get(concept.name, 0.0)
                found[words][concept.name] = max(known, weight)
            own = tuple(tokens(concept.name))
            found[own].setdefault(concept.name, 1.0)
        found.pop((), None)
        self._names = {words: _ordered(matches.items()) for words, matches in found.items()}
        self._compounds = {tuple(term.split()) for term in taxonomy.terms}
        self._joined = {"".join(words): words for words in sorted(self._names) if len(words) > 1}
        self.longest = 1 + max(map(len, [*self._names, *self._compounds]), default=1)
        """Words of the longest term, and one more: it may have been typed apart."""

    @classmethod
    def load(cls) -> Lexicon:
        """Return the lexicon of the shipped taxonomy (made once).

        Raises
        ------
        MissingModel
            If the taxonomy is absent or is not the one on its card.
        """
        return _shipped()

    def known_lemmas(self) -> set[str]:
        """Return every lemma of every concept, lower case with spaces, as WordNet writes it."""
        return set(self._lemmas)

    def lookup(self, words: Words) -> tuple[ConceptMatch, ...]:
        """Return the concepts that the term ``words`` names, best first, equal ones by name.

        Parameters
        ----------
        words : tuple of str
            As `alicorn.documents.text.tokens` cuts them.

        Returns
        -------
        tuple of ConceptMatch
            At most `MOST_MATCHES`; empty when nothing is called so.
        """
        exact = self._names.get(words, ())
        plural = self._first(self._singular_terms(words))
        if exact and plural:
            weights = {match.concept: match.weight * _PLURAL_SHARE for match in plural}
            weights |= {match.concept: match.weight for match in exact}
            return _ordered(weights.items())
        return exact or plural or self._first(self._respelled(words))

    def longest_match(
        self, tokens: Sequence[str], start: int
    ) -> tuple[int, tuple[ConceptMatch, ...]]:
        """Return the longest term that begins at ``start``: how many words, and what it names.

        A compound that is no concept has a length and names nothing; ``(0, ())`` is no term.
        """
        for length in range(min(self.longest, len(tokens) - start), 0, -1):
            words = tuple(tokens[start : start + length])
            if (matches := self.lookup(words)) or self.is_compound(words):
                return length, matches
        return 0, ()

    def is_compound(self, words: Words) -> bool:
        """Whether ``words`` are a compound that is no concept, or its plural."""
        return any(term in self._compounds for term in (words, *self._singular_terms(words)))

    def _first(self, terms: Iterable[Words]) -> tuple[ConceptMatch, ...]:
        return next((self._names[term] for term in terms if term in self._names), ())

    def _singular_terms(self, words: Words) -> Iterator[Words]:
        heads = [len(words) - 1]
        if "of" in words[1:-1]:
            heads.append(words.index("of", 1) - 1)
        for head in heads if words else ():
            for singular in singulars(words[head], self._plurals):
                yield (*words[:head], singular, *words[head + 1 :])

    def _respelled(self, words: Words) -> Iterator[Words]:
        if len(words) == 1:
            word = words[0]
            for single in (word, *singulars(word, self._plurals)):
                if single in self._joined:
                    yield self._joined[single]
            yield (word + "s",)
        elif len(words) == 2 and min(map(len, words)) >= _SHORTEST_PART:
            yield ("".join(words),)
            for singular in singulars(words[1], self._plurals):
                yield (words[0] + singular,)


def _ordered(weights: Iterable[tuple[str, float]]) -> tuple[ConceptMatch, ...]:
    best = sorted(weights, key=lambda match: (-match[1], match[0]))[:MOST_MATCHES]
    return tuple(ConceptMatch(concept, round(weight, 4)) for concept, weight in best)


@cache
def _shipped() -> Lexicon:
    return Lexicon(Taxonomy.load())
