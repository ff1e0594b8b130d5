"""A document's bytes: exact round trips, and damage is told as damage."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.api.photo.v1 import photo_pb2
from alicorn.documents import Audience, AudienceKind, PhotoDocument
from alicorn.documents.codec import audience_from_proto, decode, encode, from_proto, to_proto
from alicorn.errors import BadRequest, CorruptData


@given(data=st.data())
def test_a_document_survives_its_bytes(documents: Any, data: Any) -> None:
    """Every field, every audience, every unknown."""
    document = data.draw(documents)

    assert document == decode(encode(document))
    assert encode(document) == encode(decode(encode(document)))


def test_every_field_travels() -> None:
    """Read from the types, so that a new field without a place on the wire fails here."""
    wire = {field.name for field in photo_pb2.PhotoDocument.DESCRIPTOR.fields}

    assert wire == {field.name for field in fields(PhotoDocument)}


@given(data=st.data())
def test_damaged_bytes_are_corrupt_data_or_another_document(documents: Any, data: Any) -> None:
    """Never a crash, and never a bad request: nobody's request is at fault."""
    encoded = bytearray(encode(data.draw(documents)))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(encoded)))
        encoded[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    try:
        found = decode(bytes(encoded))
    except CorruptData:
        return

    assert isinstance(found, PhotoDocument)


@pytest.mark.parametrize("data", [b"\xff", b"\x3a\x05ab", b"\x6a\x03abc"])
def test_what_is_no_document_is_corrupt_data(data: bytes) -> None:
    """No message, a message cut short, and a code of three bytes."""
    with pytest.raises(CorruptData):
        decode(data)


def test_a_document_from_outside_that_is_out_of_range_is_a_bad_request() -> None:
    """The same message, in a request, is the writer's to change."""
    with pytest.raises(BadRequest, match="visual"):
        from_proto(photo_pb2.PhotoDocument(visual=b"abc"))


@pytest.mark.parametrize("kind", [0, 5, 99, -1])
def test_an_unknown_audience_hides(kind: int) -> None:
    """Missing, or of a newer writer: the author alone sees it, whoever is listed."""
    message = photo_pb2.Audience(members=[1, 2])
    message.kind = kind  # type: ignore[assignment]

    assert audience_from_proto(message) == Audience(AudienceKind.ONLY_ME)
    assert from_proto(photo_pb2.PhotoDocument()).audience == Audience(AudienceKind.ONLY_ME)


def test_members_count_only_on_a_list() -> None:
    """And come in order, each once."""
    message = photo_pb2.Audience(kind=photo_pb2.AUDIENCE_KIND_LIST, members=[3, 1, 3])
    assert audience_from_proto(message).members == (1, 3)
    message.kind = photo_pb2.AUDIENCE_KIND_PUBLIC

    assert audience_from_proto(message).members == ()


def test_fields_of_a_newer_writer_are_passed_over() -> None:
    """An old reader keeps reading."""
    document = PhotoDocument(caption="cat")

    assert decode(encode(document) + b"\xfa\x3f\x03new") == document


def test_the_wire_is_what_it_was() -> None:
    """Written once, read for ever: these bytes are in people's logs."""
    document = PhotoDocument(
        id=7, author=5, audience=Audience(AudienceKind.LIST, (1, 2)), taken_at=-1, caption="cat"
    )
    written = bytes.fromhex(
        "0807200532060802120201023 8ffffffffffffffffff01520363617 4".replace(" ", "")
    )

    assert written == encode(document)
    assert decode(written) == document
    assert to_proto(document).HasField("taken_at")
