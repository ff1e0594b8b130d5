"""Several processes and threads at one file: one order, one state, nothing lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from alicorn.documents import Audience, AudienceKind, PhotoDocument
from alicorn.errors import ConfigError
from alicorn.log import PutDocument, PutFriendship, PutPerson, SetAudience, SqliteGraph, SqliteLog

ROOT = Path(__file__).resolve().parents[3]

# Writes photos in batches of two, printing each acknowledgement; dies without closing anything.
WRITER = """
import os, sys
from pathlib import Path
from alicorn.documents import PhotoDocument
from alicorn.errors import ConfigError
from alicorn.log import PutDocument, SqliteLog
log = SqliteLog(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    batch = [PutDocument(PhotoDocument(caption=f"{sys.argv[3]} {number}")) for _ in range(2)]
    print(*(one.sequence for one in log.append(batch)), flush=True)
os._exit(1)
"""

# Moves what is public from photo 1 to photo 2 and back, each time in one batch.
SWAPPER = """
import sys
from pathlib import Path
from alicorn.documents import Audience, AudienceKind
from alicorn.log import SetAudience, SqliteLog
log = SqliteLog(Path(sys.argv[1]))
kinds = [AudienceKind.ONLY_ME, AudienceKind.PUBLIC]
for number in range(int(sys.argv[2])):
    log.append([SetAudience(p, Audience(kinds[(number + p) % 2])) for p in (1, 2)])
"""


def started(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_writers_that_die_leave_everything_they_acknowledged(path: Path) -> None:
    """Two processes make the same new file at once, write into it and end without a close."""
    writers = [started(WRITER, path, 20, name) for name in ("left", "right")]
    printed = [writer.communicate(timeout=60)[0].split() for writer in writers]
    acknowledged = sorted(int(sequence) for sequences in printed for sequence in sequences)
    log = SqliteLog(path)
    entries = log.read(0, 1000)
    log.close()
    captions = [entry.write().document.caption for entry in entries]  # type: ignore[union-attr]

    assert len(acknowledged) == 80
    assert acknowledged == [entry.sequence for entry in entries]
    assert list(range(1, 81)) == [entry.id for entry in entries]
    assert captions[0::2] == captions[1::2], "a batch was torn apart"


def test_a_half_applied_change_is_never_seen(path: Path, log: SqliteLog) -> None:
    """PS-37: another process's batch is seen whole or not at all, also while it is written."""
    public, only_me = Audience(AudienceKind.PUBLIC), Audience(AudienceKind.ONLY_ME)
    log.append([PutDocument(PhotoDocument(audience=a)) for a in (public, only_me)])
    graph = SqliteGraph(path)
    ids = np.array([1, 2], dtype=np.uint64)
    swapper = started(SWAPPER, path, 300)
    seen = set()
    while swapper.poll() is None:
        seen.add(tuple(graph.sight(0, ids).allowed.tolist()))
    swapper.communicate()
    graph.close()

    assert swapper.returncode == 0
    assert {(True, False), (False, True)} == seen


def test_a_follower_sees_another_processs_writes_in_order(path: Path, log: SqliteLog) -> None:
    """A reader that has seen an entry never finds a new one before it."""
    after = log.latest()
    writer = started(WRITER, path, 30, "photo")
    followed: list[int] = []
    while len(followed) < 60 and log.wait(after, 30.0) > after:
        followed += [entry.sequence for entry in log.read(after, 7)]
        after = followed[-1]
    writer.communicate()

    assert list(range(6, 66)) == followed


def test_threads_share_one_log_and_one_graph(path: Path, log: SqliteLog) -> None:
    """Servers call from as many threads as cores; every thread sees its own writes at once."""
    graph = SqliteGraph(path)
    log.append([PutPerson(person, f"person {person}") for person in range(10, 14)])
    wrong: list[object] = []

    def work(person: int) -> None:
        for number in range(10):
            (one,) = log.append([PutDocument(PhotoDocument(author=person))])
            log.append([SetAudience(one.id, Audience(AudienceKind.FRIENDS))])
            if (
                not graph.sight(person, np.array([one.id], dtype=np.uint64)).allowed[0]
                or graph.sight(5, np.array([one.id], dtype=np.uint64)).allowed[0]
            ):
                wrong.append((person, number))
        log.append([PutFriendship(5, person)])

    threads = [threading.Thread(target=work, args=(person,)) for person in range(10, 14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert wrong == []
    assert graph.friends(5).tolist() == [10, 11, 12, 13]
    assert graph.sight(5, np.arange(1, 41, dtype=np.uint64)).allowed.sum() == 40
    graph.close()


@pytest.mark.parametrize("change", ["user_version = 3", "application_id = 7"])
def test_a_reader_looks_at_the_version_before_anything_else(
    path: Path, log: SqliteLog, change: str
) -> None:
    """PS-37: a graph that means something else by its rows must not be asked."""
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA {change}")
    connection.close()
    with pytest.raises(ConfigError):
        SqliteGraph(path)
