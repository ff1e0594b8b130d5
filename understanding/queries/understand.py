"""From what somebody typed to phrases, concepts and filters: `understand`.

    a photo of my cats at the beach year:2016

is read from left to right: filters are taken out, emoji become words, the rest is cut by the same
`tokens` as captions are. Then, from each word, the longest term of the lexicon is taken (DB-05:
*beach ball* is one thing, no beach and no ball); words that are no term stand for themselves, and
stop words are left out while anything else remains. Here: *cats* -> the concept cat, *beach* as
text, and the filter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from alicorn.documents.text import tokens
from alicorn.errors import BadRequest
from alicorn.query import Term
from understanding.concepts.lexicon import Lexicon
from understanding.queries.emoji import EMOJI, words_of_emoji
from understanding.queries.filters import read_filter
from understanding.queries.model import Phrase, Understanding
from understanding.queries.stopwords import STOP_WORDS

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


@dataclass(frozen=True, slots=True)
class _Unknown:
    """An emoji without words."""

    emoji: str


def understand(text: str, lexicon: Lexicon) -> Understanding:
    """Return what the query ``text`` asks for.

    Parameters
    ----------
    text : str
        At most `MOST_CHARACTERS`.
    lexicon : Lexicon

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
    filters: dict[Term, None] = {}
    unknown: list[str] = []
    for piece in _pieces(text, lexicon):
        match piece:
            case _Word():
                words.append(piece)
            case _Unknown(emoji):
                unknown.append(emoji)
            case _:
                filters.update(dict.fromkeys(piece))
    phrases, dropped = _segment(words, lexicon, keep_stop_words=False)
    if not phrases and not filters:
        phrases, dropped = _segment(words, lexicon, keep_stop_words=True)
    if not phrases and not filters:
        raise BadRequest(f"found no word in {text.strip()[:40]!r}, needed at least one")
    for what, count in (("words and terms", len(phrases)), ("filters", len(filters))):
        if count > MOST_PHRASES:
            raise BadRequest(f"found {count} {what}, needed at most {MOST_PHRASES}")
    return Understanding(
        text=text,
        phrases=tuple(phrases),
        filters=tuple(filters),
        dropped=(*dropped, *unknown),
    )


def _pieces(text: str, lexicon: Lexicon) -> Iterator[_Word | _Unknown | tuple[Term, ...]]:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        begins = position == 0 or text[position - 1].isspace()
        if begins and (found := read_filter(text, position)):
            terms, position = found
            yield terms
            continue
        start = position
        if emoji := EMOJI.match(text, start):
            position = emoji.end()
            words: Sequence[str] = words_of_emoji(emoji[0], lexicon)
            if not words:
                yield _Unknown(emoji[0])
        else:
            plain = _PLAIN.match(text, start)
            assert plain is not None, "what is no space and no emoji is plain"
            position = plain.end()
            words = tokens(plain[0])
        for word in words:
            yield _Word(word, start, position)


def _segment(
    words: Sequence[_Word], lexicon: Lexicon, *, keep_stop_words: bool
) -> tuple[list[Phrase], list[str]]:
    """Cut ``words`` into the longest terms from the left; return phrases and words left out."""
    plain = [word.word for word in words]
    phrases: dict[tuple[str, ...], Phrase] = {}
    dropped: list[str] = []
    position = 0
    while position < len(words):
        length, concepts = lexicon.longest_match(plain, position)
        if length < 2 and plain[position] in STOP_WORDS and not keep_stop_words:
            dropped.append(plain[position])
            position += 1
            continue
        length = max(length, 1)
        own = tuple(plain[position : position + length])
        phrase = Phrase(
            words=own,
            start=words[position].start,
            end=words[position + length - 1].end,
            concepts=concepts,
        )
        phrases.setdefault(own, phrase)
        position += length
    return list(phrases.values()), dropped
