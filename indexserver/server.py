"""gRPC over the handler: parses nothing, decides nothing, maps errors to statuses."""

from __future__ import annotations

from typing import Any, Final

import grpc

from alicorn.api.index.v1 import index_pb2, index_pb2_grpc
from alicorn.rpc.status import guarded
from indexserver.handler import IndexHandler

__all__ = ["IndexServicer"]

_NAME: Final = index_pb2.DESCRIPTOR.services_by_name["IndexService"].full_name


class IndexServicer(index_pb2_grpc.IndexServiceServicer):
    """Speaks gRPC to callers and messages to the handler (`alicorn.rpc.servers.Service`)."""

    name = _NAME

    def __init__(self, handler: IndexHandler) -> None:
        self._handler = handler

    def add_to(self, server: Any) -> None:
        """Register the handlers with ``server``."""
        index_pb2_grpc.add_IndexServiceServicer_to_server(self, server)

    def Search(  # noqa: N802 - named by the proto
        self, request: index_pb2.SearchRequest, context: grpc.ServicerContext
    ) -> index_pb2.SearchResponse:
        """See `index.proto`."""
        left = context.time_remaining()
        return guarded(context, lambda: self._handler.search(request, left))

    def SearchBatch(  # noqa: N802 - named by the proto
        self, request: index_pb2.SearchBatchRequest, context: grpc.ServicerContext
    ) -> index_pb2.SearchBatchResponse:
        """See `index.proto`."""
        left = context.time_remaining()
        return guarded(context, lambda: self._handler.search_batch(request, left))

    def Fetch(  # noqa: N802 - named by the proto
        self, request: index_pb2.FetchRequest, context: grpc.ServicerContext
    ) -> index_pb2.FetchResponse:
        """See `index.proto`."""
        return guarded(context, lambda: self._handler.fetch(request))

    def Status(  # noqa: N802 - named by the proto
        self, request: index_pb2.StatusRequest, context: grpc.ServicerContext
    ) -> index_pb2.StatusResponse:
        """See `index.proto`."""
        return guarded(context, self._handler.status)
