"""A batch of photos to segments: what `builder.build` makes of its documents, made of columns.

The terms of a whole batch are found once (`BatchTerms`), as rows of (term, document, HitData) in
order, and each shard's segment takes its documents' rows out of them. Words are cut once for each
text, however many photos have it; tags are not looked at one by one at all.

The bytes are those of `builder.build`, for each choice of documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.api.photo.v1 import photo_pb2
from alicorn.documents.batch import PhotoBatch
from alicorn.documents.model import CODE_BYTES, UNKNOWN_TIME, AudienceKind
from alicorn.documents.ordering import document_order
from alicorn.documents.terms import AUDIENCE_VALUES
from alicorn.documents.text import stem, tokens
from indexserver.postings.builder import assemble
from indexserver.postings.columns import COLUMNS, HAS_FINGERPRINT, HAS_VISUAL
from indexserver.postings.dictionary import term_key

__all__ = ["BatchTerms", "build_batch", "terms_of_batch"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST: Final = 255
_U16: Final = 65_535


@dataclass(frozen=True, slots=True, eq=False)
class BatchTerms:
    """The postings of a batch; rows by term, then in DocId order."""

    order: npt.NDArray[np.intp]
    """The photos in DocId order, as places in the batch."""
    keys: Sequence[bytes]
    """Terms, strictly increasing."""
    terms: npt.NDArray[np.int64]
    """Places in ``keys``, ascending."""
    documents: npt.NDArray[np.int64]
    """Places in ``order``, ascending for each term."""
    hitdata: npt.NDArray[np.uint8]
    text_lengths: npt.NDArray[np.int64]
    """Words of each photo of the batch, repeats counted up to 255 a word."""


def terms_of_batch(batch: PhotoBatch) -> BatchTerms:
    """Return the terms of every photo of ``batch``, those of `alicorn.documents.terms`."""
    order = document_order(batch.sort_keys, batch.ids)
    known: dict[bytes, int] = {}
    owners: list[int] = []
    numbers: list[int] = []
    hits: list[int] = []
    text_lengths = np.zeros(len(batch), dtype=np.int64)
    cut = _Cutter()
    for row, (words, plain) in enumerate(zip(_words(batch, cut), _plain(batch), strict=True)):
        for key, times in words.items():
            numbers.append(known.setdefault(key, len(known)))
            hits.append(min(times, _MOST))
        text_lengths[row] = sum(hits[len(hits) - len(words) :])
        for key in plain:
            numbers.append(known.setdefault(key, len(known)))
            hits.append(0)
        owners.append(len(words) + len(plain))
    first_tag = len(known)
    used = np.unique(batch.tag_concepts)
    known |= {
        term_key("tag", batch.concepts[concept]): first_tag + place
        for place, concept in enumerate(used.tolist())
    }
    keys = sorted(known)
    rank = np.empty(len(keys), dtype=np.int64)
    rank[[known[key] for key in keys]] = np.arange(len(keys))
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size)

    everybody = np.arange(len(batch))
    terms = rank[
        np.concatenate(
            [np.array(numbers, np.int64), first_tag + np.searchsorted(used, batch.tag_concepts)]
        )
    ]
    documents = place[
        np.concatenate(
            [np.repeat(everybody, owners), np.repeat(everybody, np.diff(batch.tag_starts))]
        )
    ]
    by_term = np.argsort(terms * max(len(batch), 1) + documents)
    return BatchTerms(
        order=order,
        keys=keys,
        terms=terms[by_term],
        documents=documents[by_term],
        hitdata=np.concatenate([np.array(hits, np.uint8), batch.tag_levels])[by_term],
        text_lengths=text_lengths,
    )


def build_batch(
    batch: PhotoBatch,
    terms: BatchTerms,
    chosen: npt.NDArray[np.bool_],
    *,
    first_sequence: int,
    last_sequence: int,
) -> bytes:
    """Return the bytes of a segment that holds the ``chosen`` photos of ``batch``.

    Parameters
    ----------
    terms : BatchTerms
        Of the whole batch.
    chosen : bool, shape (photos,)
    first_sequence, last_sequence : int
        Range of the log that they come from.

    Raises
    ------
    BadRequest
        If two photos have the same id.
    """
    taken = chosen[terms.order]
    rows = terms.order[taken]
    local = np.cumsum(taken) - 1
    here = taken[terms.documents]
    used, counts = np.unique(terms.terms[here], return_counts=True)
    offsets = np.zeros(used.size + 1, dtype=np.uint64)
    np.cumsum(counts, out=offsets[1:])
    return assemble(
        [terms.keys[number] for number in used.tolist()],
        posting_offsets=offsets,
        postings=local[terms.documents[here]].astype(np.uint32),
        hitdata=terms.hitdata[here],
        columns=_columns(batch, terms, rows),
        documents=list(_bodies(batch, rows.tolist())),
        first_sequence=first_sequence,
        last_sequence=last_sequence,
    )


class _Cutter:
    """Texts to the keys of their words; a text that many photos have is cut once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, ...]] = {}

    def keys(self, text: str) -> tuple[bytes, ...]:
        """Return a ``text:`` key for each word of ``text``, in order."""
        found = self._known.get(text)
        if found is None:
            found = tuple(term_key("text", stem(word)) for word in tokens(text))
            self._known[text] = found
        return found


def _words(batch: PhotoBatch, cut: _Cutter) -> Iterator[Counter[bytes]]:
    """Yield the words of each photo and how often it has them."""
    parts = zip(batch.captions, batch.albums, batch.places, batch.cameras, batch.uris, strict=True)
    for caption, album, place, camera, uri in parts:
        yield Counter(
            [
                *cut.keys(caption),
                *cut.keys(album),
                *cut.keys(place.name if place else ""),
                *cut.keys(camera),
                *cut.keys(PurePosixPath(uri).stem),
            ]
        )


def _plain(batch: PhotoBatch) -> Iterator[list[bytes]]:
    """Yield the terms of each photo that carry no HitData."""
    audiences = {int(k): term_key("audience", v) for k, v in AUDIENCE_VALUES.items()}
    only_me = audiences[int(AudienceKind.ONLY_ME)]
    months: dict[int, list[bytes]] = {}
    folded: dict[tuple[str, str], list[bytes]] = {}
    columns = zip(
        batch.authors.tolist(), batch.tagged, batch.audiences.tolist(), batch.members,
        batch.places, batch.taken_at.tolist(), batch.cameras, batch.albums,
        strict=True,
    )  # fmt: skip
    for author, tagged, kind, members, place, taken_at, camera, album in columns:
        found = [b"author:%d" % author] if author else []
        found += [b"tagged:%d" % person for person in set(tagged)]
        found.append(audiences.get(kind, only_me))
        found += [b"listed:%d" % person for person in set(members)]
        if place is not None:
            found.append(b"place:%d" % place.id)
            if place.country:
                found.append(term_key("country", place.country.lower()))
        if taken_at != UNKNOWN_TIME:
            day = taken_at // 86_400
            if day not in months:
                months[day] = _month(day)
            found += months[day]
        for text in (("camera", camera), ("album", album)):
            if text not in folded:
                value = " ".join(text[1].casefold().split())
                folded[text] = [term_key(text[0], value)] if value else []
            found += folded[text]
        yield found


def _month(day: int) -> list[bytes]:
    taken = _EPOCH + timedelta(days=day)
    return [b"year:%04d" % taken.year, b"month:%04d-%02d" % (taken.year, taken.month)]


def _columns(
    batch: PhotoBatch, terms: BatchTerms, rows: npt.NDArray[np.intp]
) -> dict[str, npt.NDArray[Any]]:
    counts = np.diff(batch.tag_starts)
    top = np.zeros(len(batch), dtype=np.uint8)
    # The first tag of a photo is its surest.
    top[counts > 0] = batch.tag_levels[batch.tag_starts[:-1][counts > 0]]
    whole: dict[str, npt.NDArray[Any]] = {
        "ids": batch.ids,
        "sort_keys": batch.sort_keys,
        "authors": batch.authors,
        "audiences": batch.audiences,
        "taken_at": batch.taken_at,
        "quality": batch.quality,
        "popularity": batch.popularity,
        "widths": batch.widths,
        "heights": batch.heights,
        "text_lengths": np.minimum(terms.text_lengths, _U16),
        "top_tags": top,
        "tag_counts": counts,
        "fingerprint_qualities": batch.fingerprint_qualities,
        "flags": np.full(len(batch), HAS_VISUAL | HAS_FINGERPRINT),
    }
    found = {name: whole[name][rows].astype(kind) for name, kind in COLUMNS.items()}
    found["visual"] = batch.visual[rows]
    found["joint"] = np.zeros((rows.size, CODE_BYTES), dtype=np.uint8)
    found["fingerprints"] = batch.fingerprints[rows]
    return found


def _bodies(batch: PhotoBatch, rows: Sequence[int]) -> Iterator[bytes]:
    """Yield `forward.bodies.body_of` of each of ``rows``."""
    written = batch.written.tolist()
    for row in rows:
        place, members = batch.places[row], batch.members[row]
        yield photo_pb2.PhotoDocument(
            content_hash=batch.content_hashes[row],
            tagged=batch.tagged[row],
            audience=photo_pb2.Audience(members=members) if members else None,
            place=None
            if place is None
            else photo_pb2.Place(
                id=place.id,
                name=place.name,
                country=place.country,
                latitude=place.latitude,
                longitude=place.longitude,
            ),
            camera=batch.cameras[row],
            caption=batch.captions[row],
            album=batch.albums[row],
            uri=batch.uris[row],
            written=written[row],
        ).SerializeToString(deterministic=True)
