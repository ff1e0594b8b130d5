"""The log and the graph against sets: any writes, in any order, every viewer, every photo.

The oracle is the rules of `alicorn.log.interface` written with Python sets and nothing else. A
second one is rebuilt from the log's entries: whoever replays the log must come to the same world.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alicorn.documents import Audience, AudienceKind, PhotoDocument
from alicorn.errors import AlicornError
from alicorn.log import (
    DeleteDocument,
    PutBlock,
    PutDocument,
    PutFriendship,
    PutPerson,
    Reason,
    RemoveBlock,
    RemoveFriendship,
    SetAudience,
    SqliteGraph,
    SqliteLog,
    Write,
)

PEOPLE = 4
PHOTOS = np.arange(0, 12, dtype=np.uint64)


@dataclass
class World:
    """The same world in sets."""

    people: dict[int, str] = field(default_factory=dict)
    friends: set[frozenset[int]] = field(default_factory=set)
    blocks: set[tuple[int, int]] = field(default_factory=set)
    photos: dict[int, PhotoDocument] = field(default_factory=dict)

    def take(self, write: Write) -> None:
        """Change the world by an entry of the log, in which every id is given."""
        match write:
            case PutDocument():
                self.photos[write.document.id] = write.document
            case DeleteDocument():
                self.photos.pop(write.id, None)
            case PutPerson():
                self.people[write.id] = write.name
            case PutFriendship():
                self.friends.add(frozenset((write.a, write.b)))
            case RemoveFriendship():
                self.friends.discard(frozenset((write.a, write.b)))
            case PutBlock():
                self.blocks.add((write.a, write.b))
            case RemoveBlock():
                self.blocks.discard((write.a, write.b))
            case SetAudience():
                old = self.photos[write.id]
                self.photos[write.id] = replace(old, audience=write.audience)

    def friends_of(self, viewer: int) -> list[int]:
        return sorted(p for pair in self.friends if viewer in pair for p in pair - {viewer})

    def blocked_of(self, viewer: int) -> list[int]:
        return sorted({p for pair in self.blocks if viewer in pair for p in set(pair) - {viewer}})

    def reason(self, viewer: int, photo: int) -> Reason:
        if photo not in self.photos:
            return Reason.NONE
        author, audience = self.photos[photo].author, self.photos[photo].audience
        if viewer and viewer == author:
            return Reason.OWN
        if author in self.blocked_of(viewer):
            return Reason.NONE
        if audience.kind is AudienceKind.PUBLIC:
            return Reason.PUBLIC
        if audience.kind is AudienceKind.FRIENDS and author in self.friends_of(viewer):
            return Reason.FRIEND
        if audience.kind is AudienceKind.LIST and viewer in audience.members:
            return Reason.LISTED
        return Reason.NONE

    def known(self, document: PhotoDocument) -> int | None:
        """Return the id that the log must give ``document`` back, if it knows its content."""
        same = [
            photo
            for photo, old in self.photos.items()
            if document.content_hash
            and (old.author, old.content_hash) == (document.author, document.content_hash)
        ]
        return min(same, default=None)


people = st.integers(1, PEOPLE)
kinds = st.sampled_from([AudienceKind.ONLY_ME, AudienceKind.FRIENDS, AudienceKind.PUBLIC])
members = st.sets(people, max_size=2).map(lambda m: Audience(AudienceKind.LIST, tuple(sorted(m))))
audiences = st.one_of(kinds.map(Audience), members)
photo_ids = st.integers(1, 8)
pair_kinds = (PutFriendship, PutFriendship, RemoveFriendship, PutBlock, RemoveBlock)


def pairs_of(anybody: st.SearchStrategy[int]) -> st.SearchStrategy[Write]:
    two = st.lists(anybody, min_size=2, max_size=2, unique=True)
    return st.builds(lambda kind, pair: kind(*pair), st.sampled_from(pair_kinds), two)


def photos_of(authors: st.SearchStrategy[int]) -> st.SearchStrategy[PutDocument]:
    documents = st.builds(
        PhotoDocument,
        id=st.sampled_from([0, 0, 0, 1, 2, 8]),
        author=authors,
        audience=audiences,
        content_hash=st.sampled_from([b"", b"a" * 32, b"b" * 32]),
    )
    return st.builds(PutDocument, documents)


possible = st.one_of(
    photos_of(st.integers(0, 2)),  # few authors, so that contents meet again
    pairs_of(people),
    st.builds(PutPerson, people, st.sampled_from(["Ada", "Ben"])),
)
doubtful = st.one_of(
    possible,
    st.builds(DeleteDocument, photo_ids),
    st.builds(SetAudience, photo_ids, audiences),
    photos_of(st.just(PEOPLE + 1)),
    pairs_of(st.integers(1, PEOPLE + 1)),
)


class LogAgainstSets(RuleBasedStateMachine):
    """Appends batches, some of them impossible, and compares everything after each."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "log.db"
        self.log = SqliteLog(self.path)
        self.graph = SqliteGraph(self.path)
        self.world = World()
        self.ever: set[int] = set()

    @initialize()
    def somebody(self) -> None:
        self.append([PutPerson(person, f"person {person}") for person in range(1, PEOPLE + 1)])

    @rule(batch=st.lists(possible, min_size=1, max_size=4))
    def change(self, batch: list[Write]) -> None:
        self.append(batch)

    @precondition(lambda self: self.world.photos)
    @rule(data=st.data(), audience=audiences)
    def narrow_or_widen(self, data: st.DataObject, audience: Audience) -> None:
        self.append([SetAudience(data.draw(st.sampled_from(sorted(self.world.photos))), audience)])

    @precondition(lambda self: self.world.photos)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.append([DeleteDocument(data.draw(st.sampled_from(sorted(self.world.photos))))])

    @rule(batch=st.lists(doubtful, min_size=1, max_size=4))
    def append(self, batch: list[Write]) -> None:
        before = self.log.latest()
        try:
            acknowledged = self.log.append(batch)
        except AlicornError:
            assert before == self.log.latest()
            assert self.impossible(batch)
            return
        entries = self.log.read(before, 100)
        assert [(e.sequence, e.id) for e in entries] == [(a.sequence, a.id) for a in acknowledged]
        for entry, asked in zip(entries, batch, strict=True):
            counted = entry.write()
            if isinstance(asked, PutDocument) and isinstance(counted, PutDocument):
                assert counted.document.written == entry.sequence
                self.check_identity(asked.document, replace(counted.document, written=0))
                self.ever.add(counted.document.id)
            else:
                assert asked == counted
            self.world.take(counted)

    def check_identity(self, asked: PhotoDocument, counted: PhotoDocument) -> None:
        known = self.world.known(asked)
        if asked.id:
            assert asked == counted
        elif known is not None:
            assert (known, self.world.photos[known].audience) == (counted.id, counted.audience)
        else:
            assert max(self.ever, default=0) + 1 == counted.id
            assert asked.audience == counted.audience

    def impossible(self, batch: list[Write]) -> bool:
        """Whether some write of ``batch`` names what may be unknown."""
        for write in batch:
            match write:
                case PutDocument() if write.document.author > PEOPLE:
                    return True
                case DeleteDocument() if write.id not in self.ever:
                    return True
                case SetAudience() if (
                    write.id not in self.world.photos
                    or DeleteDocument(write.id) in batch[: batch.index(write)]
                ):
                    return True
                case PutFriendship() | RemoveFriendship() | PutBlock() | RemoveBlock() if (
                    max(write.a, write.b) > PEOPLE
                ):
                    return True
        return False

    @rule()
    def reopen(self) -> None:
        self.log.close()
        self.graph.close()
        self.log = SqliteLog(self.path)
        self.graph = SqliteGraph(self.path)

    @rule()
    def replay(self) -> None:
        replayed = World()
        for entry in self.log.read(0, 10_000):
            replayed.take(entry.write())
        assert self.world == replayed

    @invariant()
    def the_graph_agrees_with_sets(self) -> None:
        assert self.world.people == {p.id: p.name for p in self.graph.people()}
        for viewer in (0, *self.world.people):
            sight = self.graph.sight(viewer, PHOTOS)
            expected = [self.world.reason(viewer, int(photo)) for photo in PHOTOS]
            assert expected == sight.reason.tolist()
            assert [why != Reason.NONE for why in expected] == sight.allowed.tolist()
            versions = [self.world.photos.get(int(photo)) for photo in PHOTOS]
            assert [d.written if d else 0 for d in versions] == sight.written.tolist()
            assert self.world.friends_of(viewer) == self.graph.friends(viewer).tolist()
            assert self.world.blocked_of(viewer) == self.graph.blocked(viewer).tolist()
        assert self.log.latest() == self.graph.version()

    def teardown(self) -> None:
        self.log.close()
        self.graph.close()
        self.folder.cleanup()


@pytest.mark.parametrize("machine", [LogAgainstSets])
def test_any_writes_leave_the_same_world_as_sets(machine: type[LogAgainstSets]) -> None:
    """PS-37: no order of writes, refused batches and restarts shows a photo to the wrong person."""
    run_state_machine_as_test(machine, settings=settings(max_examples=40, stateful_step_count=25))
