"""What the log promises of writes: ids, order, all or nothing, the same key is one write."""

from __future__ import annotations

import stat
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from alicorn.documents import Audience, AudienceKind, PhotoDocument
from alicorn.documents.partition import partition_of
from alicorn.errors import BadRequest, NotFound, OutOfSpace, TryElsewhere
from alicorn.log import (
    GRAPH_PARTITION,
    Acknowledged,
    DeleteDocument,
    PutDocument,
    PutFriendship,
    PutPerson,
    Reason,
    SetAudience,
    SqliteGraph,
    SqliteLog,
    UpdateLog,
    Write,
)
from alicorn.log.writes import MAX_ID

PUBLIC = Audience(AudienceKind.PUBLIC)
ONLY_ME = Audience(AudienceKind.ONLY_ME)


def photo(content: int = 0, **fields: object) -> PutDocument:
    """Return a public photo of Ada's with the content number ``content``."""
    given = {"author": 1, "audience": PUBLIC, "content_hash": bytes([content]) * 32}
    return PutDocument(PhotoDocument(**(given | fields)))  # type: ignore[arg-type]


def put(log: SqliteLog, write: Write) -> Acknowledged:
    (acknowledged,) = log.append([write])
    return acknowledged


def test_the_log_gives_new_photos_the_next_ids(log: SqliteLog) -> None:
    """Ids are the log's to give; several files of one batch get several."""
    acknowledged = log.append([photo(1), photo(2)])

    assert [one.id for one in acknowledged] == [1, 2]
    assert [one.sequence for one in acknowledged] == [6, 7]
    assert put(log, photo(3)).id == 3


def test_photos_without_a_content_hash_are_all_different(log: SqliteLog) -> None:
    """An empty hash says nothing; two photos must not become one for it."""
    assert put(log, photo(content_hash=b"")).id != put(log, photo(content_hash=b"")).id


def test_a_moved_file_keeps_its_id_and_its_audience(log: SqliteLog, graph: SqliteGraph) -> None:
    """PS-37: a scanner that finds a file again must not widen what its owner narrowed."""
    first = put(log, photo(1, uri="a.jpg"))
    put(log, SetAudience(first.id, ONLY_ME))

    again = put(log, photo(1, uri="moved/a.jpg", audience=PUBLIC))
    (entry,) = log.read(again.sequence - 1, 1)
    written = entry.write()

    assert first.id == again.id
    assert isinstance(written, PutDocument)
    assert ("moved/a.jpg", ONLY_ME, first.id) == (
        written.document.uri,
        written.document.audience,
        written.document.id,
    )
    assert not graph.sight(2, np.array([first.id], dtype=np.uint64)).allowed[0]


def test_a_moved_file_keeps_the_people_on_its_list(log: SqliteLog, graph: SqliteGraph) -> None:
    """The list is part of the audience, in the graph and in what shards replay."""
    audience = Audience(AudienceKind.LIST, (2, 3))
    first = put(log, photo(1, audience=audience))
    again = put(log, photo(1, audience=PUBLIC))
    (entry,) = log.read(again.sequence - 1, 1)

    assert audience == entry.write().document.audience  # type: ignore[union-attr]
    assert [graph.sight(v, np.array([first.id], dtype=np.uint64)).reason[0] for v in (3, 4)] == [
        Reason.LISTED,
        Reason.NONE,
    ]


def test_the_same_content_of_another_author_is_another_photo(log: SqliteLog) -> None:
    """Two people may each have the same picture, with different audiences."""
    assert put(log, photo(1)).id != put(log, photo(1, author=2)).id


def test_the_content_of_a_deleted_photo_gets_a_new_id(log: SqliteLog) -> None:
    """Deleting is final for an id: nothing that still knows it may see the new photo."""
    first = put(log, photo(1))
    put(log, DeleteDocument(first.id))

    assert first.id != put(log, photo(1)).id


def test_the_graph_says_which_photo_a_document_without_an_id_would_be(
    log: SqliteLog, graph: SqliteGraph
) -> None:
    """Who names the id changes audience and caption in one write; so the id must be the same."""
    first = put(log, photo(1))
    other = put(log, photo(1, author=2))
    hash_ = photo(1).document.content_hash

    assert (graph.photo_of(1, hash_), graph.photo_of(2, hash_)) == (first.id, other.id)
    assert (graph.photo_of(3, hash_), graph.photo_of(1, b""), graph.photo_of(1, b"x")) == (0, 0, 0)
    put(log, DeleteDocument(first.id))
    assert graph.photo_of(1, hash_) == 0


def test_a_document_with_an_id_replaces_that_photo(log: SqliteLog, graph: SqliteGraph) -> None:
    """Whoever names the id means that photo, audience included."""
    first = put(log, photo(1, audience=ONLY_ME))
    again = put(log, photo(1, id=first.id, author=2, audience=PUBLIC))

    assert first.id == again.id
    assert [graph.sight(v, np.array([1], dtype=np.uint64)).reason[0] for v in (1, 2)] == [
        Reason.PUBLIC,
        Reason.OWN,
    ]


def test_ids_go_on_after_the_greatest_that_was_given(log: SqliteLog) -> None:
    """A photo that was put with an id of its own never shares it with a later one."""
    put(log, photo(1, id=40))
    put(log, DeleteDocument(40))

    assert put(log, photo(2)).id == 41


def test_no_id_left_is_out_of_space(log: SqliteLog) -> None:
    """The last id must not wrap around into somebody else's photo."""
    put(log, photo(1, id=MAX_ID))

    with pytest.raises(OutOfSpace, match="no id is left"):
        put(log, photo(2))


@pytest.mark.parametrize(
    ("write", "error", "says"),
    [
        (photo(author=9), BadRequest, "no person 9"),
        (photo(audience=Audience(AudienceKind.LIST, (2, 9))), BadRequest, "no person 9"),
        (PutFriendship(1, 9), BadRequest, "no person 9"),
        (DeleteDocument(7), NotFound, "no photo 7"),
        (SetAudience(7, PUBLIC), NotFound, "no photo 7"),
    ],
)
def test_one_impossible_write_refuses_the_whole_batch(
    log: SqliteLog, graph: SqliteGraph, write: Write, error: type[Exception], says: str
) -> None:
    """All or nothing: half a batch would leave a world that nobody described."""
    before = log.latest()
    with pytest.raises(error, match=says):
        log.append([PutPerson(6, "Fay"), PutFriendship(1, 2), write])

    assert before == log.latest() == graph.version()
    assert len(graph.people()) == 5
    assert graph.friends(1).tolist() == []


def test_an_audience_of_a_deleted_photo_is_not_found(log: SqliteLog) -> None:
    """There is nothing to open any more."""
    log.append([photo(1), DeleteDocument(1)])

    with pytest.raises(NotFound, match="no photo 1"):
        put(log, SetAudience(1, PUBLIC))


def test_deleting_again_is_acknowledged_again(log: SqliteLog) -> None:
    """A caller who never heard the answer may ask once more."""
    log.append([photo(1), DeleteDocument(1)])

    assert put(log, DeleteDocument(1)).id == 1


def test_a_write_with_a_known_key_is_the_same_write(path: Path, log: SqliteLog) -> None:
    """A retry after a lost answer must not make a second photo, also after a restart."""
    write = PutDocument(PhotoDocument(author=1), "upload-1")
    first, twin = log.append([write, write])
    log.close()
    reopened = SqliteLog(path)
    again = put(reopened, write)
    latest = reopened.latest()
    reopened.close()

    assert first == twin == again
    assert first.sequence == latest


def test_a_key_that_another_write_had_is_refused(log: SqliteLog) -> None:
    """Acknowledging what was not done would be a lie: the photo would stay public."""
    log.append([photo(1), SetAudience(1, PUBLIC, "change")])

    with pytest.raises(BadRequest, match="'change' was used for another write"):
        put(log, SetAudience(1, ONLY_ME, "change"))


def test_a_refused_write_does_not_use_up_its_key(log: SqliteLog) -> None:
    """Nothing of a batch that was refused stays, its keys included."""
    write = PutFriendship(1, 6, "pair")
    with pytest.raises(BadRequest):
        put(log, write)
    put(log, PutPerson(6, "Fay"))

    assert log.latest() < put(log, write).sequence


def test_reading_gives_every_entry_once_in_order(log: SqliteLog) -> None:
    """A shard that reads on from its place misses nothing and repeats nothing."""
    log.append([photo(n) for n in range(5)])
    entries = []
    after = 0
    while page := log.read(after, 3):
        entries += page
        after = page[-1].sequence

    assert list(range(1, 11)) == [entry.sequence for entry in entries]
    assert log.latest() == after
    assert [entry.write().name for entry in entries[:2]] == ["Ada", "Ben"]  # type: ignore[union-attr]
    assert log.read(2**64 - 1, 1) == []


def test_a_shard_reads_only_its_own_partitions(log: SqliteLog) -> None:
    """A shard can be split without reading what is not its own; the graph's have their own."""
    log.append([photo(n) for n in range(8)])
    mine = {partition_of(1), partition_of(4)}

    assert {1, 4} == {entry.id for entry in log.read(0, 100, mine)}
    assert {GRAPH_PARTITION} == {e.partition for e in log.read(0, 100, [GRAPH_PARTITION])}
    assert len(log.read(0, 100, [GRAPH_PARTITION])) == 5
    assert log.read(0, 100, []) == []


def test_a_limit_below_one_is_a_bad_request(log: SqliteLog) -> None:
    """SQLite would take a negative limit as none at all."""
    with pytest.raises(BadRequest, match="limit must be at least 1, got -1"):
        log.read(0, -1)


def test_waiting_ends_with_the_next_write(log: SqliteLog) -> None:
    """Indexing follows writes at once, not at the next poll of somebody."""
    latest = log.latest()
    seen: list[int] = []
    waiter = threading.Thread(target=lambda: seen.append(log.wait(latest, 20.0)))
    waiter.start()
    put(log, photo(1))
    waiter.join(20.0)

    assert [latest + 1] == seen


def test_waiting_ends_without_a_write_when_its_time_is_over(log: SqliteLog) -> None:
    """A follower comes back to look whether it should stop."""
    started = time.monotonic()

    assert log.latest() == log.wait(log.latest(), 0.05)
    assert time.monotonic() - started >= 0.05


def test_a_closed_log_answers_try_elsewhere(log: SqliteLog, graph: SqliteGraph) -> None:
    """During shutdown late calls get a clear answer, and closing twice is fine."""
    waiting: list[BaseException] = []

    def wait() -> None:
        try:
            log.wait(log.latest(), 20.0)
        except TryElsewhere as error:
            waiting.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.05)
    log.close()
    log.close()
    graph.close()
    waiter.join(20.0)

    assert len(waiting) == 1
    for call in (log.latest, lambda: log.append([photo(1)]), graph.people):
        with pytest.raises(TryElsewhere, match="closed"):
            call()


def test_everything_is_there_after_a_restart(path: Path, log: SqliteLog) -> None:
    """Acknowledged means on disk."""
    log.append([photo(1), PutFriendship(1, 2), photo(2, audience=Audience(AudienceKind.FRIENDS))])
    entries = log.read(0, 100)
    log.close()
    reopened: UpdateLog = SqliteLog(path)
    graph = SqliteGraph(path)

    assert entries == reopened.read(0, 100)
    assert graph.sight(2, np.array([1, 2], dtype=np.uint64)).reason.tolist() == [
        Reason.PUBLIC,
        Reason.FRIEND,
    ]
    assert reopened.append([photo(3)])[0].id == 3
    reopened.close()
    graph.close()


def test_appending_nothing_changes_nothing(log: SqliteLog) -> None:
    """An empty batch is no entry."""
    assert log.append([]) == []
    assert log.latest() == 5


def test_the_file_is_its_owners_alone(path: Path, log: SqliteLog) -> None:
    """PS-37: who may see what is not for other users of the machine."""
    log.append([photo(1)])
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.glob("log.db*")}

    assert {0o600} == modes
