"""From what somebody typed to phrases, concepts and filters: `understand`.

    a photo of my cats at the beach year:2016

is read from left to right: filters are taken out, emoji become words, the rest is cut by the same
`tokens` as captions are. The languages that it is in are guessed. Then, from each word, the longest
term is taken (DB-05: *beach ball* is one thing, no beach and no ball), and what it may be taken for
(`terms`); words that are no term stand for themselves, and stop words are left out while anything
else remains. Here: *cats* -> the concept cat, *beach* -> what is like one, and the filter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from alicorn.documents.text import tokens
from alicorn.errors import BadRequest
from understanding.concepts.lexicon import Lexicon
from understanding.queries.emoji import EMOJI, words_of_emoji
from understanding.queries.filters import read_filter
from understanding.queries.kinds import Kind
from understanding.queries.model import Dropped, Phrase, TypedFilter, Understanding
from understanding.queries.stopwords import stop_words
from understanding.queries.terms import Terms

__all__ = ["MOST_CHARACTERS", "MOST_PHRASES", "understand"]

MOST_CHARACTERS: Final = 1_000
"""Longer queries are refused: nobody types them."""

MOST_PHRASES: Final = 32
"""Phrases of one query, and likewise filters: each costs posting lists on every shard."""

# One character may stand for eighteen, and each would be looked up.
_MOST_EXPANDED: Final = 4 * MOST_CHARACTERS

_PLAIN: Final = re.compile(rf"(?:(?!{EMOJI.pattern})\S)+")


@dataclass(frozen=True, slots=True)
class _Word:
    word: str
    start: int
    end: int


def understand(text: str, terms: Terms, languages: Sequence[str] = ()) -> Understanding:
    """Return what the query ``text`` asks for.

    Parameters
    ----------
    text : str
        At most `MOST_CHARACTERS`.
    terms : Terms
        What words may be taken for.
    languages : sequence of str
        Two-letter codes of the languages that the person reads, best first.

    Returns
    -------
    Understanding
        With at least one phrase or filter.

    Raises
    ------
    BadRequest
        If the query is blank or has no word in it, is too long, or asks for too many things; or if
        a filter has no value.
    """
    if len(text) > MOST_CHARACTERS:
        raise BadRequest(
            f"found a query of {len(text):,} characters, needed at most {MOST_CHARACTERS:,}"
        )
    if len(unicodedata.normalize("NFKC", text)) > _MOST_EXPANDED:
        raise BadRequest("found characters that stand for whole phrases, needed plain words")
    if not text.strip():
        raise BadRequest("found an empty query, needed at least one word")
    words: list[_Word] = []
    filters: list[TypedFilter] = []
    unknown: list[Dropped] = []
    for piece in _pieces(text, terms.lexicon):
        match piece:
            case _Word():
                words.append(piece)
            case Dropped():
                unknown.append(piece)
            case _:
                filters.append(piece)
    reading = terms.reading([word.word for word in words], languages)
    cut = _Cut(terms, reading)
    phrases, dropped = cut.segment(words, keep_stop_words=False)
    if not phrases and not filters:
        phrases, dropped = cut.segment(words, keep_stop_words=True)
    if not phrases and not filters:
        raise BadRequest(f"found no word in {text.strip()[:40]!r}, needed at least one")
    understood = Understanding(
        text=text,
        phrases=tuple(phrases),
        typed_filters=tuple(filters),
        dropped=tuple(sorted((*dropped, *unknown), key=lambda part: part.start)),
    )
    counts = (
        ("words and terms", len(understood.phrases)),
        ("filters", len(understood.filters)),
    )
    for what, count in counts:
        if count > MOST_PHRASES:
            raise BadRequest(f"found {count} {what}, needed at most {MOST_PHRASES}")
    return understood


def _pieces(text: str, lexicon: Lexicon) -> Iterator[_Word | Dropped | TypedFilter]:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        begins = position == 0 or text[position - 1].isspace()
        if begins and (found := read_filter(text, position)):
            terms, end = found
            yield TypedFilter(terms, position, end)
            position = end
            continue
        start = position
        if emoji := EMOJI.match(text, start):
            position = emoji.end()
            words: Sequence[str] = words_of_emoji(emoji[0], lexicon)
            if not words:
                yield Dropped(emoji[0], start, position)
        else:
            plain = _PLAIN.match(text, start)
            assert plain is not None, "what is no space and no emoji is plain"
            position = plain.end()
            words = tokens(plain[0])
        for word in words:
            yield _Word(word, start, position)


@dataclass(frozen=True, slots=True)
class _Cut:
    """How words are cut into terms: by what is known, in some languages."""

    terms: Terms
    reading: tuple[str, ...]

    def segment(
        self, words: Sequence[_Word], *, keep_stop_words: bool
    ) -> tuple[list[Phrase], list[Dropped]]:
        """Cut ``words`` into the longest terms from the left; return phrases, and what is left."""
        plain = [word.word for word in words]
        grammar = stop_words(self.reading[0])
        phrases: dict[tuple[str, ...], Phrase] = {}
        dropped: list[Dropped] = []
        position = 0
        while position < len(words):
            found = self.terms.longest_match(plain, position, self.reading)
            if found.length < 2 and plain[position] in grammar and not keep_stop_words:
                word = words[position]
                dropped.append(Dropped(word.word, word.start, word.end))
                position += 1
                continue
            if keep_stop_words and found.kind is Kind.SIMILAR:
                # Words of grammar mean nothing that one could see: *photos* is no projector.
                found = replace(found, kind=Kind.TEXT, concepts=())
            length = max(found.length, 1)
            own = tuple(plain[position : position + length])
            phrase = Phrase(
                words=own,
                start=words[position].start,
                end=words[position + length - 1].end,
                concepts=found.concepts,
                kind=found.kind,
                language=found.language,
            )
            phrases.setdefault(own, phrase)
            position += length
        return list(phrases.values()), dropped
