"""A synchronous client of `SearchService`: messages in, messages or `AlicornError` out."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Final, TypeVar

import grpc

from alicorn.api.search.v1 import search_pb2, search_pb2_grpc
from alicorn.errors import TryElsewhere
from alicorn.rpc.channels import sync_channel
from alicorn.rpc.status import error_of

__all__ = ["SearchClient"]

Request = TypeVar("Request")
Response = TypeVar("Response")

_SERVICE: Final = "alicorn.api.search.v1.SearchService"


class SearchClient:
    """Asks one SearchService; safe for threads.

    Every method raises the `AlicornError` that the server raised, or `TryElsewhere` when there is
    no server.

    Parameters
    ----------
    address : str
        "host:port", or any gRPC target.
    timeout_s : float
        Most seconds for a call.
    """

    def __init__(self, address: str, *, timeout_s: float = 5.0) -> None:
        self._channel = sync_channel(address, service=_SERVICE)
        self._stub = search_pb2_grpc.SearchServiceStub(self._channel)
        self._timeout_s = timeout_s

    def __enter__(self) -> SearchClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._channel.close()

    def search(self, request: search_pb2.SearchRequest) -> search_pb2.SearchResponse:
        """Answer a query for a viewer."""
        return self._ask(self._stub.Search, request)

    def explain(self, request: search_pb2.ExplainRequest) -> search_pb2.ExplainResponse:
        """Tell why one photo stands where it stands."""
        return self._ask(self._stub.Explain, request)

    def get_picture(self, request: search_pb2.GetPictureRequest) -> search_pb2.GetPictureResponse:
        """Return a small picture, to those who may see the photo."""
        return self._ask(self._stub.GetPicture, request)

    def list_viewers(
        self, request: search_pb2.ListViewersRequest
    ) -> search_pb2.ListViewersResponse:
        """Name the people whom one may search as."""
        return self._ask(self._stub.ListViewers, request)

    def get_status(self, request: search_pb2.GetStatusRequest) -> search_pb2.GetStatusResponse:
        """Say what is served and how far understanding has come."""
        return self._ask(self._stub.GetStatus, request)

    def _ask(self, method: Callable[..., Response], request: Request) -> Response:
        try:
            return method(request, timeout=self._timeout_s)
        except grpc.RpcError as error:
            raise error_of(error) from None
        except ValueError as error:  # gRPC's way of saying that the channel is closed
            raise TryElsewhere(f"the client is closed: {error}") from None
