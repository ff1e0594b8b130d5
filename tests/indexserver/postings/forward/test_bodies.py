"""A fetched document is the one that was written, but for the confidences of its tags."""

from __future__ import annotations

import random
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents import Audience, AudienceKind, PhotoDocument, Place, Tag
from alicorn.documents.codec import decode, encode
from alicorn.documents.hitdata import confidence_of, quantise
from indexserver.postings.builder import build
from indexserver.postings.segment import Segment

CODES = [b"", bytes(32), bytes(range(32))]


def fetched(document: PhotoDocument) -> PhotoDocument:
    return Segment.read(build([document]), "x").document(0)


@st.composite
def photos(draw) -> PhotoDocument:
    """Draw every field, at its edges and beyond those of its column."""
    kind = draw(st.sampled_from(AudienceKind))
    members = draw(st.sets(st.integers(1, 9), max_size=3)) if kind is AudienceKind.LIST else ()
    rng = random.Random(draw(st.integers(0, 2**32)))
    tags = [
        Tag(rng.choice("abcdé"), rng.choice([0.0, 1e-7, 0.3, 1.0]))
        for _ in range(draw(st.integers(0, 6)))
    ]
    photo = PhotoDocument(
        id=draw(st.sampled_from([0, 1, 2**64 - 1])),
        sort_key=draw(st.sampled_from([0, 2**32 - 1])),
        content_hash=draw(st.sampled_from([b"", bytes(32)])),
        author=draw(st.sampled_from([0, 7])),
        tagged=(1, 5),
        audience=Audience(kind, tuple(sorted(members))),
        taken_at=draw(st.sampled_from([None, 0, -1, 253_402_300_799])),
        place=draw(st.sampled_from([None, Place(3, "Bern", "CH", 46.9, 7.4)])),
        camera="Canon",
        caption=draw(st.sampled_from(["", "one dog"])),
        album="Summer",
        tags=tuple(tags),
        visual=draw(st.sampled_from(CODES)),
        joint=draw(st.sampled_from(CODES)),
        fingerprint=draw(st.sampled_from(CODES)),
        fingerprint_quality=draw(st.sampled_from([0, 100, 255, 256])),
        quality=draw(st.sampled_from([0.0, 0.1, 1.0])),
        popularity=draw(st.sampled_from([0, 2**32 - 1])),
        uri="a/b.jpg",
        width=draw(st.sampled_from([0, 65_535, 65_536])),
        height=draw(st.sampled_from([0, 1, 100_000])),
        written=draw(st.sampled_from([0, 2**63])),
    )
    return decode(encode(photo))  # as the log gives it: floats of 32 bits


def settled(document: PhotoDocument) -> PhotoDocument:
    """Return ``document`` with its tags as the index knows them, in their order."""
    levels = sorted((-quantise(tag.confidence), tag.concept) for tag in document.tags)
    tags = tuple(Tag(concept, confidence_of(-level)) for level, concept in levels)
    return decode(encode(replace(document, tags=tags)))


@given(document=photos())
def test_every_field_comes_back(document):
    """What columns hold is not stored twice, and nothing is lost by it: repeated tags neither."""
    found = fetched(document)

    assert settled(document) == found
    assert found == fetched(found)
    assert build([found]) == build([settled(document)])


def test_every_field_is_tried():
    """A field that is added to documents must be added to `photos`."""
    assert {field.name for field in fields(PhotoDocument)} == {
        "id", "sort_key", "content_hash", "author", "tagged", "audience", "taken_at", "place",
        "camera", "caption", "album", "tags", "visual", "joint", "fingerprint",
        "fingerprint_quality", "quality", "popularity", "uri", "width", "height", "written",
    }  # fmt: skip


@pytest.mark.parametrize("confidence", [0.01, 0.25, 0.5, 0.999])
def test_a_confidence_comes_back_as_its_byte_says(confidence):
    """Byte * byte / 65,025: what scores are made of is what is shown."""
    (tag,) = fetched(PhotoDocument(id=1, tags=(Tag("cat", confidence),))).tags
    byte = quantise(confidence)

    assert tag.confidence == pytest.approx(byte * byte / 65_025, rel=1e-7)
    assert quantise(tag.confidence) == byte


def test_tags_come_surest_first_and_then_by_name():
    """Confidences that are one byte are one confidence, so their order is that of the names."""
    tags = (Tag("b", 0.5), Tag("a", 0.5), Tag("ä", 0.5), Tag("c", 0.9), Tag("z", 0.0))

    found = fetched(PhotoDocument(id=1, tags=tags))

    assert [tag.concept for tag in found.tags] == ["c", "a", "b", "ä", "z"]


def test_a_document_of_columns_and_tags_has_no_body():
    """DB-09: fifty tags as text were most of a photo's bytes."""
    tags = tuple(Tag(f"concept {i}", 0.5) for i in range(50))
    segment = Segment.read(build([PhotoDocument(id=1, tags=tags, visual=bytes(32))]), "x")

    assert segment.bodies is not None
    assert len(segment.bodies[0]) == 0
