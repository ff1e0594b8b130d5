"""Many photos as columns: for whoever makes them by the thousand.

A `PhotoBatch` says the same as a list of `PhotoDocument`, one array or list a field. A document of
fifty tags costs some hundred objects; a batch of thousands costs some arrays, and what is made of
it (`encode_batch`, the log's rows, a segment) is byte for byte what is made of its documents one by
one.

Confidences are HitData bytes (`alicorn.documents.hitdata`), so what a shard gives back of such a
photo is exactly what was written.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from alicorn.api.photo.v1 import photo_pb2
from alicorn.documents.hitdata import confidence_of
from alicorn.documents.model import (
    UNKNOWN_TIME,
    Audience,
    AudienceKind,
    PhotoDocument,
    Place,
    Tag,
)

__all__ = ["PhotoBatch", "encode_batch"]

Ids: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhotoBatch:
    """Photos that all have a visual code and a fingerprint, and no joint code; n of them."""

    concepts: Sequence[str]
    """Names that ``tag_concepts`` counts in."""
    ids: npt.NDArray[np.uint64]
    """Shape (n,), each once."""
    sort_keys: npt.NDArray[np.uint32]
    authors: npt.NDArray[np.uint64]
    audiences: npt.NDArray[np.uint8]
    """Values of `AudienceKind`."""
    taken_at: npt.NDArray[np.int64]
    """`UNKNOWN_TIME` where it is not known."""
    quality: npt.NDArray[np.float32]
    popularity: npt.NDArray[np.uint32]
    widths: npt.NDArray[np.uint16]
    heights: npt.NDArray[np.uint16]
    fingerprint_qualities: npt.NDArray[np.uint8]
    visual: npt.NDArray[np.uint8]
    """Shape (n, 32)."""
    fingerprints: npt.NDArray[np.uint8]
    """Shape (n, 32)."""
    written: npt.NDArray[np.uint64]
    """Places in the log, ascending."""
    tag_starts: npt.NDArray[np.int64]
    """Shape (n + 1,): where the tags of each photo begin."""
    tag_concepts: npt.NDArray[np.int64]
    """Places in ``concepts``, each once a photo."""
    tag_levels: npt.NDArray[np.uint8]
    """Confidence bytes, 1 to 255: in each photo descending, equal ones by name."""
    content_hashes: Sequence[bytes]
    tagged: Sequence[Ids]
    """Ascending."""
    members: Sequence[Ids]
    """Ascending; empty unless the audience is a list."""
    places: Sequence[Place | None]
    cameras: Sequence[str]
    captions: Sequence[str]
    albums: Sequence[str]
    uris: Sequence[str]

    def __len__(self) -> int:
        return len(self.ids)

    def document(self, row: int) -> PhotoDocument:
        """Return one photo."""
        taken_at = int(self.taken_at[row])
        tags = slice(int(self.tag_starts[row]), int(self.tag_starts[row + 1]))
        return PhotoDocument(
            id=int(self.ids[row]),
            sort_key=int(self.sort_keys[row]),
            content_hash=self.content_hashes[row],
            author=int(self.authors[row]),
            tagged=self.tagged[row],
            audience=Audience(AudienceKind(int(self.audiences[row])), self.members[row]),
            taken_at=None if taken_at == UNKNOWN_TIME else taken_at,
            place=self.places[row],
            camera=self.cameras[row],
            caption=self.captions[row],
            album=self.albums[row],
            tags=tuple(
                Tag(self.concepts[concept], _WRITTEN[level])
                for concept, level in zip(
                    self.tag_concepts[tags].tolist(), self.tag_levels[tags].tolist(), strict=True
                )
            ),
            visual=self.visual[row].tobytes(),
            fingerprint=self.fingerprints[row].tobytes(),
            fingerprint_quality=int(self.fingerprint_qualities[row]),
            quality=float(self.quality[row]),
            popularity=int(self.popularity[row]),
            uri=self.uris[row],
            width=int(self.widths[row]),
            height=int(self.heights[row]),
            written=int(self.written[row]),
        )

    def documents(self) -> Iterator[PhotoDocument]:
        """Yield every photo, in order."""
        return map(self.document, range(len(self)))


_CONFIDENCES: Final = tuple(struct.pack("<f", confidence_of(level)) for level in range(256))
"""The end of a tag's bytes, by its level."""
_WRITTEN: Final = tuple(struct.unpack("<f", written)[0] for written in _CONFIDENCES)
"""What is read of them: confidences are written in 32 bits."""


def encode_batch(batch: PhotoBatch) -> list[bytes]:
    """Return `alicorn.documents.codec.encode` of every photo of ``batch``.

    The fields before the tags, the tags and the fields behind them are written one after the other,
    as they stand in a message, so that no object is made for a tag.
    """
    known, where = np.unique(batch.tag_concepts, return_inverse=True)
    before = [_tag_before(batch.concepts[concept]) for concept in known.tolist()]
    tags = [
        before[concept] + _CONFIDENCES[level]
        for concept, level in zip(where.tolist(), batch.tag_levels.tolist(), strict=True)
    ]
    starts = batch.tag_starts.tolist()
    return [
        b"".join((head, *tags[starts[row] : starts[row + 1]], tail))
        for row, (head, tail) in enumerate(zip(_heads(batch), _tails(batch), strict=True))
    ]


def _tag_before(concept: str) -> bytes:
    """Return a tag of ``concept`` as a document has it, up to where its confidence begins."""
    tag = photo_pb2.Tag(concept=concept, confidence=1.0)
    document = photo_pb2.PhotoDocument(tags=[tag])
    return document.SerializeToString(deterministic=True)[: -len(_CONFIDENCES[0])]


def _heads(batch: PhotoBatch) -> Iterator[bytes]:
    """Yield the fields before the tags."""
    columns = zip(
        batch.ids.tolist(), batch.sort_keys.tolist(), batch.content_hashes, batch.authors.tolist(),
        batch.tagged, batch.audiences.tolist(), batch.members, batch.taken_at.tolist(),
        batch.places, batch.cameras, batch.captions, batch.albums,
        strict=True,
    )  # fmt: skip
    for id_, sort_key, content, author, tagged, kind, members, taken_at, place, *texts in columns:
        camera, caption, album = texts
        yield photo_pb2.PhotoDocument(
            id=id_,
            sort_key=sort_key,
            content_hash=content,
            author=author,
            tagged=tagged,
            audience=photo_pb2.Audience(kind=kind, members=members),
            taken_at=None if taken_at == UNKNOWN_TIME else taken_at,
            place=None
            if place is None
            else photo_pb2.Place(
                id=place.id,
                name=place.name,
                country=place.country,
                latitude=place.latitude,
                longitude=place.longitude,
            ),
            camera=camera,
            caption=caption,
            album=album,
        ).SerializeToString(deterministic=True)


def _tails(batch: PhotoBatch) -> Iterator[bytes]:
    """Yield the fields behind the tags."""
    columns = zip(
        batch.visual, batch.fingerprints, batch.fingerprint_qualities.tolist(),
        batch.quality.tolist(), batch.popularity.tolist(), batch.uris, batch.widths.tolist(),
        batch.heights.tolist(), batch.written.tolist(),
        strict=True,
    )  # fmt: skip
    for visual, fingerprint, good, quality, popularity, uri, width, height, written in columns:
        yield photo_pb2.PhotoDocument(
            visual=visual.tobytes(),
            fingerprint=fingerprint.tobytes(),
            fingerprint_quality=good,
            quality=quality,
            popularity=popularity,
            uri=uri,
            width=width,
            height=height,
            written=written,
        ).SerializeToString(deterministic=True)
