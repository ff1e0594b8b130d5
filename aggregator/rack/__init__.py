"""The rack aggregator: the same question to every shard below it, answers merge-sorted (PS-41)."""

from __future__ import annotations

__all__: list[str] = []
