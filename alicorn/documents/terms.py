"""The terms that a photo carries: what can be asked of it.

>>> from alicorn.documents.model import PhotoDocument, Tag
>>> document = PhotoDocument(author=5, caption="Cats", tags=(Tag("cat", 0.25),), taken_at=0)
>>> [(t.edge, t.value, t.hitdata) for t in terms_of(document)][:4]
[('tag', 'cat', 128), ('text', 'cat', 1), ('author', '5', 0), ('audience', 'only-me', 0)]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from alicorn.documents.hitdata import quantise
from alicorn.documents.model import AudienceKind, PhotoDocument
from alicorn.documents.text import stem, tokens

__all__ = ["AUDIENCE_VALUES", "DocumentTerm", "terms_of", "words_of"]

AUDIENCE_VALUES: Final = {
    AudienceKind.ONLY_ME: "only-me",
    AudienceKind.LIST: "list",
    AudienceKind.FRIENDS: "friends",
    AudienceKind.PUBLIC: "public",
}
"""Values of ``audience:`` terms."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class DocumentTerm(NamedTuple):
    """One edge of a document."""

    edge: str
    value: str
    hitdata: int
    """The byte beside the hit, 0..255."""


def words_of(document: PhotoDocument) -> list[str]:
    """Return the stemmed words that ``text:`` finds ``document`` by, with repeats.

    Caption, album, place and camera, and the file's name without its ending.
    """
    place = document.place.name if document.place else ""
    name = PurePosixPath(document.uri).stem
    parts = (document.caption, document.album, place, document.camera, name)
    return [stem(word) for part in parts for word in tokens(part)]


def terms_of(document: PhotoDocument) -> list[DocumentTerm]:
    """Return the terms of ``document``; each (edge, value) once.

    Tags first, in the order of the document, then words in order of first appearance, then the
    plain edges in the order of the schema. A tag so faint that its byte is 0 is left out.
    """
    return list(_terms(document))


def _terms(document: PhotoDocument) -> Iterator[DocumentTerm]:
    confidences: dict[str, float] = {}
    for tag in document.tags:
        confidences[tag.concept] = max(confidences.get(tag.concept, 0.0), tag.confidence)
    for concept, confidence in confidences.items():
        if byte := quantise(confidence):
            yield DocumentTerm("tag", concept, byte)
    for word, times in Counter(words_of(document)).items():
        yield DocumentTerm("text", word, min(times, 255))
    if document.author:
        yield DocumentTerm("author", str(document.author), 0)
    for person in sorted(set(document.tagged)):
        yield DocumentTerm("tagged", str(person), 0)
    yield DocumentTerm("audience", AUDIENCE_VALUES[document.audience.kind], 0)
    for person in sorted(set(document.audience.members)):
        yield DocumentTerm("listed", str(person), 0)
    if document.place is not None:
        yield DocumentTerm("place", str(document.place.id), 0)
        if document.place.country:
            yield DocumentTerm("country", document.place.country.lower(), 0)
    if document.taken_at is not None:
        taken = _EPOCH + timedelta(seconds=document.taken_at)
        yield DocumentTerm("year", f"{taken.year:04d}", 0)
        yield DocumentTerm("month", f"{taken.year:04d}-{taken.month:02d}", 0)
    for edge, value in (("camera", document.camera), ("album", document.album)):
        if folded := " ".join(value.casefold().split()):
            yield DocumentTerm(edge, folded, 0)
