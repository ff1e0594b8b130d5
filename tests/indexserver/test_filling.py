"""A shard that was filled is a shard that applied the same log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from alicorn.documents.batch import PhotoBatch
from alicorn.documents.partition import partition_of, partitions_of_shard
from alicorn.errors import BadRequest, ConfigError
from alicorn.log import Entry, EntryKind, PutDocument
from alicorn.log.bulk import rows_of_photos
from alicorn.log.codec import encode
from indexserver.config import ShardConfig
from indexserver.filling import ShardFilling
from indexserver.manifest import MANIFEST
from indexserver.postings.batch import build_batch, terms_of_batch
from indexserver.shard import Shard
from loadtest.world.generator import World

_SHARD, _SHARDS = 1, 2


@pytest.fixture(scope="module")
def batch() -> PhotoBatch:
    return World(people=30, photos=240, seed=2).block(0, first_sequence=1)


def _segments(batch: PhotoBatch, runs: int, shard: int = _SHARD) -> list[bytes]:
    """Return the segments of a shard for ``runs`` equal runs of the log."""
    terms = terms_of_batch(batch)
    mine = np.array(
        [partition_of(i) in partitions_of_shard(shard, _SHARDS) for i in batch.ids.tolist()]
    )
    size = len(batch) // runs
    run = np.arange(len(batch)) // size
    return [
        build_batch(
            batch,
            terms,
            mine & (run == number),
            first_sequence=number * size + 1,
            last_sequence=(number + 1) * size,
        )
        for number in range(runs)
    ]


def _config(path: Path) -> ShardConfig:
    return ShardConfig(directory=path, shard=_SHARD, shards=_SHARDS)


def test_a_filled_shard_is_to_the_byte_one_that_applied_the_log(
    tmp_path: Path, batch: PhotoBatch
) -> None:
    """Documents, place in the log, and the segment's file."""
    entries = [
        Entry(sequence, partition, EntryKind(kind), id_, payload)
        for sequence, partition, kind, id_, payload in rows_of_photos(batch).entries
    ]
    with Shard(_config(tmp_path / "applied")) as applied:
        applied.apply(entries)
        applied.seal()
        expected, documents = applied.status(), applied.fetch(batch.ids.tolist())
    with ShardFilling(_config(tmp_path / "filled")) as filling:
        for segment in _segments(batch, runs=3):
            filling.add(segment)
        filling.finish(len(batch))

    with Shard(_config(tmp_path / "filled")) as filled:
        assert expected == filled.status()
        assert documents == filled.fetch(batch.ids.tolist())
        assert documents == [batch.document(d.id - 1) for d in documents]
        assert len(documents) > 50
    (one,), (other,) = (list((tmp_path / name).glob("*.alc")) for name in ("applied", "filled"))
    assert one.read_bytes() == other.read_bytes()


def test_a_filled_shard_goes_on_with_the_log(tmp_path: Path, batch: PhotoBatch) -> None:
    with ShardFilling(_config(tmp_path)) as filling:
        filling.add(_segments(batch, runs=1)[0])
        filling.finish(len(batch) + 10)

    with Shard(_config(tmp_path)) as shard:
        known = shard.status().documents
        id_ = next(i for i in range(1_000, 2_000) if partition_of(i) in shard.partitions)
        write = PutDocument(replace(batch.document(0), id=id_))
        partition = partition_of(id_)
        late = len(batch) + 11
        shard.apply([Entry(late, partition, EntryKind.PUT_DOCUMENT, id_, encode(write))])

        assert shard.status().documents == known + 1
        assert shard.sequence == late


def test_a_shard_that_holds_something_is_not_filled(tmp_path: Path, batch: PhotoBatch) -> None:
    with ShardFilling(_config(tmp_path)) as filling:
        filling.finish(7)

    with pytest.raises(ConfigError, match="needed an empty one"):
        ShardFilling(_config(tmp_path))
    with Shard(_config(tmp_path)) as shard:
        assert shard.sequence == 7


def test_segments_of_another_shard_or_out_of_order_are_refused(
    tmp_path: Path, batch: PhotoBatch
) -> None:
    """Such a photo would be found, and never changed or deleted."""
    with ShardFilling(_config(tmp_path)) as filling:
        with pytest.raises(BadRequest, match="shard 1 holds"):
            filling.add(_segments(batch, runs=1, shard=0)[0])
        first, second = _segments(batch, runs=2)
        filling.add(second)
        with pytest.raises(BadRequest, match="in the order of the log"):
            filling.add(first)
        with pytest.raises(BadRequest, match="holds the log up to"):
            filling.finish(3)


def test_a_shard_that_is_being_filled_has_no_other_writer(tmp_path: Path) -> None:
    with ShardFilling(_config(tmp_path)), pytest.raises(ConfigError, match="another process"):
        Shard(_config(tmp_path)).open()
    assert not (tmp_path / MANIFEST).exists()
