"""What a query was understood as: phrases with their concepts, and filters."""

from __future__ import annotations

from dataclasses import dataclass

from alicorn.query import Term
from understanding.concepts.lexicon import ConceptMatch
from understanding.queries.kinds import ENGLISH, Kind

__all__ = ["Dropped", "Phrase", "TypedFilter", "Understanding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A word, or several that are one term. All phrases of a query are asked for together."""

    words: tuple[str, ...]
    """Normalised, not stemmed; for an emoji the words that stand for it."""
    start: int
    """Where it begins in the query, in characters."""
    end: int
    """Where it ends; what stands between are the pieces that its words came from."""
    concepts: tuple[ConceptMatch, ...] = ()
    """What it was taken for, best first, at most 10; empty when only texts are searched for it."""
    kind: Kind = Kind.CONCEPT
    """How it was taken: named, by its meaning, or as text."""
    language: str = ENGLISH
    """Two-letter code of the language that it was read in."""

    @property
    def text_only(self) -> bool:
        """Whether no concept stands for it, so that it can only be found as text."""
        return not self.concepts

    @property
    def text(self) -> str:
        """The words with spaces."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class TypedFilter:
    """A filter as it was typed: ``text:`` may be several terms."""

    terms: tuple[Term, ...]
    start: int
    """Where it begins in the query, in characters."""
    end: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """A part of the query that nothing is searched for."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """A query, understood."""

    text: str
    """As it was typed."""
    phrases: tuple[Phrase, ...]
    """In the order of the query, each phrase once."""
    typed_filters: tuple[TypedFilter, ...] = ()
    """What was typed as ``edge:value``, in the order of the query."""
    dropped: tuple[Dropped, ...] = ()
    """Words without a meaning of their own, and emoji nothing is known of, in order."""

    @property
    def filters(self) -> tuple[Term, ...]:
        """The terms of the filters, each once."""
        return tuple(dict.fromkeys(term for typed in self.typed_filters for term in typed.terms))
