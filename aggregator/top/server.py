"""`SearchService` over gRPC, asynchronous over a rack's stub: what a cluster serves."""

from __future__ import annotations

from typing import Any

from aggregator.asynchronous import AsyncDriver, AsyncStub
from aggregator.rack.server import allowed_seconds
from aggregator.top.measured import measured
from aggregator.top.servicer import SERVICE
from aggregator.top.top import Top
from alicorn.api.search.v1 import search_pb2, search_pb2_grpc
from alicorn.rpc.status import guarded_async
from alicorn.telemetry import Metrics

__all__ = ["AsyncSearchServicer"]


class AsyncSearchServicer(search_pb2_grpc.SearchServiceServicer):
    """A cluster: speaks protobuf to frontends and runs `Top` over a rack's stub."""

    name = SERVICE

    def __init__(self, top: Top, rack: AsyncStub, metrics: Metrics | None = None) -> None:
        self._top = top
        self._driver = AsyncDriver({"rack": rack})
        self._metrics = metrics

    def add_to(self, server: Any) -> None:
        """Register with ``server``."""
        search_pb2_grpc.add_SearchServiceServicer_to_server(self, server)

    async def Search(self, request: search_pb2.SearchRequest, context: Any) -> Any:  # noqa: N802
        """Answer a query."""
        policy = measured(self._top.search(request, allowed_seconds(context)), self._metrics)
        return await guarded_async(context, self._driver.run(policy))

    async def Explain(self, request: search_pb2.ExplainRequest, context: Any) -> Any:  # noqa: N802
        """Explain one photo."""
        policy = self._top.explain(request, allowed_seconds(context))
        return await guarded_async(context, self._driver.run(policy))

    async def GetPicture(  # noqa: N802
        self, request: search_pb2.GetPictureRequest, context: Any
    ) -> Any:
        """Return a small picture."""
        policy = self._top.get_picture(request, allowed_seconds(context))
        return await guarded_async(context, self._driver.run(policy))

    async def ListViewers(  # noqa: N802
        self, request: search_pb2.ListViewersRequest, context: Any
    ) -> Any:
        """Name the people."""
        policy = self._top.list_viewers(request, allowed_seconds(context))
        return await guarded_async(context, self._driver.run(policy))

    async def GetStatus(  # noqa: N802
        self, request: search_pb2.GetStatusRequest, context: Any
    ) -> Any:
        """Say what is served."""
        policy = self._top.get_status(request, allowed_seconds(context))
        return await guarded_async(context, self._driver.run(policy))
