"""A segment as a shard keeps it: written by its storage, mapped from the file."""

from __future__ import annotations

from pathlib import Path

from indexserver.config import ShardConfig
from indexserver.postings.segment import Segment
from indexserver.storage import Storage
from indexserver.view import SegmentView

__all__ = ["opened", "stored"]


def stored(segment: Segment, folder: Path, *, budget: int | None = None) -> SegmentView:
    """Write ``segment`` into the shard's ``folder`` and return it as it is read from there.

    ``budget`` is the bytes of lists that may stay in memory; None for all of them.
    """
    storage = Storage(ShardConfig(directory=folder, memory_budget_bytes=budget))
    storage.load()
    try:
        (part,) = storage.seal((), (SegmentView(segment),), 1).parts
    finally:
        storage.release()
    return part


def opened(folder: Path, *, budget: int | None = None) -> SegmentView:
    """Return the segment that is stored in ``folder``, opened anew: nothing of it is thawed."""
    config = ShardConfig(directory=folder, memory_budget_bytes=budget, writable=False)
    (part,) = Storage(config).load().parts
    return part
