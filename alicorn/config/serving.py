"""How a query is served: how much is retrieved, merged and shown, and how long it may take."""

from __future__ import annotations

import math
from dataclasses import dataclass

from alicorn.errors import ConfigError

__all__ = ["ServingConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingConfig:
    """The numbers of PS-40, PS-41 and PS-43."""

    retrieve_limit: int = 1_000
    """Hits that a shard retrieves and scores with the first stage, in [1, 100000]."""
    shard_hits: int = 300
    """M: hits that a shard returns to its rack, in [1, 10000]."""
    rack_hits: int = 500
    """N: hits that a rack returns to the top, in [1, 10000]; the second stage sees these."""
    shard_timeout_s: float = 0.5
    """Wait this long for an index server, then answer without it and say so."""
    search_timeout_s: float = 2.0
    """Most time for a whole search."""
    max_limit: int = 500
    """Most photos shown in a module."""

    shard_memory_mib: int = 0
    """MiB of posting lists that a shard keeps in memory; it packs the others and reads them from
    flash when they are asked for. 0 keeps all of them in memory."""
    shard_threads: int = 1
    """Threads that may share one heavy query of a shard, in [1, 256]. Other queries wait for them:
    more is for shards that are asked seldom."""

    def __post_init__(self) -> None:
        for name, value, most in (
            ("retrieve_limit", self.retrieve_limit, 100_000),
            ("shard_hits", self.shard_hits, 10_000),
            ("rack_hits", self.rack_hits, 10_000),
            ("max_limit", self.max_limit, 10_000),
            ("shard_threads", self.shard_threads, 256),
        ):
            if not 1 <= value <= most:
                raise ConfigError(f"{name} must be in 1..{most}, got {value}")
        if self.shard_memory_mib < 0:
            raise ConfigError(f"shard_memory_mib must not be negative, got {self.shard_memory_mib}")
        for name, seconds in (
            ("shard_timeout_s", self.shard_timeout_s),
            ("search_timeout_s", self.search_timeout_s),
        ):
            if not 0 < seconds < math.inf:
                raise ConfigError(f"{name} must be positive and finite, got {seconds}")
