"""`SearchService` over gRPC by plain calls: what one process serves.

It needs no more of whom it asks than the five calls, so a port can be bound, and a request told to
wait, before anything that answers searches has been loaded.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

import grpc

from alicorn.api.search.v1 import search_pb2, search_pb2_grpc
from alicorn.rpc.status import guarded

__all__ = ["SERVICE", "Answers", "SearchServicer"]

SERVICE: Final = "alicorn.api.search.v1.SearchService"

# gRPC reports a call without deadline as one of centuries.
_LONGEST_S: Final = 3_600.0


class Answers(Protocol):
    """The five methods of the service as plain calls (`aggregator.top.handler.TopHandler`).

    ``allowed_s`` is what the caller still allows; None leaves it to whoever answers. All raise
    subclasses of `AlicornError`.
    """

    def search(
        self, request: search_pb2.SearchRequest, allowed_s: float | None = None
    ) -> search_pb2.SearchResponse:
        """Answer a query for a viewer."""
        ...

    def explain(
        self, request: search_pb2.ExplainRequest, allowed_s: float | None = None
    ) -> search_pb2.ExplainResponse:
        """Tell why one photo stands where it stands."""
        ...

    def get_picture(
        self, request: search_pb2.GetPictureRequest, allowed_s: float | None = None
    ) -> search_pb2.GetPictureResponse:
        """Return a small picture, to those who may see the photo."""
        ...

    def list_viewers(
        self, request: search_pb2.ListViewersRequest, allowed_s: float | None = None
    ) -> search_pb2.ListViewersResponse:
        """Name the people whom one may search as."""
        ...

    def get_status(
        self, request: search_pb2.GetStatusRequest, allowed_s: float | None = None
    ) -> search_pb2.GetStatusResponse:
        """Say what is served and how far understanding has come."""
        ...


def _allowed(context: grpc.ServicerContext) -> float | None:
    left = context.time_remaining()
    return None if left is None or left > _LONGEST_S else left


class SearchServicer(search_pb2_grpc.SearchServiceServicer):
    """Speaks protobuf to frontends and calls whoever answers in this process."""

    name = SERVICE

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def add_to(self, server: Any) -> None:
        """Register with ``server``."""
        search_pb2_grpc.add_SearchServiceServicer_to_server(self, server)

    def Search(self, request: search_pb2.SearchRequest, context: Any) -> Any:  # noqa: N802
        """Answer a query."""
        return guarded(context, lambda: self._answers.search(request, _allowed(context)))

    def Explain(self, request: search_pb2.ExplainRequest, context: Any) -> Any:  # noqa: N802
        """Explain one photo."""
        return guarded(context, lambda: self._answers.explain(request, _allowed(context)))

    def GetPicture(self, request: search_pb2.GetPictureRequest, context: Any) -> Any:  # noqa: N802
        """Return a small picture."""
        return guarded(context, lambda: self._answers.get_picture(request, _allowed(context)))

    def ListViewers(  # noqa: N802
        self, request: search_pb2.ListViewersRequest, context: Any
    ) -> Any:
        """Name the people."""
        return guarded(context, lambda: self._answers.list_viewers(request, _allowed(context)))

    def GetStatus(self, request: search_pb2.GetStatusRequest, context: Any) -> Any:  # noqa: N802
        """Say what is served."""
        return guarded(context, lambda: self._answers.get_status(request, _allowed(context)))
