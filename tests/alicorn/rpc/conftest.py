"""Real servers on free ports: an IndexService whose every answer is an error of choice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from alicorn.api.index.v1 import index_pb2, index_pb2_grpc
from alicorn.rpc.servers import bind, sync_server
from alicorn.rpc.status import guarded, guarded_async


class Failing(index_pb2_grpc.IndexServiceServicer):
    """Raises what it was given; Status answers."""

    name = "alicorn.api.index.v1.IndexService"

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def add_to(self, server: Any) -> None:
        index_pb2_grpc.add_IndexServiceServicer_to_server(self, server)

    def Search(self, request: Any, context: Any) -> Any:
        return guarded(context, self._fail)

    def Status(self, request: Any, context: Any) -> Any:
        return guarded(context, index_pb2.StatusResponse)

    def _fail(self) -> index_pb2.SearchResponse:
        raise self._error


class FailingAsync(Failing):
    """The same, asynchronous."""

    async def Search(self, request: Any, context: Any) -> Any:
        return await guarded_async(context, self._fail_later())

    async def Status(self, request: Any, context: Any) -> Any:
        return index_pb2.StatusResponse()

    async def _fail_later(self) -> index_pb2.SearchResponse:
        raise self._error


@contextmanager
def _serving(*services: Any) -> Iterator[int]:
    server = sync_server(services, threads=2)
    port = bind(server, "127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


@pytest.fixture(scope="session")
def failing() -> Any:
    return Failing


@pytest.fixture(scope="session")
def failing_async() -> Any:
    return FailingAsync


@pytest.fixture(scope="session")
def serving() -> Any:
    """Start a synchronous server for some services and give its port."""
    return _serving


@pytest.fixture(scope="session")
def raised_by() -> Any:
    """Return what a call raises when the server raises ``error``."""

    def ask(error: BaseException) -> grpc.RpcError:
        with (
            _serving(Failing(error)) as port,
            grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
        ):
            stub = index_pb2_grpc.IndexServiceStub(channel)
            with pytest.raises(grpc.RpcError) as raised:
                stub.Search(index_pb2.SearchRequest(), timeout=5)
        return raised.value

    return ask
