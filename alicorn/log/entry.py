"""Log entries: a write with its place in the log.

Entries about a photo carry the photo's partition, so that a shard reads only its own. People,
friendships and blocks belong to no shard: they are *graph entries*, in `GRAPH_PARTITION`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from alicorn.documents.partition import partition_of
from alicorn.log import codec
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

__all__ = ["GRAPH_PARTITION", "Entry", "EntryKind", "id_of", "kind_of", "partition_of_write"]

GRAPH_PARTITION: Final = -1
"""Partition of the entries that concern no photo."""


class EntryKind(IntEnum):
    """What an entry changes. The values are the field numbers of ``ingest.v1.Write``."""

    PUT_DOCUMENT = 1
    DELETE_DOCUMENT = 2
    PUT_PERSON = 3
    PUT_FRIENDSHIP = 4
    REMOVE_FRIENDSHIP = 5
    PUT_BLOCK = 6
    REMOVE_BLOCK = 7
    SET_AUDIENCE = 8


_KINDS: Final[dict[type[Write], EntryKind]] = {
    PutDocument: EntryKind.PUT_DOCUMENT,
    DeleteDocument: EntryKind.DELETE_DOCUMENT,
    PutPerson: EntryKind.PUT_PERSON,
    PutFriendship: EntryKind.PUT_FRIENDSHIP,
    RemoveFriendship: EntryKind.REMOVE_FRIENDSHIP,
    PutBlock: EntryKind.PUT_BLOCK,
    RemoveBlock: EntryKind.REMOVE_BLOCK,
    SetAudience: EntryKind.SET_AUDIENCE,
}


def kind_of(write: Write) -> EntryKind:
    """Return which change ``write`` is."""
    return _KINDS[type(write)]


def id_of(write: Write) -> int:
    """Return the photo or person that ``write`` is about; the first person of a pair."""
    match write:
        case PutDocument():
            return write.document.id
        case DeleteDocument() | SetAudience() | PutPerson():
            return write.id
        case _:
            return write.a


def partition_of_write(write: Write) -> int:
    """Return the partition of the photo that ``write`` is about, else `GRAPH_PARTITION`."""
    match write:
        case PutDocument() | DeleteDocument() | SetAudience():
            return partition_of(id_of(write))
        case _:
            return GRAPH_PARTITION


@dataclass(frozen=True, slots=True)
class Entry:
    """One write in the log."""

    sequence: int
    """Place in the log; opaque, ordered, greater for later entries, with gaps allowed."""
    partition: int
    """0..1,023, or `GRAPH_PARTITION`."""
    kind: EntryKind
    id: int
    """Photo or person that it is about; the first person of a pair."""
    payload: bytes
    """``ingest.v1.Write`` as it counts: the id assigned, the audience settled."""

    def write(self) -> Write:
        """Return the write.

        Raises
        ------
        CorruptData
            If the payload is damaged.
        """
        return codec.decode(self.payload)
