"""Loading rows leaves the tables that appending the same writes one by one leaves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alicorn.documents.batch import PhotoBatch
from alicorn.errors import BadRequest, NotFound
from alicorn.log import (
    DeleteDocument,
    PutBlock,
    PutDocument,
    PutFriendship,
    PutPerson,
    SqliteGraph,
    SqliteLog,
)
from alicorn.log.bulk import Rows, rows_of_graph, rows_of_photos
from loadtest.world.generator import World

_TABLES = (
    "entries", "idempotency", "documents", "audience_members", "people", "friendships", "blocks",
    "sqlite_sequence",
)  # fmt: skip


def _tables(path: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall()) for name in _TABLES
        }


@pytest.fixture(scope="module")
def world() -> World:
    return World(people=60, photos=400, seed=5)


@pytest.fixture(scope="module")
def graph_writes(world: World) -> list[PutPerson | PutFriendship | PutBlock]:
    return [
        *(PutPerson(person, name) for person, name in enumerate(world.names, start=1)),
        *(PutFriendship(a, b) for a, b in world.friendships.tolist()),
        PutBlock(3, 4),
    ]


@pytest.fixture(scope="module")
def batch(world: World, graph_writes: list[PutPerson]) -> PhotoBatch:
    return world.block(0, first_sequence=len(graph_writes) + 1)


@pytest.fixture
def loaded(
    tmp_path: Path, graph_writes: list[PutPerson | PutFriendship | PutBlock], batch: PhotoBatch
) -> Path:
    path = tmp_path / "loaded.db"
    with closing(SqliteLog(path)) as log:
        log.load(rows_of_graph(graph_writes, first_sequence=1))
        log.load(rows_of_photos(batch))
    return path


def test_loading_leaves_the_tables_that_appending_leaves(
    tmp_path: Path,
    loaded: Path,
    graph_writes: list[PutPerson | PutFriendship | PutBlock],
    batch: PhotoBatch,
) -> None:
    """Whoever reads log or graph must not be able to tell which way was taken."""
    path = tmp_path / "appended.db"
    with closing(SqliteLog(path)) as log:
        log.append(graph_writes)
        log.append([PutDocument(document) for document in batch.documents()])
    expected = _tables(path)

    assert len(expected["entries"]) == len(graph_writes) + len(batch)
    assert expected == _tables(loaded)


def test_after_loading_appending_goes_on_where_the_rows_ended(
    loaded: Path, batch: PhotoBatch
) -> None:
    with closing(SqliteLog(loaded)) as log:
        latest = log.latest()
        (put,) = log.append([PutDocument(replace(batch.document(0), id=0, content_hash=b"new"))])

    assert latest + 1 == put.sequence
    assert len(batch) + 1 == put.id


def test_a_waiting_reader_is_woken_by_rows(loaded: Path, world: World) -> None:
    with closing(SqliteLog(loaded)) as log:
        latest = log.latest()
        log.load(rows_of_graph([PutPerson(999, "Late")], first_sequence=latest + 1))

        assert log.wait(latest, 0.0) == latest + 1


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda rows: replace(rows, entries=rows.entries[1:]), "must have the sequences from"),
        (lambda rows: replace(rows, documents=rows.documents[::-1]), "by ascending id"),
        (lambda rows: replace(rows, members=[*rows.members, (1, 777)]), "no person 777"),
        (
            lambda rows: replace(rows, documents=[(1, 4242, *r[2:]) for r in rows.documents[:1]]),
            "no person 4242",
        ),
    ],
)
def test_rows_that_do_not_fit_are_refused_and_nothing_of_them_is_written(
    tmp_path: Path,
    graph_writes: list[PutPerson | PutFriendship | PutBlock],
    batch: PhotoBatch,
    spoilt: Any,
    said: str,
) -> None:
    path = tmp_path / "log.db"
    with closing(SqliteLog(path)) as log:
        log.load(rows_of_graph(graph_writes, first_sequence=1))
        before = _tables(path)
        with pytest.raises(BadRequest, match=said):
            log.load(spoilt(rows_of_photos(batch)))

    assert before == _tables(path)


def test_photos_that_are_known_are_refused(loaded: Path, batch: PhotoBatch) -> None:
    with closing(SqliteLog(loaded)) as log:
        again = replace(batch, written=batch.written + np.uint64(len(batch)))

        with pytest.raises(BadRequest, match="new photos"):
            log.load(rows_of_photos(again))


def test_friendships_of_unknown_people_are_refused(log: SqliteLog) -> None:
    with pytest.raises(BadRequest, match="no person 77"):
        log.load(rows_of_graph([PutFriendship(1, 77)], first_sequence=6))


def test_rows_take_no_idempotency_keys() -> None:
    """Whether a key was used before is known only to the log."""
    with pytest.raises(BadRequest, match="without idempotency keys"):
        rows_of_graph([PutPerson(1, "Ada", "once")], first_sequence=1)


def test_no_rows_change_nothing(log: SqliteLog) -> None:
    before = log.latest()
    log.load(Rows(entries=[]))

    assert before == log.latest()


def test_the_graph_gives_a_photo_back_until_it_is_deleted(loaded: Path, batch: PhotoBatch) -> None:
    with closing(SqliteLog(loaded)) as log, closing(SqliteGraph(loaded)) as graph:
        assert batch.document(7).caption == graph.document(8).caption
        assert batch.document(7).uri == graph.document(8).uri

        log.append([DeleteDocument(8)])
        with pytest.raises(NotFound):
            graph.document(8)
        with pytest.raises(NotFound):
            graph.document(2**63)
