"""A shard follows writes, survives restarts and damage, and is read while it is written."""

from __future__ import annotations

import errno
import os
import random
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alicorn.documents import Audience, AudienceKind, PhotoDocument
from alicorn.documents.partition import partition_of, shard_of_partition
from alicorn.errors import (
    ConfigError,
    CorruptIndex,
    OutOfSpace,
    ShardLoading,
)
from alicorn.log import DeleteDocument, PutDocument, PutFriendship, SetAudience
from alicorn.query import parse
from indexserver.config import ShardConfig
from indexserver.execution.retrieve import Order
from indexserver.search import ShardSearch
from indexserver.shard import Shard

ALL = ShardSearch(expression=parse("(all)"), retrieve_limit=10_000, limit=10_000)


def photo(document_id: int, **fields) -> PhotoDocument:
    return PhotoDocument(id=document_id, author=1, **fields)


def ids_of(shard: Shard, text: str) -> list[int]:
    search = replace(ALL, expression=parse(text), order=Order.STATIC)
    return shard.search(search).hits.ids.tolist()


def contents(shard: Shard) -> dict[int, PhotoDocument]:
    ids = ids_of(shard, "(all)")
    return dict(zip(ids, shard.fetch(ids), strict=True))


@pytest.fixture
def shard(tmp_path):
    with Shard(ShardConfig(directory=tmp_path / "shard", seal_documents=100)).open() as opened:
        yield opened


def test_a_put_replaces_the_older_version(shard, worlds):
    """One photo is one hit, with its newest terms only."""
    shard.apply([worlds.entry(1, PutDocument(photo(7, caption="old cat", sort_key=1)))])
    shard.seal()
    shard.apply([worlds.entry(2, PutDocument(photo(7, caption="new dog", sort_key=9)))])
    shard.apply([worlds.entry(3, PutDocument(photo(7, caption="newest fish", sort_key=3)))])

    assert ids_of(shard, "(or text:cat text:dog)") == []
    assert ids_of(shard, "text:fish") == [7]
    assert shard.status().documents == 1


def test_a_delete_takes_the_photo_out_of_every_list(shard, worlds):
    """And out of `fetch`; deleting what is unknown is nothing."""
    shard.apply([worlds.entry(i, PutDocument(photo(i, caption="cat"))) for i in (1, 2, 3)])
    shard.seal()
    shard.apply([worlds.entry(4, DeleteDocument(2)), worlds.entry(5, DeleteDocument(99))])

    assert ids_of(shard, "text:cat") == [1, 3]
    assert [d.id for d in shard.fetch([3, 2, 99, 1])] == [3, 1]


def test_a_narrowed_audience_changes_the_audience_and_nothing_else(shard, worlds):
    """The terms, the column and the document follow the log."""
    public = photo(5, caption="cat", audience=Audience(AudienceKind.PUBLIC))
    shard.apply([worlds.entry(1, PutDocument(public))])
    narrow = Audience(AudienceKind.LIST, (4, 8))
    shard.apply([worlds.entry(2, SetAudience(5, narrow)), worlds.entry(3, SetAudience(6, narrow))])

    assert ids_of(shard, "audience:public") == []
    assert ids_of(shard, "(and listed:8 text:cat)") == [5]
    assert shard.fetch([5]) == [replace(public, audience=narrow)]
    columns = shard.search(replace(ALL, with_columns=True)).hits.columns
    assert columns is not None
    assert columns.audiences.tolist() == [int(AudienceKind.LIST)]


def test_several_writes_to_one_photo_in_one_batch_count_in_order(shard, worlds):
    """A batch is only a matter of reading."""
    narrow = Audience(AudienceKind.ONLY_ME)
    shard.apply(
        [
            worlds.entry(1, PutDocument(photo(1, caption="a"))),
            worlds.entry(2, PutDocument(photo(1, caption="b"))),
            worlds.entry(3, SetAudience(1, narrow)),
            worlds.entry(4, PutDocument(photo(2, caption="c"))),
            worlds.entry(5, DeleteDocument(2)),
            worlds.entry(6, SetAudience(2, narrow)),
        ]
    )

    assert contents(shard) == {1: photo(1, caption="b", audience=narrow)}


def test_only_the_own_partitions_are_taken_and_friendships_passed_over(tmp_path, worlds):
    """Two shards of two hold everything once; both come to the same place in the log."""
    entries = [worlds.entry(i, PutDocument(photo(i))) for i in range(1, 41)]
    entries.append(worlds.entry(41, PutFriendship(1, 2)))
    for number in (0, 1):
        config = ShardConfig(directory=tmp_path / str(number), shard=number, shards=2)
        with Shard(config).open() as shard:
            shard.apply(entries)
            own = [i for i in range(1, 41) if shard_of_partition(partition_of(i), 2) == number]

            assert sorted(ids_of(shard, "(all)")) == own
            assert shard.sequence == 41


def test_entries_applied_before_are_passed_over(shard, worlds):
    """A replay that begins too early does no harm."""
    shard.apply([worlds.entry(5, PutDocument(photo(1, caption="new")))])
    shard.apply([worlds.entry(4, DeleteDocument(1)), worlds.entry(5, DeleteDocument(1))])

    assert ids_of(shard, "text:new") == [1]


class Model:
    """What a shard should hold: a dictionary."""

    def __init__(self) -> None:
        self.documents: dict[int, PhotoDocument] = {}

    def apply(self, write) -> None:
        match write:
            case PutDocument(document=document):
                self.documents[document.id] = document
            case DeleteDocument(id=document_id):
                self.documents.pop(document_id, None)
            case SetAudience(id=document_id, audience=audience):
                if document_id in self.documents:
                    now = self.documents[document_id]
                    self.documents[document_id] = replace(now, audience=audience)


def random_write(rng: random.Random, worlds):
    document_id = rng.randint(1, 40)
    kind = rng.random()
    if kind < 0.7:
        return PutDocument(worlds.document(rng, document_id))
    if kind < 0.85:
        return DeleteDocument(document_id)
    return SetAudience(document_id, Audience(AudienceKind.ONLY_ME))


@settings(max_examples=25)
@given(data=st.data())
def test_restarts_seals_and_merges_change_no_byte_of_an_answer(
    oracle, worlds, tmp_path_factory, data
):
    """PS-01: nothing acknowledged is lost; a manifest and the log give back exactly what was there.

    Random writes in random batches, with crashes (close without seal), seals and merges between,
    against a dictionary and the oracle.
    """
    rng = random.Random(data.draw(worlds.seeds))
    folder = tmp_path_factory.mktemp("shard")
    config = ShardConfig(directory=folder, seal_documents=12, merge_segments=2)
    log, model = [], Model()
    shard = Shard(config).open()
    for _ in range(12):
        batch = [random_write(rng, worlds) for _ in range(rng.randint(1, 8))]
        for write in batch:
            log.append(worlds.entry(len(log) + 1, write))
            model.apply(write)
        shard.apply(log[-len(batch) :])
        if rng.random() < 0.2:
            shard.seal()
        if rng.random() < 0.3:
            shard.close()
            shard = Shard(config).open()
            shard.apply([entry for entry in log if entry.sequence > shard.sequence])
    with shard:
        assert contents(shard) == model.documents
        world = oracle.World([oracle.Part(list(model.documents.values()))])
        for _ in range(5):
            expr = data.draw(worlds.expressions)
            expected, matched, cuts = oracle.search(
                world, expr, static=False, limit=10, arrays=worlds.ID_ARRAYS
            )
            answer = shard.search(
                ShardSearch(expression=expr, id_arrays=worlds.ID_ARRAYS, retrieve_limit=10)
            )
            assert expected == list(
                zip(answer.hits.ids.tolist(), answer.hits.scores[0].tolist(), strict=True)
            )
            assert (matched, cuts) == (answer.matched, answer.cuts)


def test_sealing_keeps_segments_few(tmp_path, worlds):
    """More than eight of a size become one, and no file of the old ones stays."""
    config = ShardConfig(directory=tmp_path, seal_documents=2)
    with Shard(config).open() as shard:
        for i in range(1, 201):
            shard.apply([worlds.entry(i, PutDocument(photo(i)))])

        assert shard.status().segments <= 20
        assert sorted(ids_of(shard, "(all)")) == list(range(1, 201))
        named = {part.segment.name for part in shard.view.segments[:-1]}
        assert {path.name for path in tmp_path.glob("*.alc")} >= named
        assert len(list(tmp_path.glob("*.alc"))) <= len(named) + 1


def test_a_half_dead_segment_is_written_again(shard, worlds):
    """Deleted photos leave the disk."""
    shard.apply([worlds.entry(i, PutDocument(photo(i, caption="secret"))) for i in range(1, 9)])
    shard.seal()
    shard.apply([worlds.entry(10 + i, DeleteDocument(i)) for i in range(1, 6)])
    shard.seal()

    assert [part.segment.documents for part in shard.view.segments] == [3]


def test_every_damaged_file_is_refused_and_the_way_out_is_named(tmp_path, worlds):
    """A damaged segment or manifest is never served; removing the folder rebuilds from the log."""
    config = ShardConfig(directory=tmp_path / "shard")
    entries = [worlds.entry(i, PutDocument(photo(i, caption="cat"))) for i in range(1, 9)]
    with Shard(config).open() as shard:
        shard.apply(entries)
        shard.apply([worlds.entry(9, DeleteDocument(3))])
        shard.seal()
    for path in sorted(p for p in config.directory.iterdir() if p.name != "lock"):
        whole = path.read_bytes()
        for position in range(0, len(whole), 97):
            damaged = bytearray(whole)
            damaged[position] ^= 1
            path.write_bytes(damaged)
            with pytest.raises(
                CorruptIndex, match=rf"{path.name}.*section '.*rebuilt from the log"
            ):
                Shard(config).open()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(CorruptIndex, match=path.name):
            Shard(config).open()
        path.write_bytes(whole)
    for path in config.directory.glob("*.alc"):
        path.unlink()
    with pytest.raises(CorruptIndex, match="missing"):
        Shard(config).open()
    for path in config.directory.iterdir():
        path.unlink()
    with Shard(config).open() as shard:
        shard.apply(entries)
        assert len(ids_of(shard, "text:cat")) == 8


def test_a_full_disk_loses_nothing(tmp_path, worlds, monkeypatch):
    """Sealing fails by name, searches go on from memory, and the next seal succeeds."""
    config = ShardConfig(directory=tmp_path / "shard")
    with Shard(config).open() as shard:
        shard.apply([worlds.entry(1, PutDocument(photo(1, caption="cat")))])
        shard.seal()
        shard.apply([worlds.entry(2, PutDocument(photo(2, caption="cat")))])

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "no space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(OutOfSpace, match="no room for segment-000002"):
                shard.seal()
        assert ids_of(shard, "text:cat") == [1, 2]
    with Shard(config).open() as shard:
        assert shard.sequence == 1
        shard.apply([worlds.entry(2, PutDocument(photo(2, caption="cat")))])
        shard.seal()
    with Shard(config).open() as shard:
        assert ids_of(shard, "text:cat") == [1, 2]


def test_a_folder_has_one_writer_and_any_number_of_readers(tmp_path, worlds):
    """Two writers would each undo the other's manifest."""
    config = ShardConfig(directory=tmp_path / "shard")
    with Shard(config).open() as shard:
        shard.apply([worlds.entry(1, PutDocument(photo(1)))])
        shard.seal()
        with pytest.raises(ConfigError, match="written by another process"):
            Shard(config).open()
        with Shard(replace(config, writable=False)).open() as reader:
            reader.apply([worlds.entry(2, PutDocument(photo(2)))])

            assert ids_of(reader, "(all)") == [1, 2]
            with pytest.raises(ConfigError, match="read-only"):
                reader.seal()
        assert ids_of(shard, "(all)") == [1]
    with Shard(config).open() as shard:
        assert ids_of(shard, "(all)") == [1]


def test_a_folder_of_another_shard_is_refused(tmp_path, worlds):
    """After the number of shards has changed, each is built again."""
    with Shard(ShardConfig(directory=tmp_path)).open() as shard:
        shard.apply([worlds.entry(1, PutDocument(photo(1)))])
        shard.seal()

    with pytest.raises(ConfigError, match="is shard 0 of 1, needed 1 of 2"):
        Shard(ShardConfig(directory=tmp_path, shard=1, shards=2)).open()


def test_a_shard_that_is_not_open_says_so(tmp_path):
    """Another replica may answer meanwhile."""
    shard = Shard(ShardConfig(directory=tmp_path))
    with pytest.raises(ShardLoading):
        shard.search(ALL)
    with pytest.raises(ShardLoading):
        shard.status()


def test_the_status_counts_what_is_there(shard, worlds):
    """Bytes by part are reported for the index as it is served."""
    shard.apply([worlds.entry(i, PutDocument(photo(i, caption="cat"))) for i in range(1, 6)])
    status = shard.status()

    assert (status.documents, status.sequence, status.shards) == (5, 5, 1)
    assert set(status.bytes_by_part) >= {"postings", "dictionary", "columns", "codes", "documents"}
    assert all(size > 0 for size in status.bytes_by_part.values())


def test_searches_go_on_while_the_shard_is_written(tmp_path, worlds):
    """A reader sees whole states: photos 2k-1 and 2k are written together and found together."""
    config = ShardConfig(directory=tmp_path, seal_documents=16, merge_segments=2)
    failures: list[str] = []
    done = threading.Event()
    with Shard(config).open() as shard:

        def read() -> None:
            while not done.is_set():
                try:
                    found = sorted(ids_of(shard, "text:cat"))
                    if found != list(range(1, len(found) + 1)) or len(found) % 2:
                        failures.append(f"found {found}")
                    if len(shard.fetch(found)) != len(found):
                        failures.append("a found photo could not be fetched")
                except Exception as error:
                    failures.append(repr(error))

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        try:
            for i in range(1, 121, 2):
                pair = [PutDocument(photo(j, caption="cat")) for j in (i, i + 1)]
                shard.apply([worlds.entry(i + j, write) for j, write in enumerate(pair)])
        finally:
            done.set()
            for reader in readers:
                reader.join()

        assert failures == []
        assert len(ids_of(shard, "text:cat")) == 120
