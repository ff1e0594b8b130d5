"""The client over a real port: every method of SearchService, and errors as Alicorn's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from alicorn.api.search.v1 import search_pb2, search_pb2_grpc
from alicorn.client import SearchClient
from alicorn.errors import DeadlineSpent, NotFound, TryElsewhere
from alicorn.rpc.servers import bind, sync_server
from alicorn.rpc.status import guarded

METHODS = {
    method.name: method
    for method in search_pb2.DESCRIPTOR.services_by_name["SearchService"].methods
}


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class Echo(search_pb2_grpc.SearchServiceServicer):
    """Answers every method with an empty message, and a query by its name as an error."""

    name = "alicorn.api.search.v1.SearchService"

    def add_to(self, server: Any) -> None:
        search_pb2_grpc.add_SearchServiceServicer_to_server(self, server)

    def Search(self, request: search_pb2.SearchRequest, context: Any) -> Any:
        if request.query == "slow":
            time.sleep(1.0)
        if request.query == "missing":
            return guarded(context, self._missing)
        return search_pb2.SearchResponse(query=request.query)

    def Explain(self, request: Any, context: Any) -> Any:
        return search_pb2.ExplainResponse()

    def GetPicture(self, request: Any, context: Any) -> Any:
        return search_pb2.GetPictureResponse()

    def ListViewers(self, request: Any, context: Any) -> Any:
        return search_pb2.ListViewersResponse()

    def GetStatus(self, request: Any, context: Any) -> Any:
        return search_pb2.GetStatusResponse()

    def _missing(self) -> search_pb2.SearchResponse:
        raise NotFound("there is no photo 7")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = sync_server([Echo()], threads=2)
    port = bind(server, "127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_the_service_is_there(address: str, method: str) -> None:
    """Read from the contract, so that a new RPC without a method fails here."""
    descriptor = METHODS[method]
    request = getattr(search_pb2, descriptor.input_type.name)()
    with SearchClient(address) as client:
        answer = getattr(client, _snake(method))(request)

    assert type(answer) is getattr(search_pb2, descriptor.output_type.name)


def test_what_the_server_raised_is_raised_here(address: str) -> None:
    """Callers handle one tree of errors, with or without a network between."""
    with SearchClient(address) as client, pytest.raises(NotFound, match="there is no photo 7"):
        client.search(search_pb2.SearchRequest(query="missing"))


def test_a_server_that_is_too_slow_is_deadline_spent(address: str) -> None:
    """The client's own bound holds."""
    with SearchClient(address, timeout_s=0.2) as client, pytest.raises(DeadlineSpent):
        client.search(search_pb2.SearchRequest(query="slow"))


def test_without_a_server_it_is_try_elsewhere() -> None:
    """Not a raw gRPC error."""
    with SearchClient("127.0.0.1:1") as client, pytest.raises(TryElsewhere):
        client.search(search_pb2.SearchRequest(query="cat"))


def test_a_closed_client_says_so(address: str) -> None:
    """Also an error of the tree."""
    client = SearchClient(address)
    client.close()

    with pytest.raises(TryElsewhere, match="closed"):
        client.search(search_pb2.SearchRequest(query="cat"))
