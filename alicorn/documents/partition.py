"""Where a document lives: 1,024 fixed partitions, mapped to shards.

Partitions never change; the number of shards may, and then whole partitions move. The log is
partitioned the same way, so that a shard can be split without reading what is not its own.
"""

from __future__ import annotations

from typing import Final

import xxhash

from alicorn.errors import ConfigError

__all__ = ["PARTITIONS", "partition_of", "partitions_of_shard", "shard_of_partition"]

PARTITIONS: Final = 1_024


def partition_of(document_id: int) -> int:
    """Return the partition of ``document_id``: xxHash64 of its 8 little-endian bytes, modulo.

    >>> partition_of(1) == xxhash.xxh64_intdigest((1).to_bytes(8, "little")) % 1024
    True
    """
    return xxhash.xxh64_intdigest(document_id.to_bytes(8, "little")) % PARTITIONS


def shard_of_partition(partition: int, shards: int) -> int:
    """Return which of ``shards`` holds ``partition``: equal runs, in order."""
    if not 1 <= shards <= PARTITIONS:
        raise ConfigError(f"shards must be in 1..{PARTITIONS}, got {shards}")
    return partition * shards // PARTITIONS


def partitions_of_shard(shard: int, shards: int) -> range:
    """Return the partitions that ``shard`` of ``shards`` holds.

    >>> partitions_of_shard(1, 2)
    range(512, 1024)
    """
    if not 1 <= shards <= PARTITIONS:
        raise ConfigError(f"shards must be in 1..{PARTITIONS}, got {shards}")
    if not 0 <= shard < shards:
        raise ConfigError(f"shard must be in 0..{shards - 1}, got {shard}")
    first = -(-shard * PARTITIONS // shards)
    end = -(-(shard + 1) * PARTITIONS // shards)
    return range(first, end)
