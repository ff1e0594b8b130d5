"""The log's entries reach the shards, once, whatever stops and starts."""

from __future__ import annotations

import time

import pytest

from alicorn.documents import PhotoDocument
from alicorn.errors import ConfigError, CorruptData, TryElsewhere
from alicorn.log import DeleteDocument, PutDocument, PutPerson, SqliteLog
from indexserver.config import ShardConfig
from indexserver.shard import Shard
from indexserver.tail import LogTail


@pytest.fixture
def log(tmp_path):
    log = SqliteLog(tmp_path / "log.db")
    log.append([PutPerson(1, "Ada")])
    yield log
    log.close()


def put(log, count):
    start = log.latest()
    log.append(
        [
            PutDocument(
                PhotoDocument(author=1, caption="cat", content_hash=f"{start}-{i}".encode())
            )
            for i in range(count)
        ]
    )


def shards_of(tmp_path, count):
    return [
        Shard(ShardConfig(directory=tmp_path / f"shard-{i}", shard=i, shards=count)).open()
        for i in range(count)
    ]


def documents(shards):
    return sum(shard.status().documents for shard in shards)


def test_catching_up_brings_every_shard_to_the_end_of_the_log(tmp_path, log):
    """Also when the last entries are of no shard: the place in the log is then the log's end."""
    shards = shards_of(tmp_path, 2)
    put(log, 23)
    log.append([PutPerson(2, "Bob")])
    tail = LogTail(shards, log, batch=5)

    assert tail.catch_up() == log.latest()
    assert documents(shards) == 23
    assert tail.catch_up() == log.latest()
    for shard in shards:
        shard.close()


def test_a_restart_goes_on_from_the_last_seal(tmp_path, log):
    """What was in memory is read again; what was sealed is not."""
    shards = shards_of(tmp_path, 1)
    put(log, 5)
    tail = LogTail(shards, log)
    tail.catch_up()
    tail.stop()
    put(log, 3)
    tail.catch_up()
    shards[0].close()  # without a seal, as in a crash

    again = shards_of(tmp_path, 1)
    assert documents(again) == 5
    log.append([DeleteDocument(1)])
    LogTail(again, log).catch_up()
    assert documents(again) == 7
    again[0].close()


def test_the_thread_makes_writes_searchable_soon(tmp_path, log):
    """PS-05: an acknowledged photo is found without anybody asking."""
    shards = shards_of(tmp_path, 1)
    tail = LogTail(shards, log)
    tail.start()
    with pytest.raises(ConfigError, match="followed already"):
        tail.start()
    put(log, 4)
    ends = time.monotonic() + 20
    while documents(shards) < 4 and time.monotonic() < ends:
        time.sleep(0.01)
    tail.stop()
    tail.stop()

    assert documents(shards) == 4
    assert shards[0].view.segments[0].segment.name.startswith("segment-")
    shards[0].close()


def test_a_closed_log_is_reported_and_nothing_is_lost(tmp_path, log):
    """The caller decides whether to try again."""
    shards = shards_of(tmp_path, 1)
    put(log, 2)
    log.close()

    with pytest.raises(TryElsewhere):
        LogTail(shards, log).catch_up()
    assert documents(shards) == 0
    shards[0].close()


def test_a_tail_without_shards_is_refused(log):
    """It would wait for ever and do nothing."""
    with pytest.raises(ConfigError, match="at least one shard"):
        LogTail([], log)


@pytest.mark.parametrize("begin", [LogTail.catch_up, LogTail.start])
def test_a_shard_beyond_the_log_is_not_served(tmp_path, log, begin):
    """PS-37: after an older log is put back, its ids mean other photos than the shard's.

    The shard would pass over the new log's writes, narrowed audiences among them, and show its old
    documents by the permissions of others.
    """
    shards = shards_of(tmp_path, 1)
    put(log, 9)
    tail = LogTail(shards, log)
    tail.catch_up()
    tail.stop()
    older = SqliteLog(tmp_path / "older.db")
    older.append([PutPerson(1, "Ada")])
    put(older, 3)

    with pytest.raises(CorruptData, match="shard 0 holds the log up to 10, found a log up to 4"):
        begin(LogTail(shards, older))
    shards[0].close()
    older.close()
