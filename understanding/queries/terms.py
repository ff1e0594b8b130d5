"""What a word, or several, may be taken for: `Terms`.

Three sources are asked, in this order, for the longest term that begins at a word:

    names      what is called so, in English (`Lexicon`) or others (`Names`): *cat*, *chat*
    meanings   what is nearest to what it means (`Projection`): *ibis* -> spoonbill, flamingo
    texts      what means nothing one could see; compounds are kept together (`compounds`)

Languages: those that the person reads, then English, then any other, but another only for words
that the first ones do not know (*pain* is no bread to somebody who reads English); unless another
language knows more words of the query than they do (*chat noir*).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from understanding.concepts.languages import Names
from understanding.concepts.languages.accents import unaccented
from understanding.concepts.lexicon import MOST_MATCHES, ConceptMatch, Lexicon
from understanding.concepts.taxonomy import Taxonomy
from understanding.concepts.words.distilled import load_words
from understanding.concepts.words.formats import load_vectors
from understanding.concepts.words.projection import Projection
from understanding.concepts.words.space import WordSpace
from understanding.concepts.words.translation import Translates
from understanding.queries.config import UnderstandingConfig
from understanding.queries.embedding import QueryEmbedding
from understanding.queries.kinds import ENGLISH, Kind
from understanding.queries.stopwords import stop_words

__all__ = ["TermMatch", "Terms"]

# A name in another language that means a concept less than this is rather something else.
_LEAST_NAME: Final = 0.2
_MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class TermMatch:
    """What the words from some place on were taken for."""

    length: int
    """How many words; 0 when they are no term."""
    kind: Kind
    language: str
    """Two-letter code."""
    concepts: tuple[ConceptMatch, ...] = ()
    """Best first, at most 10."""


class Terms:
    """All that words can be taken for; safe to use from several threads.

    Parameters
    ----------
    lexicon : Lexicon
        English names.
    taxonomy : Taxonomy, optional
        Needed for names in other languages.
    names : Names, optional
        Names in other languages.
    space : WordSpace, optional
        Vectors of words.
    projection : Projection, optional
        From ``space`` to concepts; without one words are matched by name only.
    languages : sequence of str, optional
        The only ones to be understood beside English; all that are known, if None.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        *,
        taxonomy: Taxonomy | None = None,
        names: Names | None = None,
        space: WordSpace | None = None,
        projection: Projection | None = None,
        languages: Sequence[str] | None = None,
    ) -> None:
        self.lexicon = lexicon
        self._taxonomy = taxonomy
        self._names = names
        self._space = space
        self._projection = projection
        # As any object: a checker takes two protocols for things that exclude each other.
        asked: object = space
        self._translates = asked if isinstance(asked, Translates) else None
        self._concept_of = {c.synset: c.name for c in taxonomy.concepts} if taxonomy else {}
        others = [*(names.languages if names else ()), *(space.languages if space else ())]
        self.languages = tuple(
            code
            for code in dict.fromkeys((ENGLISH, *others))
            if languages is None or code in {ENGLISH, *languages}
        )
        """Two-letter codes, English first."""
        # Words of a language are asked about again and again, and never mean anything else.
        self._known = lru_cache(_MOST_REMEMBERED)(self._knows)
        self._named = lru_cache(_MOST_REMEMBERED)(self._concepts_named)
        self._meant = lru_cache(_MOST_REMEMBERED)(self._concepts_meant)

    @classmethod
    def load(cls, config: UnderstandingConfig | None = None) -> Terms:
        """Return what the shipped files know, as far as ``config`` wants it.

        Raises
        ------
        MissingModel
            If a shipped file is absent or damaged.
        ConfigError, CorruptData, NotFound
            If the vectors that ``config`` names cannot be used.
        """
        wanted = config or UnderstandingConfig()
        taxonomy = Taxonomy.load()
        names = None
        if wanted.languages is None or wanted.languages:
            names = Names.load(_shipped_only(wanted.languages))
        space: WordSpace = load_vectors(wanted.vectors) if wanted.vectors else load_words()
        projection = None
        if wanted.projection:
            projection = Projection(
                space,
                taxonomy,
                common_component=wanted.common_component,
                ancestors=wanted.ancestors,
            )
        return cls(
            Lexicon.load(),
            taxonomy=taxonomy,
            names=names,
            space=space,
            projection=projection,
            languages=wanted.languages,
        )

    @cached_property
    def embedding(self) -> QueryEmbedding | None:
        """Queries as points, made when it is first asked for; None without vectors."""
        if self._space is None or self._taxonomy is None:
            return None
        return QueryEmbedding(self._space, self._taxonomy)

    def reading(self, words: Sequence[str], hints: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the languages that ``words`` are read in, the likeliest first.

        Parameters
        ----------
        words : sequence of str
            Of a whole query.
        hints : sequence of str
            Codes of the languages that the person reads, best first; unknown ones are passed over.

        Returns
        -------
        tuple of str
            The hinted ones and English, behind another one only if it knows more of the words.
        """
        preferred = [code for code in hints if code in self.languages]
        first = list(dict.fromkeys((*preferred, ENGLISH)))
        asked = [word for word in dict.fromkeys(words) if not word.isdigit()]
        known = {language: self._count(asked, language) for language in self.languages}
        most = max(known[language] for language in first)
        better = [language for language in self.languages if known[language] > most]
        # Of several that know more, the one that knows most, then the one with most concepts. One
        # word alone proves no language.
        best = sorted(
            (language for language in better if known[language] > 1),
            key=lambda language: (-known[language], -self._named_count(asked, language), language),
        )[:1]
        first.sort(key=lambda language: -known[language])
        return (*best, *first)

    def longest_match(
        self, words: Sequence[str], start: int, reading: Sequence[str] = (ENGLISH,)
    ) -> TermMatch:
        """Return the longest term that begins at ``start``, and what it was taken for.

        Parameters
        ----------
        words : sequence of str
            Of the whole query, as `tokens` cuts them.
        start : int
            In [0, len(words)).
        reading : sequence of str
            As `reading` returned it.

        Returns
        -------
        TermMatch
            Of length 0 where no language has a term there.
        """
        longest = min(self._longest(reading), len(words) - start)
        for length in range(longest, 0, -1):
            if match := self._match(tuple(words[start : start + length]), reading):
                return match
        # A name says what it is; what somebody's word may mean in a language that nobody asked
        # for is a guess too many (a *ciabatta* is no slipper).
        others = [language for language in self.languages if language not in reading]
        longest = min(self._longest(others), len(words) - start)
        for length in range(longest, 0, -1):
            words_here = tuple(words[start : start + length])
            if match := self._match(words_here, others, by_meaning=False):
                return match
        return TermMatch(0, Kind.TEXT, reading[0])

    def _match(
        self, words: tuple[str, ...], languages: Sequence[str], *, by_meaning: bool = True
    ) -> TermMatch | None:
        for language in languages:
            if found := self._named(words, language):
                return TermMatch(len(words), Kind.CONCEPT, language, found)
        for language in languages if by_meaning else ():
            if found := self._meant(words, language):
                return TermMatch(len(words), Kind.SIMILAR, language, found)
        # Of several words that mean nothing to be seen, each may still do (*dog show*).
        if len(words) > 1:
            kept = ENGLISH in languages and self.lexicon.is_compound(words)
            return TermMatch(len(words), Kind.TEXT, ENGLISH) if kept else None
        for language in languages:
            if self._known(words, language):
                return TermMatch(1, Kind.TEXT, language)
        return None

    def _concepts_named(self, words: tuple[str, ...], language: str) -> tuple[ConceptMatch, ...]:
        if language == ENGLISH:
            return self.lexicon.lookup(words) or self.lexicon.lookup(_plain(words))
        found: dict[str, float] = {}
        for named in self._names.lookup(words, language) if self._names else ():
            concept = self._concept_of.get(named.synset)
            if concept is not None and named.weight >= _LEAST_NAME:
                found.setdefault(concept, named.weight)
        if not found and self._translates is not None:
            found = self._translated(words, language, self._translates)
        best = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST_MATCHES]
        return tuple(ConceptMatch(concept, round(weight, 4)) for concept, weight in best)

    def _translated(
        self, words: tuple[str, ...], language: str, space: Translates
    ) -> dict[str, float]:
        """Return the concepts of the English words that a user's vectors put beside ``words``."""
        found: dict[str, float] = {}
        for english in space.translations(words, language):
            for match in self.lexicon.lookup(english.words):
                weight = match.weight * english.similarity
                found[match.concept] = max(found.get(match.concept, 0.0), weight)
        return found

    def _concepts_meant(self, words: tuple[str, ...], language: str) -> tuple[ConceptMatch, ...]:
        if self._projection is None:
            return ()
        found = self._projection.concepts(words, language)
        if not found and language == ENGLISH and (plain := _plain(words)) != words:
            found = self._projection.concepts(plain)
        return found

    def _knows(self, words: tuple[str, ...], language: str) -> bool:
        if language == ENGLISH and self.lexicon.longest_match(words, 0)[0] == len(words):
            return True
        if self._names is not None and self._names.lookup(words, language):
            return True
        return bool(self._space is not None and self._space.senses(words, language))

    def _count(self, words: Sequence[str], language: str) -> int:
        grammar = stop_words(language)
        return sum(word in grammar or self._known((word,), language) for word in words)

    def _named_count(self, words: Sequence[str], language: str) -> int:
        return sum(bool(self._named((word,), language)) for word in words)

    def _longest(self, languages: Sequence[str]) -> int:
        lengths = [self.lexicon.longest] if ENGLISH in languages else [0]
        for language in languages:
            if self._names is not None:
                lengths.append(self._names.longest(language))
            if self._space is not None:
                lengths.append(self._space.longest(language))
        return max(lengths)


def _plain(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``words`` without accents: a *vicuña* is a vicuna."""
    return tuple(unaccented(word) for word in words)


def _shipped_only(languages: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return those of ``languages`` whose names ship; vectors may know others."""
    if languages is None:
        return None
    there = Names.load().languages
    return tuple(language for language in languages if language in there)
