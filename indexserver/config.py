"""Settings of one shard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alicorn.documents.partition import PARTITIONS
from alicorn.errors import ConfigError

__all__ = ["ShardConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardConfig:
    """Where a shard is kept, and when it is written."""

    directory: Path
    """Holds nothing else; may be removed at any time while nobody has it open, and is then made
    again from the log."""
    shard: int = 0
    """Number of this shard, from 0."""
    shards: int = 1
    """Shards of the collection."""
    seal_documents: int = 4_096
    """Write the segments in memory to disk when they hold this many documents. Only a replay after
    a crash gets longer with more."""
    merge_segments: int = 8
    """Merge the segments of one size class when there are more than this. Each segment costs a
    query some 50 microseconds of look-ups."""
    memory_budget_bytes: int | None = None
    """Keep posting lists of this many bytes in memory and read the others from flash when they are
    asked for; None keeps all of them in memory. See `indexserver.budget`. What is on disk follows
    as it is sealed and merged."""
    threads: int = 1
    """Threads that may share the windows of one heavy query."""
    statistics: Path | None = None
    """Folder of the collection's text statistics; without it text scores are 0."""
    writable: bool = True
    """False to read a shard that another process writes; it follows the log in memory only."""

    def __post_init__(self) -> None:
        if not 1 <= self.shards <= PARTITIONS:
            raise ConfigError(f"shards must be in 1..{PARTITIONS}, got {self.shards}")
        if not 0 <= self.shard < self.shards:
            raise ConfigError(f"shard must be in 0..{self.shards - 1}, got {self.shard}")
        if self.seal_documents < 1:
            raise ConfigError(f"seal_documents must be positive, got {self.seal_documents}")
        if self.memory_budget_bytes is not None and self.memory_budget_bytes < 0:
            raise ConfigError(
                f"memory_budget_bytes must not be negative, got {self.memory_budget_bytes}"
            )
        if self.threads < 1:
            raise ConfigError(f"threads must be positive, got {self.threads}")
        if self.merge_segments < 2:
            raise ConfigError(f"merge_segments must be at least 2, got {self.merge_segments}")
