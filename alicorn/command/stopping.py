"""The rack of one process, whose shards can be stopped one by one and started again.

Shards that run are one index server behind the rack, so that they are asked in one call. Each
stopped one is a server of its own that gives no answer: to the rack, and to all above it, it is a
process that has died. It is counted as lost in the coverage, its documents are not fetched, and the
status misses it.

    nothing stopped     rack -> index/0: shards 0, 1, 2, 3
    shard 2 stopped     rack -> index/0: shards 0, 1, 3;  index/shard-2: no answer

The log is applied to a stopped shard all the same. A process that comes back has read the log
before it answers, so nobody can tell; and what was deleted meanwhile is gone when it returns.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final, NoReturn

from google.protobuf.message import Message

from aggregator.direct import Handler
from aggregator.rack.handler import RackHandler
from aggregator.rack.merge import KnownServer
from aggregator.rack.policy import Rack
from alicorn.api.index.v1 import index_pb2
from alicorn.errors import NotFound, TryElsewhere, Unsupported
from indexserver.handler import IndexHandler
from indexserver.shard import Shard

__all__ = ["IndexCall", "StoppableRack"]

_RUNNING: Final = "index/0"


class IndexCall:
    """An index server's handler as the rack calls it (`aggregator.direct.Handler`)."""

    def __init__(self, handler: IndexHandler) -> None:
        self._handler = handler

    def __call__(self, method: str, request: Message, allowed_s: float) -> Message:
        """Answer ``method``; raises `AlicornError`."""
        if isinstance(request, index_pb2.SearchRequest):
            return self._handler.search(request, deadline_s=allowed_s)
        if isinstance(request, index_pb2.FetchRequest):
            return self._handler.fetch(request)
        if isinstance(request, index_pb2.StatusRequest):
            return self._handler.status()
        raise Unsupported(f"an index server answers Search, Fetch and Status, got {method}")


class StoppableRack:
    """A rack over the shards of this process; itself an `aggregator.direct.Handler`. Thread-safe.

    Parameters
    ----------
    shards : sequence of Shard
        Open ones.
    shard_timeout_s : float
        As `Rack`.
    """

    def __init__(self, shards: Sequence[Shard], *, shard_timeout_s: float) -> None:
        self._shards = {shard.config.shard: shard for shard in shards}
        self._shard_timeout_s = shard_timeout_s
        self._changing = threading.Lock()
        self._stopped: frozenset[int] = frozenset()
        self._rack = self._rack_of(self._stopped)

    def __call__(self, method: str, request: Message, allowed_s: float) -> Message:
        """Answer ``method``; raises `AlicornError`, TryElsewhere when every shard is stopped."""
        return self._rack(method, request, allowed_s)

    @property
    def stopped(self) -> frozenset[int]:
        """Numbers of the shards that are stopped."""
        return self._stopped

    def stop_shard(self, number: int) -> None:
        """Let a shard answer nothing from now on; calls at work end as they began.

        Raises
        ------
        NotFound
            If there is no such shard.
        """
        self._change(number, stopped=True)

    def start_shard(self, number: int) -> None:
        """Let a shard answer again; NotFound if there is no such shard."""
        self._change(number, stopped=False)

    def _change(self, number: int, *, stopped: bool) -> None:
        if number not in self._shards:
            raise NotFound(f"found shard {number}, needed one of {sorted(self._shards)}")
        with self._changing:
            now = self._stopped | {number} if stopped else self._stopped - {number}
            self._rack = self._rack_of(now)
            self._stopped = now

    def _rack_of(self, stopped: frozenset[int]) -> RackHandler:
        running = [shard for number, shard in self._shards.items() if number not in stopped]
        servers: dict[str, Handler] = {}
        known: list[KnownServer] = []
        if running:
            servers[_RUNNING] = IndexCall(IndexHandler(running))
            known.append(KnownServer(_RUNNING, len(running)))
        for number in sorted(stopped):
            target = f"index/shard-{number}"
            servers[target] = _dead(number)
            known.append(KnownServer(target, 1, self._shards[number].view.documents))
        return RackHandler(Rack(known, shard_timeout_s=self._shard_timeout_s), servers)


def _dead(number: int) -> Handler:
    """Return a server that gives no answer."""

    def refuse(_method: str, _request: Message, _allowed_s: float) -> NoReturn:
        raise TryElsewhere(f"shard {number} is stopped; start it again to have its photos")

    return refuse
