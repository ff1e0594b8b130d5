"""What a query was understood as: phrases with their concepts, and filters."""

from __future__ import annotations

from dataclasses import dataclass

from alicorn.query import Term
from understanding.concepts.lexicon import ConceptMatch

__all__ = ["Phrase", "Understanding"]


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
    """What it names, best first, at most 10; empty when nothing is called so."""

    @property
    def text_only(self) -> bool:
        """Whether it names no concept, and so can only be found as text."""
        return not self.concepts

    @property
    def text(self) -> str:
        """The words with spaces."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """A query, understood."""

    text: str
    """As it was typed."""
    phrases: tuple[Phrase, ...]
    """In the order of the query, each phrase once."""
    filters: tuple[Term, ...] = ()
    """What was typed as ``edge:value``, in the order of the query, each once."""
    dropped: tuple[str, ...] = ()
    """Words without a meaning of their own, and emoji nothing is known of, in order."""
