"""What a query was taken for, as frontends show it, and what a person should know about it."""

from __future__ import annotations

from alicorn.api.search.v1 import search_pb2
from understanding.queries import Kind, Terms, Understanding

__all__ = ["notices_of", "parts_of", "related_to"]

_SHOWN_CONCEPTS = 3


def parts_of(understood: Understanding) -> list[search_pb2.Phrase]:
    """Return each part of a query and what it was taken for, in the order of the query."""
    parts = [
        search_pb2.Phrase(
            text=phrase.text,
            concepts=[match.concept for match in phrase.concepts],
            start=phrase.start,
            end=phrase.end,
            kind=phrase.kind,
            language=phrase.language,
        )
        for phrase in understood.phrases
    ]
    parts.extend(
        search_pb2.Phrase(
            text=understood.text[typed.start : typed.end],
            start=typed.start,
            end=typed.end,
            kind="filter",
        )
        for typed in understood.typed_filters
    )
    parts.extend(
        search_pb2.Phrase(text=dropped.text, start=dropped.start, end=dropped.end, kind="dropped")
        for dropped in understood.dropped
    )
    return sorted(parts, key=lambda part: part.start)


def related_to(understood: Understanding | None, terms: Terms) -> tuple[str, ...]:
    """Return the concepts near in meaning to a query, nearest first; none to an s-expression."""
    if understood is None or terms.embedding is None:
        return ()
    return terms.embedding.nearest(understood)


def notices_of(understood: Understanding | None, *, anything: bool) -> list[str]:
    """Return what a person should know about an answer; a missing match is said plainly.

    Parameters
    ----------
    understood : Understanding or None
        None for an s-expression.
    anything : bool
        Whether a photo is shown.
    """
    notices = []
    if not anything:
        if understood is None or not understood.phrases:
            return ["nothing matches"]
        words = " ".join(phrase.text for phrase in understood.phrases)
        notices.append(f"nothing here matches “{words}” well enough to be shown")
    phrases = understood.phrases if understood else ()
    like = [phrase for phrase in phrases if phrase.kind is Kind.SIMILAR]
    for phrase in like:
        nearest = ", ".join(match.concept for match in phrase.concepts[:_SHOWN_CONCEPTS])
        notices.append(
            f"no picture is known as “{phrase.text}”; what is most like it was searched: {nearest}"
        )
    unknown = [phrase.text for phrase in phrases if phrase.kind is Kind.TEXT]
    if unknown and not anything:
        notices.append(
            f"“{', '.join(unknown)}” is no concept that pictures are known by; "
            "only texts were searched for it"
        )
    return notices
