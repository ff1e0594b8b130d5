"""Partitions: every photo has one, every partition one shard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents.partition import (
    PARTITIONS,
    partition_of,
    partitions_of_shard,
    shard_of_partition,
)
from alicorn.errors import ConfigError


@pytest.mark.parametrize("shards", [*range(1, 34), 100, 512, 1000, 1023, 1024])
def test_the_shards_share_out_all_partitions(shards: int) -> None:
    """In order, without gap or overlap, as evenly as can be; both maps say the same."""
    runs = [partitions_of_shard(shard, shards) for shard in range(shards)]

    assert [p for run in runs for p in run] == list(range(PARTITIONS))
    assert {len(run) for run in runs} <= {PARTITIONS // shards, -(-PARTITIONS // shards)}
    for shard, run in enumerate(runs):
        assert {shard_of_partition(partition, shards) for partition in run} == {shard}


@given(document_id=st.integers(0, 2**64 - 1))
def test_every_id_has_a_partition(document_id: int) -> None:
    """Also the greatest."""
    assert 0 <= partition_of(document_id) < PARTITIONS


def test_the_partition_of_an_id_never_changes() -> None:
    """Written once: logs and shards on disk depend on it."""
    assert [partition_of(i) for i in (0, 1, 2, 10**6, 2**64 - 1)] == [955, 405, 432, 542, 713]


def test_ids_in_a_row_are_spread_evenly() -> None:
    """The log counts them up; one shard must not get them all."""
    counts = [0] * 8
    for document_id in range(1, 8_001):
        counts[shard_of_partition(partition_of(document_id), 8)] += 1

    assert min(counts) > 850
    assert max(counts) < 1_150


@pytest.mark.parametrize("shards", [0, -1, 1_025])
def test_an_impossible_number_of_shards_is_a_config_error(shards: int) -> None:
    """With what was found and needed."""
    with pytest.raises(ConfigError, match=r"1\.\.1024"):
        shard_of_partition(0, shards)
    with pytest.raises(ConfigError, match=r"1\.\.1024"):
        partitions_of_shard(0, shards)


@pytest.mark.parametrize("shard", [-1, 2])
def test_a_shard_that_is_not_there_is_a_config_error(shard: int) -> None:
    """Counted from 0."""
    with pytest.raises(ConfigError, match=r"0\.\.1"):
        partitions_of_shard(shard, 2)
