"""Who may see what, case by case; the state machine has them all together."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from alicorn.documents import Audience, AudienceKind, PhotoDocument
from alicorn.errors import ShapeError, UnknownViewer
from alicorn.log import (
    AuthoritativeGraph,
    DeleteDocument,
    Person,
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
)

KINDS = (AudienceKind.ONLY_ME, AudienceKind.LIST, AudienceKind.FRIENDS, AudienceKind.PUBLIC)


@pytest.fixture
def shelf(log: SqliteLog) -> SqliteLog:
    """Photos 1 to 4 are Ada's: for her alone, for Cleo, for friends (Ben), for everybody."""
    log.append([PutFriendship(1, 2)])
    log.append(
        [
            PutDocument(
                PhotoDocument(
                    author=1, audience=Audience(kind, (3,) if kind is AudienceKind.LIST else ())
                )
            )
            for kind in KINDS
        ]
    )
    return log


def reasons(graph: AuthoritativeGraph, viewer: int) -> list[Reason]:
    sight = graph.sight(viewer, np.arange(1, 5, dtype=np.uint64))
    assert sight.allowed.tolist() == [why != Reason.NONE for why in sight.reason]
    return [Reason(why) for why in sight.reason]


@pytest.mark.parametrize(
    ("viewer", "expected"),
    [
        (1, [Reason.OWN] * 4),
        (2, [Reason.NONE, Reason.NONE, Reason.FRIEND, Reason.PUBLIC]),
        (3, [Reason.NONE, Reason.LISTED, Reason.NONE, Reason.PUBLIC]),
        (4, [Reason.NONE, Reason.NONE, Reason.NONE, Reason.PUBLIC]),
        (0, [Reason.NONE, Reason.NONE, Reason.NONE, Reason.PUBLIC]),
    ],
)
def test_each_audience_is_seen_by_its_people_alone(
    shelf: SqliteLog, graph: SqliteGraph, viewer: int, expected: list[Reason]
) -> None:
    """PS-37: the four audiences, seen by the author, a friend, the listed, a stranger, nobody."""
    assert expected == reasons(graph, viewer)


@pytest.mark.parametrize("block", [PutBlock(1, 2), PutBlock(2, 1)])
def test_a_block_either_way_beats_everything_but_ones_own(
    shelf: SqliteLog, graph: SqliteGraph, block: PutBlock
) -> None:
    """PS-37: neither sees the other's photos, public ones included; the friendship is kept."""
    shelf.append([block])

    assert reasons(graph, 2) == [Reason.NONE] * 4
    assert reasons(graph, 1) == [Reason.OWN] * 4
    assert (graph.blocked(1).tolist(), graph.blocked(2).tolist()) == ([2], [1])
    assert graph.friends(2).tolist() == [1]
    shelf.append([RemoveBlock(block.a, block.b)])
    assert reasons(graph, 2) == [Reason.NONE, Reason.NONE, Reason.FRIEND, Reason.PUBLIC]


def test_a_listed_person_who_is_blocked_sees_nothing(shelf: SqliteLog, graph: SqliteGraph) -> None:
    """PS-37: the list is older than the quarrel."""
    shelf.append([PutBlock(1, 3)])

    assert reasons(graph, 3) == [Reason.NONE] * 4


def test_lifting_one_block_leaves_the_other(shelf: SqliteLog, graph: SqliteGraph) -> None:
    """Each block belongs to the one who made it."""
    shelf.append([PutBlock(1, 2), PutBlock(2, 1), RemoveBlock(1, 2)])

    assert graph.blocked(2).tolist() == [1]
    assert reasons(graph, 2) == [Reason.NONE] * 4


def test_an_ended_friendship_counts_when_the_call_returns(
    shelf: SqliteLog, graph: SqliteGraph
) -> None:
    """PS-37: the end of a friendship must not wait for the index."""
    shelf.append([RemoveFriendship(2, 1)])

    assert reasons(graph, 2)[2] == Reason.NONE
    assert (graph.friends(1).tolist(), graph.friends(2).tolist()) == ([], [])


@pytest.mark.parametrize(("person", "friend"), [(1, 2), (2, 1)])
def test_a_friendship_with_one_half_missing_has_ended(
    path: Path, shelf: SqliteLog, graph: SqliteGraph, person: int, friend: int
) -> None:
    """PS-37: whatever lost one half, doubt never opens a photo, from either side."""
    with sqlite3.connect(path) as connection:
        connection.execute(
            "DELETE FROM friendships WHERE person = ? AND friend = ?", (person, friend)
        )
    connection.close()

    assert reasons(graph, 2)[2] == Reason.NONE
    assert (graph.friends(1).tolist(), graph.friends(2).tolist()) == ([], [])


def test_a_narrowed_audience_counts_when_the_call_returns(
    shelf: SqliteLog, graph: SqliteGraph
) -> None:
    """PS-37: also for those who were on the list before."""
    shelf.append(
        [
            SetAudience(4, Audience(AudienceKind.ONLY_ME)),
            SetAudience(2, Audience(AudienceKind.LIST, (4,))),
        ]
    )

    assert reasons(graph, 3) == [Reason.NONE] * 4
    assert reasons(graph, 4) == [Reason.NONE, Reason.LISTED, Reason.NONE, Reason.NONE]


def test_a_deleted_photo_is_seen_by_nobody(shelf: SqliteLog, graph: SqliteGraph) -> None:
    """PS-37: its author included."""
    shelf.append([DeleteDocument(4)])

    assert reasons(graph, 1)[3] == Reason.NONE
    assert reasons(graph, 4)[3] == Reason.NONE


@pytest.mark.parametrize("kind", [0, 5, 99])
def test_an_audience_of_an_unknown_kind_is_seen_by_the_author_alone(
    path: Path, shelf: SqliteLog, graph: SqliteGraph, kind: int
) -> None:
    """PS-37: what a newer version may have written here opens nothing."""
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE documents SET audience = ?", (kind,))
    connection.close()

    assert reasons(graph, 2) == [Reason.NONE] * 4
    assert reasons(graph, 1) == [Reason.OWN] * 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_of_nobody_is_not_the_anonymous_viewers_own(
    log: SqliteLog, graph: SqliteGraph, kind: AudienceKind
) -> None:
    """PS-37: author 0 is nobody and viewer 0 is anybody; they are not the same person."""
    log.append([PutDocument(PhotoDocument(author=0, audience=Audience(kind)))])
    expected = Reason.PUBLIC if kind is AudienceKind.PUBLIC else Reason.NONE

    assert [expected] * 2 == [
        graph.sight(viewer, np.array([1], dtype=np.uint64)).reason[0] for viewer in (0, 1)
    ]


def test_sight_keeps_the_order_and_the_repeats_of_what_was_asked(
    shelf: SqliteLog, graph: SqliteGraph
) -> None:
    """Callers filter their hits by position."""
    ids = np.array([4, 1, 2**64 - 1, 3, 4, 0, 2**63, 77], dtype=np.uint64)

    sight = graph.sight(2, ids)

    public, friend, none = Reason.PUBLIC, Reason.FRIEND, Reason.NONE
    assert [public, none, none, friend, public, none, none, none] == sight.reason.tolist()
    assert (np.dtype(np.bool_), np.dtype(np.uint8)) == (sight.allowed.dtype, sight.reason.dtype)
    assert graph.sight(2, np.empty(0, dtype=np.uint64)).reason.size == 0


def test_sight_takes_one_dimension(graph: SqliteGraph) -> None:
    """An array of another shape has no order to answer in."""
    with pytest.raises(ShapeError, match=r"\(1, 2\)"):
        graph.sight(1, np.ones((1, 2), dtype=np.uint64))


@pytest.mark.parametrize("viewer", [6, -1, 2**63, 2**64 - 1])
def test_an_unknown_viewer_is_refused_everywhere(graph: SqliteGraph, viewer: int) -> None:
    """A viewer whom the graph does not know is not treated as anonymous."""
    for call in (
        graph.person,
        graph.friends,
        graph.blocked,
        lambda v: graph.sight(v, np.array([1], dtype=np.uint64)),
    ):
        with pytest.raises(UnknownViewer, match=str(viewer)):
            call(viewer)


def test_people_are_listed_by_id_under_their_last_name_given(
    log: SqliteLog, graph: SqliteGraph
) -> None:
    """A person put again is renamed, not doubled."""
    log.append([PutPerson(2, "Benedict")])

    assert [person.id for person in graph.people()] == [1, 2, 3, 4, 5]
    assert Person(2, "Benedict") == graph.person(2)


def test_the_anonymous_viewer_has_no_friends_and_is_no_person(graph: SqliteGraph) -> None:
    """Viewer 0 is allowed to look, and to nothing more."""
    assert (graph.friends(0).tolist(), graph.blocked(0).tolist()) == ([], [])
    with pytest.raises(UnknownViewer):
        graph.person(0)


def test_the_version_is_the_last_write_that_counts(log: SqliteLog, graph: SqliteGraph) -> None:
    """Caches keep answers under the version that they were checked with."""
    (acknowledged,) = log.append([PutFriendship(1, 2)])

    assert acknowledged.sequence == graph.version()
