"""Writes as bytes, and writes that cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.api.ingest.v1 import ingest_pb2
from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.errors import BadRequest, CorruptData
from alicorn.log import (
    GRAPH_PARTITION,
    DeleteDocument,
    Entry,
    EntryKind,
    PutBlock,
    PutDocument,
    PutFriendship,
    PutPerson,
    RemoveBlock,
    RemoveFriendship,
    SetAudience,
    Write,
)
from alicorn.log.codec import decode, encode, from_proto
from alicorn.log.entry import id_of, kind_of, partition_of_write
from alicorn.log.writes import MAX_ID

ids = st.integers(1, MAX_ID)
keys = st.text(max_size=10)
names = st.text(min_size=1, max_size=10).filter(lambda name: name.strip())
lists = st.sets(ids, max_size=4).map(lambda m: Audience(AudienceKind.LIST, tuple(sorted(m))))
plain = st.sampled_from([AudienceKind.ONLY_ME, AudienceKind.FRIENDS, AudienceKind.PUBLIC])
audiences = st.one_of(plain.map(Audience), lists)
pairs = st.lists(ids, min_size=2, max_size=2, unique=True)
documents = st.builds(
    PhotoDocument,
    id=st.integers(0, MAX_ID),
    author=st.integers(0, MAX_ID),
    audience=audiences,
    caption=st.text(max_size=10),
    taken_at=st.none() | st.integers(-(2**35), 2**35),
    tags=st.just((Tag("dog", 0.5),)),
)
writes = st.one_of(
    st.builds(PutDocument, documents, keys),
    st.builds(DeleteDocument, ids, keys),
    st.builds(PutPerson, ids, names, keys),
    st.builds(SetAudience, ids, audiences, keys),
    *(
        st.builds(lambda pair, key, kind=kind: kind(*pair, key), pairs, keys)
        for kind in (PutFriendship, RemoveFriendship, PutBlock, RemoveBlock)
    ),
)


@given(write=writes)
def test_a_write_comes_back_from_its_bytes(write: Write) -> None:
    """What a shard replays must be what was acknowledged."""
    assert write == decode(encode(write))


@given(write=writes)
def test_an_entry_is_named_as_its_message_is(write: Write) -> None:
    """The kind in the log's column and the field in the payload must never disagree."""
    message = ingest_pb2.Write.FromString(encode(write))
    (field,) = (f for f, _ in message.ListFields() if f.containing_oneof is not None)
    entry = Entry(1, partition_of_write(write), kind_of(write), id_of(write), encode(write))

    assert field.number == entry.kind
    assert write == entry.write()
    assert (entry.partition == GRAPH_PARTITION) == (
        entry.kind
        not in {EntryKind.PUT_DOCUMENT, EntryKind.DELETE_DOCUMENT, EntryKind.SET_AUDIENCE}
    )


@pytest.mark.parametrize("data", [b"", b"\xff\xff", encode(DeleteDocument(1))[:-1], b"\x10\x00"])
def test_bytes_that_are_no_write_are_corrupt_data(data: bytes) -> None:
    """A damaged payload stops the replay; it is never skipped or guessed."""
    with pytest.raises(CorruptData, match=f"{len(data)} bytes"):
        decode(data)


def test_a_message_without_a_change_is_a_bad_request() -> None:
    """An empty write from the wire changes nothing, and must not be acknowledged."""
    with pytest.raises(BadRequest, match="one change"):
        from_proto(ingest_pb2.Write(idempotency_key="k"))


def test_an_audience_of_a_kind_that_is_unknown_is_only_me() -> None:
    """A newer writer's audience must never open a photo here."""
    message = ingest_pb2.Write()
    message.set_audience.id = 7
    message.set_audience.audience.kind = 99  # type: ignore[assignment]

    assert SetAudience(7, Audience(AudienceKind.ONLY_ME)) == from_proto(message)


def test_a_name_that_is_not_unicode_is_a_bad_request() -> None:
    """File names may hold any bytes; Python carries them as lone surrogates."""
    with pytest.raises(BadRequest, match="PutDocument"):
        encode(PutDocument(PhotoDocument(uri="caf\udce9.jpg")))


@pytest.mark.parametrize(
    "make",
    [
        lambda: DeleteDocument(0),
        lambda: DeleteDocument(MAX_ID + 1),
        lambda: PutPerson(0, "Ada"),
        lambda: PutPerson(1, " "),
        lambda: PutFriendship(1, 1),
        lambda: PutBlock(1, 0),
        lambda: SetAudience(1, Audience(AudienceKind.LIST, (0,))),
        lambda: PutDocument(PhotoDocument(id=MAX_ID + 1)),
        lambda: PutDocument(PhotoDocument(author=MAX_ID + 1)),
        lambda: DeleteDocument(1, "k" * 129),
    ],
)
def test_an_impossible_write_cannot_be_made(make: object) -> None:
    """Whoever holds a write holds a possible one, so later code need not check again."""
    with pytest.raises(BadRequest, match="must"):
        make()  # type: ignore[operator]
