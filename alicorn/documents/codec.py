"""A document as bytes: the same message in the log and on the wire.

Segments keep what their columns and lists do not hold, and give the whole message back
(`indexserver.postings.forward`).

`PhotoDocument` is Alicorn's own type, `photo_pb2.PhotoDocument` its contract; only this file knows
both. Unknown fields of a newer writer are ignored, a missing audience hides the photo.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError

from alicorn.api.photo.v1 import photo_pb2
from alicorn.documents.model import Audience, AudienceKind, PhotoDocument, Place, Tag
from alicorn.errors import BadRequest, CorruptData

__all__ = ["audience_from_proto", "audience_to_proto", "decode", "encode", "from_proto", "to_proto"]


def audience_to_proto(audience: Audience) -> photo_pb2.Audience:
    """Return the message for ``audience``."""
    return photo_pb2.Audience(
        kind=photo_pb2.AudienceKind.ValueType(int(audience.kind)), members=audience.members
    )


def audience_from_proto(message: photo_pb2.Audience) -> Audience:
    """Return the audience in ``message``; an unspecified or unknown kind is ONLY_ME."""
    try:
        kind = AudienceKind(message.kind)
    except ValueError:
        return Audience(AudienceKind.ONLY_ME)
    members = tuple(sorted(set(message.members))) if kind is AudienceKind.LIST else ()
    return Audience(kind, members)


def to_proto(document: PhotoDocument) -> photo_pb2.PhotoDocument:
    """Return the message for ``document``."""
    place = document.place
    return photo_pb2.PhotoDocument(
        id=document.id,
        sort_key=document.sort_key,
        content_hash=document.content_hash,
        author=document.author,
        tagged=document.tagged,
        audience=audience_to_proto(document.audience),
        taken_at=document.taken_at,
        place=None
        if place is None
        else photo_pb2.Place(
            id=place.id,
            name=place.name,
            country=place.country,
            latitude=place.latitude,
            longitude=place.longitude,
        ),
        camera=document.camera,
        caption=document.caption,
        album=document.album,
        tags=[photo_pb2.Tag(concept=t.concept, confidence=t.confidence) for t in document.tags],
        visual=document.visual,
        joint=document.joint,
        fingerprint=document.fingerprint,
        fingerprint_quality=document.fingerprint_quality,
        quality=document.quality,
        popularity=document.popularity,
        uri=document.uri,
        width=document.width,
        height=document.height,
        written=document.written,
    )


def from_proto(message: photo_pb2.PhotoDocument) -> PhotoDocument:
    """Return the document in ``message``.

    Raises
    ------
    BadRequest
        If a field is out of its range.
    """
    place = message.place
    return PhotoDocument(
        id=message.id,
        sort_key=message.sort_key,
        content_hash=message.content_hash,
        author=message.author,
        tagged=tuple(message.tagged),
        audience=audience_from_proto(message.audience),
        taken_at=message.taken_at if message.HasField("taken_at") else None,
        place=Place(place.id, place.name, place.country, place.latitude, place.longitude)
        if message.HasField("place")
        else None,
        camera=message.camera,
        caption=message.caption,
        album=message.album,
        tags=tuple(Tag(t.concept, t.confidence) for t in message.tags),
        visual=message.visual,
        joint=message.joint,
        fingerprint=message.fingerprint,
        fingerprint_quality=message.fingerprint_quality,
        quality=message.quality,
        popularity=message.popularity,
        uri=message.uri,
        width=message.width,
        height=message.height,
        written=message.written,
    )


def encode(document: PhotoDocument) -> bytes:
    """Return ``document`` as bytes, the same for the same document."""
    return to_proto(document).SerializeToString(deterministic=True)


def decode(data: bytes) -> PhotoDocument:
    """Return the document in ``data``.

    Raises
    ------
    CorruptData
        If ``data`` is no photo document.
    """
    message = photo_pb2.PhotoDocument()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise CorruptData(
            f"a photo document of {len(data)} bytes does not parse: {error}"
        ) from None
    try:
        return from_proto(message)
    except BadRequest as error:
        raise CorruptData(f"a photo document of {len(data)} bytes is none: {error}") from None
