"""Chips: what each part of a query was taken for, and the query without that part.

    cats at the beach year:2016        [cats -> cat x] [at] [the] [beach: in texts x] [year:2016 x]

A chip is taken away by a link that searches for the rest. Most often the rest is the query with the
phrase's characters cut out. Three things make it more than that:

* A word that was typed twice is one phrase, known by where it stood first; the others go with it.
* Words of one piece share its place, as in *beach/cat*, and what touches no space may become
  another thing beside one: *year:2016* right behind an emoji is two words, behind a space a filter.
  So phrases that touch are cut as a whole, and the others' words are put back.
* What is left may hold nothing to search for; then the link leads to the newest photos.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from alicorn.api.search.v1 import search_pb2 as pb
from alicorn.documents.text import tokens
from webtier.languages import language_name
from webtier.questions import Question

__all__ = ["Chip", "chips", "query_without"]

# More are named in the chip's title only.
_SHOWN_CONCEPTS: Final = 3

_PIECE: Final = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of the query, and what it was taken for."""

    text: str
    """As it was typed."""
    kind: str
    """"concept", "similar", "text", "filter" or "dropped"."""
    meaning: str
    """What it was taken for, in words; empty when the text says it already."""
    more: int
    """Concepts beside those that ``meaning`` names."""
    title: str
    """All of them, for who asks."""
    language: str
    """What the language is called that it was read in; empty for English."""
    language_code: str
    """Its code, for the `lang` attribute; "en" for English."""
    without: str
    """Address of the search without it; empty where there is nothing to take away."""


def chips(understood: Sequence[pb.Phrase], question: Question) -> tuple[Chip, ...]:
    """Return a chip for each phrase of an answer to ``question``, in the order of the query."""
    return tuple(_chip(understood, number, question) for number in range(len(understood)))


def query_without(text: str, phrases: Sequence[pb.Phrase], number: int) -> str | None:
    """Return the query ``text`` without the phrase of this ``number``.

    Parameters
    ----------
    text : str
        The query that was answered.
    phrases : sequence of Phrase
        What it was understood as; `start` and `end` count characters of ``text``.
    number : int
        Index into ``phrases``.

    Returns
    -------
    str or None
        What to search for; empty when nothing is left that was searched for. None when the phrase
        does not say where it stood.
    """
    phrase = phrases[number]
    if not 0 <= phrase.start < phrase.end <= len(text):
        return None
    if not any(other.kind != "dropped" for at, other in enumerate(phrases) if at != number):
        return ""
    start, end, kept = _touching(text, phrases, number)
    repeats = _repeats(text, phrases, number)
    before = _cut(text[:start], 0, repeats)
    after = _cut(text[end:], end, repeats)
    return " ".join(part for part in (before.strip(), *kept, after.strip()) if part)


def _touching(text: str, phrases: Sequence[pb.Phrase], number: int) -> tuple[int, int, list[str]]:
    """Return the stretch without a gap around a phrase, and what of it stays."""
    start, end = phrases[number].start, phrases[number].end
    others = [
        (at, other) for at, other in enumerate(phrases) if at != number and other.start < other.end
    ]
    grown = True
    while grown:
        grown = False
        for _, other in others:
            if (
                other.start <= end
                and start <= other.end
                and not (start <= other.start and other.end <= end)
            ):
                start, end, grown = min(start, other.start), max(end, other.end), True
    inside = [(at, other) for at, other in others if start <= other.start and other.end <= end]
    inside.sort(key=lambda one: (one[1].start, one[0]))
    return start, end, [_kept(text, other, phrases) for _, other in inside]


def _kept(text: str, phrase: pb.Phrase, phrases: Sequence[pb.Phrase]) -> str:
    """Return what is put back for a phrase: as it was typed where that means the same again."""
    typed = text[phrase.start : phrase.end]
    shared = sum(1 for other in phrases if other.start < phrase.end and phrase.start < other.end)
    if phrase.kind == "filter" or (shared == 1 and ":" not in typed):
        return typed
    return phrase.text


def _repeats(text: str, phrases: Sequence[pb.Phrase], number: int) -> list[tuple[int, int]]:
    """Return where a phrase stands once more: in what no phrase covers, its words again."""
    phrase = phrases[number]
    typed = text[phrase.start : phrase.end].casefold()
    words = [] if phrase.kind == "filter" else tokens(phrase.text)
    found: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    for piece in _PIECE.finditer(text):
        if any(other.start < piece.end() and piece.start() < other.end for other in phrases):
            run = []
            continue
        if piece[0].casefold() == typed:
            found.append(piece.span())
            run = []
            continue
        run.append(piece.span())
        for first in range(max(0, len(run) - len(words)), len(run)):
            if words and tokens(text[run[first][0] : piece.end()]) == words:
                found.append((run[first][0], piece.end()))
                run = []
                break
    return found


def _cut(part: str, offset: int, places: Sequence[tuple[int, int]]) -> str:
    """Return ``part``, which begins at ``offset`` of the query, without the ``places`` in it."""
    for start, end in reversed(places):
        if offset <= start and end <= offset + len(part):
            part = part[: start - offset].rstrip() + " " + part[end - offset :].lstrip()
    return part


def _chip(phrases: Sequence[pb.Phrase], number: int, question: Question) -> Chip:
    phrase = phrases[number]
    kind = phrase.kind or ("concept" if phrase.concepts else "text")
    placed = 0 <= phrase.start < phrase.end <= len(question.text)
    text = question.text[phrase.start : phrase.end] if placed else phrase.text
    meaning, more = _meaning(kind, phrase)
    foreign = phrase.language not in {"", "en"}
    return Chip(
        text=text,
        kind=kind,
        meaning=meaning,
        more=more,
        title=", ".join(phrase.concepts),
        language=language_name(phrase.language) if foreign else "",
        language_code=phrase.language if foreign else "en",
        without=_address(phrases, number, question) if kind != "dropped" else "",
    )


def _meaning(kind: str, phrase: pb.Phrase) -> tuple[str, int]:
    named = list(phrase.concepts[:_SHOWN_CONCEPTS])
    more = len(phrase.concepts) - len(named)
    match kind:
        case "concept":
            return ", ".join(named) or "in pictures", more
        case "similar":
            return f"like {', '.join(named)}" if named else "by meaning", more
        case "filter":
            return "filter", 0
        case "dropped":
            return "left out", 0
        case _:
            return "in texts", 0


def _address(phrases: Sequence[pb.Phrase], number: int, question: Question) -> str:
    rest = query_without(question.text, phrases, number)
    if rest is None:
        return ""
    return replace(question, text=rest).address("/search" if rest else "/")
