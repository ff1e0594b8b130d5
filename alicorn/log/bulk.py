"""Rows of the log's tables, made beside the log: for writing very many new things at once.

`SqliteLog.append` looks at one write after the other, since each may change what the one before it
said. New people, friendships and photos need none of that: their rows can be made in other
processes, and `SqliteLog.load` puts them in, a transaction at a time. The tables are then exactly
what `append` of the same writes makes of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from alicorn.documents.batch import PhotoBatch, encode_batch
from alicorn.documents.partition import partition_of
from alicorn.errors import BadRequest
from alicorn.log import codec
from alicorn.log.entry import GRAPH_PARTITION, EntryKind, id_of, kind_of
from alicorn.log.writes import PutBlock, PutFriendship, PutPerson

__all__ = ["Rows", "rows_of_graph", "rows_of_photos"]

_PUT_PHOTO: Final = b"\x0a"
"""Key of the field ``put_photo`` of the message ``Write``: number 1, of variable length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a run of writes puts into the tables; made by the functions of this module."""

    entries: Sequence[tuple[int, int, int, int, bytes]]
    """Sequence, partition, kind, id, payload; sequences have no gaps."""
    people: Sequence[tuple[int, str]] = ()
    friendships: Sequence[tuple[int, int]] = ()
    """Both directions."""
    blocks: Sequence[tuple[int, int]] = ()
    documents: Sequence[tuple[int, int, int, bytes, str, int]] = ()
    """Id, author, audience, content hash, uri, written; ids ascending."""
    members: Sequence[tuple[int, int]] = ()
    """Photo and person."""

    def named(self) -> list[int]:
        """Return every person whom the rows name beside those that they bring, ascending."""
        found = {person for pair in (*self.friendships, *self.blocks) for person in pair}
        found |= {author for _, author, *_ in self.documents if author}
        found |= {person for _, person in self.members}
        return sorted(found.difference(person for person, _ in self.people))


def rows_of_graph(
    writes: Sequence[PutPerson | PutFriendship | PutBlock], first_sequence: int
) -> Rows:
    """Return the rows of people, friendships and blocks.

    Raises
    ------
    BadRequest
        If a write carries an idempotency key: whether the log has seen it is not known here.
    """
    people, friendships, blocks = [], [], []
    for write in writes:
        if write.idempotency_key:
            raise BadRequest(
                f"rows take writes without idempotency keys, got {write.idempotency_key!r}"
            )
        if isinstance(write, PutPerson):
            people.append((write.id, write.name))
        elif isinstance(write, PutFriendship):
            friendships += [(write.a, write.b), (write.b, write.a)]
        else:
            blocks.append((write.a, write.b))
    return Rows(
        entries=[
            (sequence, GRAPH_PARTITION, int(kind_of(write)), id_of(write), codec.encode(write))
            for sequence, write in enumerate(writes, first_sequence)
        ],
        people=people,
        friendships=friendships,
        blocks=blocks,
    )


def rows_of_photos(batch: PhotoBatch) -> Rows:
    """Return the rows of new photos; ``batch.written`` are their places in the log."""
    ids, written = batch.ids.tolist(), batch.written.tolist()
    kind = int(EntryKind.PUT_DOCUMENT)
    entries = [
        (sequence, partition_of(id_), kind, id_, _PUT_PHOTO + _varint(len(document)) + document)
        for sequence, id_, document in zip(written, ids, encode_batch(batch), strict=True)
    ]
    documents = list(
        zip(
            ids,
            batch.authors.tolist(),
            batch.audiences.tolist(),
            batch.content_hashes,
            batch.uris,
            written,
            strict=True,
        )
    )
    members = [
        (id_, person) for id_, people in zip(ids, batch.members, strict=True) for person in people
    ]
    return Rows(entries=entries, documents=documents, members=members)


def _varint(number: int) -> bytes:
    """Return ``number`` in seven bits a byte, lowest first, as messages have lengths."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
