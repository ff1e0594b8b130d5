"""A write as bytes: the message ``alicorn.api.ingest.v1.Write``, on the wire and in the log.

Only this file knows both the message and Alicorn's own types.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError

from alicorn.api.ingest.v1 import ingest_pb2
from alicorn.documents import codec as documents
from alicorn.errors import BadRequest, CorruptData
from alicorn.log.writes import (
    DeleteDocument,
    PutBlock,
    PutDocument,
    PutFriendship,
    PutPerson,
    RemoveBlock,
    RemoveFriendship,
    SetAudience,
    Write,
)

__all__ = ["decode", "encode", "from_proto", "to_proto"]


def to_proto(write: Write) -> ingest_pb2.Write:
    """Return the message for ``write``.

    Raises
    ------
    BadRequest
        If a text is not Unicode (a file's name may be anything), or a number is out of range.
    """
    try:
        return _message_of(write)
    except ValueError as error:
        raise BadRequest(f"{type(write).__name__} cannot be written down: {error}") from None


def _message_of(write: Write) -> ingest_pb2.Write:
    message = ingest_pb2.Write(idempotency_key=write.idempotency_key)
    match write:
        case PutDocument():
            message.put_photo.CopyFrom(documents.to_proto(write.document))
        case DeleteDocument():
            message.delete_photo = write.id
        case PutPerson():
            message.put_person.CopyFrom(ingest_pb2.Person(id=write.id, name=write.name))
        case PutFriendship():
            message.put_friendship.CopyFrom(ingest_pb2.Pair(a=write.a, b=write.b))
        case RemoveFriendship():
            message.remove_friendship.CopyFrom(ingest_pb2.Pair(a=write.a, b=write.b))
        case PutBlock():
            message.put_block.CopyFrom(ingest_pb2.Pair(a=write.a, b=write.b))
        case RemoveBlock():
            message.remove_block.CopyFrom(ingest_pb2.Pair(a=write.a, b=write.b))
        case SetAudience():
            audience = documents.audience_to_proto(write.audience)
            message.set_audience.CopyFrom(ingest_pb2.AudienceChange(id=write.id, audience=audience))
    return message


def from_proto(message: ingest_pb2.Write) -> Write:  # noqa: PLR0911 - one return for each change
    """Return the write in ``message``.

    Raises
    ------
    BadRequest
        If it holds no change, or a field is out of its range.
    """
    key = message.idempotency_key
    match message.WhichOneof("change"):
        case "put_photo":
            return PutDocument(documents.from_proto(message.put_photo), key)
        case "delete_photo":
            return DeleteDocument(message.delete_photo, key)
        case "put_person":
            return PutPerson(message.put_person.id, message.put_person.name, key)
        case "put_friendship":
            return PutFriendship(message.put_friendship.a, message.put_friendship.b, key)
        case "remove_friendship":
            return RemoveFriendship(message.remove_friendship.a, message.remove_friendship.b, key)
        case "put_block":
            return PutBlock(message.put_block.a, message.put_block.b, key)
        case "remove_block":
            return RemoveBlock(message.remove_block.a, message.remove_block.b, key)
        case "set_audience":
            audience = documents.audience_from_proto(message.set_audience.audience)
            return SetAudience(message.set_audience.id, audience, key)
        case _:
            raise BadRequest("a write must hold one change, got none that is known")


def encode(write: Write) -> bytes:
    """Return ``write`` as bytes, the same for the same write."""
    return to_proto(write).SerializeToString(deterministic=True)


def decode(data: bytes) -> Write:
    """Return the write in ``data``.

    Raises
    ------
    CorruptData
        If ``data`` is no write.
    """
    message = ingest_pb2.Write()
    try:
        message.ParseFromString(data)
        return from_proto(message)
    except (DecodeError, BadRequest) as error:
        raise CorruptData(f"a log payload of {len(data)} bytes is no write: {error}") from None
