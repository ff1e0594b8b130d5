"""The rack in one process: its three methods as a plain call."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.message import Message

from aggregator.direct import DirectDriver, Handler
from aggregator.rack.policy import Rack
from alicorn.api.rack.v1 import rack_pb2
from alicorn.errors import Unsupported

__all__ = ["RackHandler"]


class RackHandler:
    """Runs `Rack` by calling the index servers' handlers directly; itself an `aggregator` Handler.

    Parameters
    ----------
    rack : Rack
    servers : mapping
        Handler of each index server, by the targets of ``rack``.
    """

    def __init__(self, rack: Rack, servers: Mapping[str, Handler]) -> None:
        self._rack = rack
        self._driver = DirectDriver(servers)

    def __call__(self, method: str, request: Message, allowed_s: float) -> Message:
        """Answer ``method``; raises `AlicornError`."""
        if isinstance(request, rack_pb2.SearchRequest):
            return self._driver.run(self._rack.search(request, allowed_s))
        if isinstance(request, rack_pb2.FetchRequest):
            return self._driver.run(self._rack.fetch(request, allowed_s))
        if isinstance(request, rack_pb2.StatusRequest):
            return self._driver.run(self._rack.status(allowed_s))
        raise Unsupported(f"a rack answers Search, Fetch and Status, got {method}")
