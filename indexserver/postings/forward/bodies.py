"""What a segment stores of a document itself: what neither its columns nor its tags hold.

A *body* is the document's message (`alicorn.documents.codec`) without the fields that the forward
index has anyway: id, sort-key, author, kind of audience, time, codes, quality, popularity, size and
tags. What they hold is put back when the document is asked for, so a fetched document is the one
that was written, but for its confidences: those are byte * byte / 65,025, as everywhere in the
index, and tags come in descending order of their bytes, then by name. Writing a fetched document
again changes nothing any more.

Fields that do not fit their column (a picture wider than 65,535 pixels) stay in the body, and so
do tags that no posting list has: one so faint that its byte is 0, or a concept named twice.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy.typing as npt

from alicorn.api.photo.v1 import photo_pb2
from alicorn.documents import PhotoDocument
from alicorn.documents.codec import to_proto
from alicorn.documents.hitdata import confidence_of, quantise
from alicorn.documents.model import UNKNOWN_TIME
from indexserver.postings.columns import HAS_FINGERPRINT, HAS_JOINT, HAS_VISUAL

__all__ = ["BODIES", "CONFIDENCES", "body_of", "tag_before", "whole"]

BODIES: Final = "documents"
"""Name of the section."""

_IN_COLUMNS: Final = (
    "id", "sort_key", "author", "taken_at", "visual", "joint", "fingerprint", "quality",
    "popularity", "width", "height", "fingerprint_quality",
)  # fmt: skip
"""Fields of the message that a column holds."""

_CUT_OFF: Final = {"width": 0xFFFF, "height": 0xFFFF, "fingerprint_quality": 0xFF}
"""Those whose column holds them up to this."""

_CODES: Final = (
    ("visual", "visual", HAS_VISUAL),
    ("joint", "joint", HAS_JOINT),
    ("fingerprint", "fingerprints", HAS_FINGERPRINT),
)
"""Field, column and flag of each code."""

_FLOAT: Final = struct.Struct("<f")

CONFIDENCES: Final = tuple(_FLOAT.pack(confidence_of(byte)) for byte in range(256))
"""The end of a tag's bytes, by its confidence byte."""


def body_of(document: PhotoDocument) -> bytes:
    """Return the body of ``document``, the same for all that are fetched alike."""
    message = to_proto(document)
    cut_off = {name for name, most in _CUT_OFF.items() if getattr(message, name) > most}
    for field, _ in message.ListFields():
        name: Any = field.name
        if name in _IN_COLUMNS and name not in cut_off:
            message.ClearField(name)
    message.audience.ClearField("kind")
    if not message.audience.members:
        message.ClearField("audience")
    del message.tags[:]
    message.tags.extend(
        photo_pb2.Tag(concept=concept, confidence=confidence_of(byte))
        for byte, concept in _left_over(document)
    )
    return message.SerializeToString(deterministic=True)


def whole(
    body: bytes,
    columns: Mapping[str, npt.NDArray[Any]],
    local: int,
    tags: bytes,
) -> bytes:
    """Return the document at ``local`` as `alicorn.documents.codec` bytes.

    Parameters
    ----------
    body : bytes
        As `body_of` made it.
    columns : mapping
        Of the segment; see `indexserver.postings.columns`.
    tags : bytes
        Those of the forward index: `tag_before` of each, with its `CONFIDENCES`, in order.
    """
    message = photo_pb2.PhotoDocument.FromString(body)
    left_over = bool(message.tags)
    message.MergeFromString(tags)
    if left_over:
        message.tags.sort(key=lambda tag: (-quantise(tag.confidence), tag.concept))
    message.id = int(columns["ids"][local])
    message.sort_key = int(columns["sort_keys"][local])
    message.author = int(columns["authors"][local])
    message.audience.kind = photo_pb2.AudienceKind.ValueType(int(columns["audiences"][local]))
    taken_at = int(columns["taken_at"][local])
    if taken_at != UNKNOWN_TIME:
        message.taken_at = taken_at
    flags = int(columns["flags"][local])
    for name, column, flag in _CODES:
        if flags & flag:
            setattr(message, name, columns[column][local].tobytes())
    message.quality = float(columns["quality"][local])
    message.popularity = int(columns["popularity"][local])
    message.width = message.width or int(columns["widths"][local])
    message.height = message.height or int(columns["heights"][local])
    message.fingerprint_quality = message.fingerprint_quality or int(
        columns["fingerprint_qualities"][local]
    )
    return message.SerializeToString(deterministic=True)


def tag_before(concept: str) -> bytes:
    """Return a tag of ``concept`` as bytes of a document, up to where its confidence begins.

    Messages put one after the other are one message, and a tag ends in its confidence, so most of
    a document can be written without an object for each of its tags.
    """
    tag = photo_pb2.Tag(concept=concept, confidence=1.0)
    return photo_pb2.PhotoDocument(tags=[tag]).SerializeToString()[: -_FLOAT.size]


def _left_over(document: PhotoDocument) -> list[tuple[int, str]]:
    """Return the tags of ``document`` that no posting list has, in the order of fetching."""
    best: dict[str, int] = {}
    left = []
    for tag in document.tags:
        byte = quantise(tag.confidence)
        if byte and tag.concept not in best:
            best[tag.concept] = byte
            continue
        if byte > best.get(tag.concept, 255):
            byte, best[tag.concept] = best[tag.concept], byte
        left.append((byte, tag.concept))
    return sorted(left, key=lambda tag: (-tag[0], tag[1]))
