"""Full disks, locked, foreign and damaged files: a clear error, and nothing is lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from alicorn.documents import Audience, AudienceKind, PhotoDocument
from alicorn.errors import ConfigError, CorruptData, NotFound, OutOfSpace, TryElsewhere
from alicorn.log import Acknowledged, PutDocument, PutPerson, SqliteGraph, SqliteLog
from alicorn.log.connections import sqlite_errors


def photo(number: int) -> PutDocument:
    return PutDocument(
        PhotoDocument(
            caption="c" * 2000,
            content_hash=number.to_bytes(32, "big"),
            audience=Audience(AudienceKind.PUBLIC),
        )
    )


def test_a_full_disk_loses_nothing_that_was_acknowledged(path: Path) -> None:
    """The write that found no room is refused whole; those before stay, and reading goes on."""
    log = SqliteLog(path, max_bytes=200_000)
    graph = SqliteGraph(path)
    acknowledged: list[Acknowledged] = []

    def fill() -> None:
        for number in range(1000):
            acknowledged.extend(log.append([photo(number)]))

    with pytest.raises(OutOfSpace, match=str(path)):
        fill()
    kept = log.read(0, 1000)
    with pytest.raises(OutOfSpace):
        log.append([photo(2000)])
    log.close()
    roomier = SqliteLog(path)

    assert 10 < len(acknowledged) < 1000
    assert acknowledged[-1].sequence == kept[-1].sequence == graph.version()
    assert kept == roomier.read(0, 1000)
    assert not graph.sight(0, np.array([len(kept) + 1], dtype=np.uint64)).allowed[0]
    assert acknowledged[-1].id + 1 == roomier.append([photo(2000)])[0].id
    roomier.close()
    graph.close()


def test_a_file_that_is_locked_for_too_long_answers_try_elsewhere(
    path: Path, log: SqliteLog
) -> None:
    """Another process that hangs in a write must not hang this one; reading goes on."""
    impatient = SqliteLog(path, busy_timeout_s=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TryElsewhere, match="locked"):
        impatient.append([PutPerson(6, "Fay")])

    assert impatient.latest() == 5
    other.execute("ROLLBACK")
    other.close()
    assert impatient.append([PutPerson(6, "Fay")])[0].sequence == 6
    impatient.close()


def test_a_file_that_is_no_database_is_corrupt_data_and_left_alone(path: Path) -> None:
    """The message names the file, and the file can still be looked into."""
    content = b"these are my holiday plans" * 100
    path.write_bytes(content)
    for opened in (SqliteLog, SqliteGraph):
        with pytest.raises(CorruptData, match=str(path)):
            opened(path)

    assert content == path.read_bytes()


def test_a_damaged_page_is_corrupt_data_and_allows_nothing(path: Path, log: SqliteLog) -> None:
    """PS-37: a graph that cannot be read raises; it never answers from what is left."""
    log.append([photo(number) for number in range(200)])
    log.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)  # the first page has the schema: the file opens
    path.write_bytes(data)
    log = SqliteLog(path)
    graph = SqliteGraph(path)
    for call in (
        lambda: log.read(0, 1000),
        lambda: log.append([PutPerson(6, "Fay")]),
        lambda: graph.sight(0, np.array([1], dtype=np.uint64)),
        lambda: graph.friends(1),
        graph.people,
    ):
        with pytest.raises(CorruptData, match=str(path)):
            call()
    log.close()
    graph.close()


def test_a_lost_table_is_corrupt_data(path: Path, log: SqliteLog, graph: SqliteGraph) -> None:
    """PS-37: without the table of blocks nobody is allowed anything."""
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE blocks")
    connection.close()

    with pytest.raises(CorruptData, match="blocks"):
        graph.sight(0, np.array([1], dtype=np.uint64))


def test_an_entry_of_an_unknown_kind_is_corrupt_data(path: Path, log: SqliteLog) -> None:
    """A shard must stop before what it does not understand, not pass over it."""
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE entries SET kind = 99 WHERE sequence = 3")
    connection.close()

    assert len(log.read(0, 2)) == 2
    with pytest.raises(CorruptData, match="99"):
        log.read(0, 5)


def test_the_log_of_a_newer_version_is_refused(path: Path, log: SqliteLog) -> None:
    """An older program must not write where it does not know what counts."""
    log.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 3")
    connection.close()
    for opened in (SqliteLog, SqliteGraph):
        with pytest.raises(ConfigError, match="schema version 3, needed version 2"):
            opened(path)


def test_the_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    """A wrong path must not turn somebody's database into a log."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (address TEXT)")
    connection.close()
    for opened in (SqliteLog, SqliteGraph):
        with pytest.raises(ConfigError, match="not an update log"):
            opened(path)
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema").fetchall()
    connection.close()

    assert tables == [("bookmarks",)]


def test_a_log_in_a_folder_that_is_not_there_is_a_config_error(tmp_path: Path) -> None:
    """The message names the path."""
    with pytest.raises(ConfigError, match="missing"):
        SqliteLog(tmp_path / "missing" / "log.db")


def test_a_graph_without_a_log_is_not_found(path: Path) -> None:
    """Reading must not make an empty world in which everything is refused."""
    with pytest.raises(NotFound, match="no update log"):
        SqliteGraph(path)

    assert not path.exists()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_FULL, OutOfSpace),
        (sqlite3.SQLITE_IOERR_READ, TryElsewhere),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, TryElsewhere),
        (sqlite3.SQLITE_READONLY_DIRECTORY, ConfigError),
        (sqlite3.SQLITE_CORRUPT_INDEX, CorruptData),
        (sqlite3.SQLITE_CONSTRAINT_CHECK, CorruptData),
    ],
)
def test_sqlites_codes_say_whom_to_turn_to(
    path: Path, code: int, expected: type[Exception]
) -> None:
    """Extended codes count as their primary one; no sqlite3 error leaves the room."""
    error = sqlite3.OperationalError("said by sqlite")
    error.sqlite_errorcode = code

    with pytest.raises(expected, match="said by sqlite"), sqlite_errors(path):
        raise error
