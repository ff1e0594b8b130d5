"""The rack over gRPC: asynchronous, thin; it parses nothing and decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc

from aggregator.asynchronous import AsyncDriver, AsyncStub
from aggregator.rack.policy import Rack
from alicorn.api.rack.v1 import rack_pb2, rack_pb2_grpc
from alicorn.rpc.status import guarded_async

__all__ = ["RackServicer", "allowed_seconds"]

# A caller that set no deadline is still served for a bounded time.
_WITHOUT_DEADLINE_S = 5.0


def allowed_seconds(context: grpc.aio.ServicerContext[Any, Any]) -> float:
    """Return the seconds that the caller still allows."""
    left = context.time_remaining()
    return _WITHOUT_DEADLINE_S if left is None else min(left, 3600.0)


class RackServicer(rack_pb2_grpc.RackServiceServicer):
    """Speaks protobuf to the top and runs `Rack`."""

    name = "alicorn.api.rack.v1.RackService"

    def __init__(self, rack: Rack, stubs: Mapping[str, AsyncStub]) -> None:
        self._rack = rack
        self._driver = AsyncDriver(stubs)

    def add_to(self, server: Any) -> None:
        """Register with ``server``."""
        rack_pb2_grpc.add_RackServiceServicer_to_server(self, server)

    async def Search(self, request: rack_pb2.SearchRequest, context: Any) -> Any:  # noqa: N802
        """Fan out and merge."""
        policy = self._rack.search(request, allowed_seconds(context))
        return await guarded_async(context, self._driver.run(policy))

    async def Fetch(self, request: rack_pb2.FetchRequest, context: Any) -> Any:  # noqa: N802
        """Fetch whole documents."""
        policy = self._rack.fetch(request, allowed_seconds(context))
        return await guarded_async(context, self._driver.run(policy))

    async def Status(self, request: rack_pb2.StatusRequest, context: Any) -> Any:  # noqa: N802
        """Collect every shard's status."""
        policy = self._rack.status(allowed_seconds(context))
        return await guarded_async(context, self._driver.run(policy))
