"""`SearchService` over gRPC, twice: synchronous over a handler, asynchronous over a rack's stub."""

from __future__ import annotations

from typing import Any, Final

import grpc

from aggregator.asynchronous import AsyncDriver, AsyncStub
from aggregator.rack.server import allowed_seconds
from aggregator.top.handler import TopHandler
from aggregator.top.measured import measured
from aggregator.top.top import Top
from alicorn.api.search.v1 import search_pb2, search_pb2_grpc
from alicorn.rpc.status import guarded, guarded_async
from alicorn.telemetry import Metrics

__all__ = ["AsyncSearchServicer", "SearchServicer"]

_NAME: Final = "alicorn.api.search.v1.SearchService"

# gRPC reports a call without deadline as one of centuries.
_LONGEST_S: Final = 3_600.0


def _allowed(context: grpc.ServicerContext) -> float | None:
    left = context.time_remaining()
    return None if left is None or left > _LONGEST_S else left


class SearchServicer(search_pb2_grpc.SearchServiceServicer):
    """One process: speaks protobuf to frontends and calls `TopHandler`."""

    name = _NAME

    def __init__(self, handler: TopHandler) -> None:
        self._handler = handler

    def add_to(self, server: Any) -> None:
        """Register with ``server``."""
        search_pb2_grpc.add_SearchServiceServicer_to_server(self, server)

    def Search(self, request: search_pb2.SearchRequest, context: Any) -> Any:  # noqa: N802
        """Answer a query."""
        return guarded(context, lambda: self._handler.search(request, _allowed(context)))

    def Explain(self, request: search_pb2.ExplainRequest, context: Any) -> Any:  # noqa: N802
        """Explain one photo."""
        return guarded(context, lambda: self._handler.explain(request, _allowed(context)))

    def GetPicture(self, request: search_pb2.GetPictureRequest, context: Any) -> Any:  # noqa: N802
        """Return a small picture."""
        return guarded(context, lambda: self._handler.get_picture(request, _allowed(context)))

    def ListViewers(  # noqa: N802
        self, request: search_pb2.ListViewersRequest, context: Any
    ) -> Any:
        """Name the people."""
        return guarded(context, lambda: self._handler.list_viewers(request, _allowed(context)))

    def GetStatus(self, request: search_pb2.GetStatusRequest, context: Any) -> Any:  # noqa: N802
        """Say what is served."""
        return guarded(context, lambda: self._handler.get_status(request, _allowed(context)))


class AsyncSearchServicer(search_pb2_grpc.SearchServiceServicer):
    """A cluster: speaks protobuf to frontends and runs `Top` over a rack's stub."""

    name = _NAME

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
