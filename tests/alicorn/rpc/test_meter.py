"""Calls are measured on real servers, synchronous and asynchronous, whichever way they end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from alicorn.api.search.v1 import search_pb2, search_pb2_grpc
from alicorn.errors import NotFound
from alicorn.rpc.servers import async_server, bind, sync_server
from alicorn.rpc.status import guarded, guarded_async

SERVICE = "alicorn.api.search.v1.SearchService"


@dataclass
class Seen:
    """Calls as the meter told them."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __call__(self, method: str, code: str, seconds: float) -> None:
        self.calls.append((method, code))
        self.seconds.append(seconds)

    def wait(self, count: int) -> list[tuple[str, str]]:
        """Return the calls once there are ``count``: a server counts after it has answered."""
        deadline = time.monotonic() + 5
        while len(self.calls) < count and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.calls


def respond(request: search_pb2.SearchRequest) -> search_pb2.SearchResponse:
    """Answer, fail as foreseen, or fail as nobody foresaw."""
    if request.query == "unknown":
        raise NotFound("there is no such photo")
    if request.query == "broken":
        raise KeyError("a defect")
    return search_pb2.SearchResponse(query=request.query)


class Servicer(search_pb2_grpc.SearchServiceServicer):
    """Answers in a thread."""

    name = SERVICE

    def add_to(self, server: Any) -> None:
        search_pb2_grpc.add_SearchServiceServicer_to_server(self, server)

    def Search(self, request: search_pb2.SearchRequest, context: Any) -> Any:
        return guarded(context, lambda: respond(request))


class AsyncServicer(Servicer):
    """Answers in a loop."""

    async def Search(self, request: search_pb2.SearchRequest, context: Any) -> Any:
        async def work() -> search_pb2.SearchResponse:
            if request.query == "slow":
                await asyncio.sleep(30)
            return respond(request)

        return await guarded_async(context, work())


@pytest.fixture
def seen() -> Seen:
    """Collect what the meter tells."""
    return Seen()


@pytest.fixture
def channel(seen: Seen) -> Iterator[grpc.Channel]:
    """Reach a synchronous server on a real port."""
    server = sync_server([Servicer()], threads=2, observe=seen)
    port = bind(server, "127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    server.stop(grace=None).wait()


@pytest.fixture
async def async_address(seen: Seen) -> AsyncIterator[str]:
    """Reach an asynchronous server on a real port."""
    server = async_server([AsyncServicer()], observe=seen)
    port = bind(server, "127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(grace=None)


CASES = [("cat", "OK"), ("unknown", "NOT_FOUND"), ("broken", "INTERNAL")]


@pytest.mark.parametrize(("query", "code"), CASES)
def test_a_call_is_told_with_its_code(
    channel: grpc.Channel, seen: Seen, query: str, code: str
) -> None:
    """An alert on the share of errors is only as good as the codes that are counted."""
    stub = search_pb2_grpc.SearchServiceStub(channel)
    found = "OK"
    try:
        stub.Search(search_pb2.SearchRequest(query=query), timeout=5)
    except grpc.RpcError as error:
        found = error.code().name

    assert found == code
    assert seen.wait(1) == [(f"/{SERVICE}/Search", code)]
    assert 0 < seen.seconds[0] < 5


@pytest.mark.parametrize(("query", "code"), CASES)
async def test_an_asynchronous_call_is_told_with_its_code(
    async_address: str, seen: Seen, query: str, code: str
) -> None:
    """Both kinds of servers feed the same series."""
    found = "OK"
    async with grpc.aio.insecure_channel(async_address) as channel:
        try:
            await search_pb2_grpc.SearchServiceStub(channel).Search(
                search_pb2.SearchRequest(query=query), timeout=5
            )
        except grpc.RpcError as error:
            found = error.code().name

    assert found == code
    assert await asyncio.to_thread(seen.wait, 1) == [(f"/{SERVICE}/Search", code)]


async def test_a_call_that_its_caller_gave_up_is_told_as_cancelled(
    async_address: str, seen: Seen
) -> None:
    """A caller's deadline is no defect of the server's, and must not look like one."""
    async with grpc.aio.insecure_channel(async_address) as channel:
        with pytest.raises(grpc.RpcError):
            await search_pb2_grpc.SearchServiceStub(channel).Search(
                search_pb2.SearchRequest(query="slow"), timeout=0.2
            )

    assert await asyncio.to_thread(seen.wait, 1) == [(f"/{SERVICE}/Search", "CANCELLED")]


def _search(channel: grpc.Channel) -> None:
    search_pb2_grpc.SearchServiceStub(channel).Search(
        search_pb2.SearchRequest(query="cat"), timeout=5
    )


def _probe(channel: grpc.Channel) -> None:
    health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)


def _nonsense(channel: grpc.Channel) -> None:
    call: Callable[..., Any] = channel.unary_unary(f"/{SERVICE}/NoSuchMethod")
    with pytest.raises(grpc.RpcError):
        call(b"", timeout=5)


def test_only_methods_of_the_servers_own_services_are_told(
    channel: grpc.Channel, seen: Seen
) -> None:
    """A stranger must not be able to fill the memory of a scraper with made-up names."""
    _probe(channel)
    _nonsense(channel)
    _search(channel)

    assert seen.wait(1) == [(f"/{SERVICE}/Search", "OK")]


def test_a_server_without_an_observer_answers_all_the_same() -> None:
    """Measuring is an option of the command, no condition of serving."""
    server = sync_server([Servicer()], threads=1)
    port = bind(server, "127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        _search(channel)
    server.stop(grace=None).wait()
