"""Both drivers run the same policies; the asynchronous one over real servers on free ports."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import grpc
import numpy as np
import pytest

from aggregator.asynchronous import AsyncDriver, stub_of
from aggregator.direct import DirectDriver
from aggregator.exchange import Call, Calls, Lost, Policy, Work
from aggregator.rack.handler import RackHandler
from aggregator.rack.merge import KnownServer
from aggregator.rack.policy import Rack
from aggregator.rack.server import RackServicer, allowed_seconds
from aggregator.top.handler import TopHandler
from aggregator.top.server import AsyncSearchServicer
from aggregator.top.servicer import SearchServicer
from alicorn.api.index.v1 import index_pb2, index_pb2_grpc
from alicorn.api.rack.v1 import rack_pb2, rack_pb2_grpc
from alicorn.api.search.v1 import search_pb2, search_pb2_grpc
from alicorn.errors import (
    AlicornError,
    DeadlineSpent,
    MalformedQuery,
    NotFound,
    TryElsewhere,
    UnknownViewer,
)
from alicorn.rpc.channels import async_channel
from alicorn.rpc.packed import pack, unpack
from alicorn.rpc.servers import async_server, bind, sync_server
from alicorn.rpc.status import error_of, guarded

INDEX = "alicorn.api.index.v1.IndexService"
RACK = "alicorn.api.rack.v1.RackService"


class SmallIndex(index_pb2_grpc.IndexServiceServicer):
    """An index server of a few fixed hits, as slow as asked."""

    name = INDEX

    def __init__(self, ids: list[int], *, slow_s: float = 0.0) -> None:
        self._ids = np.array(ids, dtype=np.uint64)
        self._slow_s = slow_s

    def add_to(self, server: Any) -> None:
        index_pb2_grpc.add_IndexServiceServicer_to_server(self, server)

    def Search(self, request: index_pb2.SearchRequest, context: Any) -> Any:
        time.sleep(self._slow_s)
        if request.expression == "(":
            return guarded(context, self._malformed)
        n = self._ids.size
        return index_pb2.SearchResponse(
            hits=index_pb2.Hits(
                count=n,
                ids=pack(self._ids),
                sort_keys=pack(np.zeros(n, dtype=np.uint32)),
                scores=pack(-self._ids.astype(np.int64)),
                score_unit=65_536,
                concept_scores=pack(np.zeros(n, dtype=np.int64)),
            ),
            coverage=index_pb2.Coverage(shards=1, answered=1, documents=n, documents_answered=n),
            matched=n,
        )

    def Status(self, request: Any, context: Any) -> Any:
        return index_pb2.StatusResponse(shards=[index_pb2.ShardStatus(shard=int(self._ids[0]))])

    def _malformed(self) -> index_pb2.SearchResponse:
        raise MalformedQuery("found the end, needed an operator", column=2)


def _started(service: Any) -> tuple[Any, str]:
    server = sync_server([service], threads=4)
    port = bind(server, "127.0.0.1:0")
    server.start()
    return server, f"127.0.0.1:{port}"


@asynccontextmanager
async def running_rack(
    *, slow_s: float = 0.0, with_dead: bool = False, shard_timeout_s: float = 5.0
) -> AsyncIterator[rack_pb2_grpc.RackServiceStub]:
    """Run a rack on a free port, over a prompt index server, a slow and perhaps a dead one."""
    servers = dict(
        zip(
            ("index/0", "index/1"),
            (_started(SmallIndex([1, 4])), _started(SmallIndex([2, 3], slow_s=slow_s))),
            strict=True,
        )
    )
    addresses = {target: address for target, (_, address) in servers.items()}
    if with_dead:
        dead, addresses["index/2"] = _started(SmallIndex([5]))
        dead.stop(None).wait()
    async with AsyncExitStack() as stack:
        stubs = {
            target: stub_of(
                index_pb2_grpc.IndexServiceStub(
                    await stack.enter_async_context(async_channel(address, service=INDEX))
                )
            )
            for target, address in addresses.items()
        }
        rack = Rack(
            [KnownServer(target, 1, 9) for target in stubs], shard_timeout_s=shard_timeout_s
        )
        server = async_server([RackServicer(rack, stubs)])
        port = bind(server, "127.0.0.1:0")
        await server.start()
        channel = await stack.enter_async_context(async_channel(f"127.0.0.1:{port}", service=RACK))
        yield rack_pb2_grpc.RackServiceStub(channel)
        await server.stop(None)
    for one, _ in servers.values():
        one.stop(None)


def _asked(expression: str = "tag:cat") -> rack_pb2.SearchRequest:
    return rack_pb2.SearchRequest(request=index_pb2.SearchRequest(expression=expression))


async def test_a_rack_over_real_ports_merges_its_servers() -> None:
    """PS-41 through every layer: servicer, driver, channels, index servers."""
    async with running_rack() as rack:
        page = await rack.Search(_asked(), timeout=10)
        status = await rack.Status(rack_pb2.StatusRequest(), timeout=10)

    assert unpack(page.hits.ids, np.uint64).tolist() == [1, 2, 3, 4]
    assert (page.coverage.shards, page.coverage.answered) == (2, 2)
    assert page.matched == 4
    assert [shard.shard for shard in status.shards] == [1, 2]


async def test_a_slow_and_a_dead_server_cost_their_share_and_the_page_says_so() -> None:
    """The page comes in time, with what there is, and with how complete it is."""
    async with running_rack(slow_s=3.0, with_dead=True, shard_timeout_s=1.0) as rack:
        started = time.perf_counter()
        page = await rack.Search(_asked(), timeout=10)
        spent_s = time.perf_counter() - started

    assert unpack(page.hits.ids, np.uint64).tolist() == [1, 4]
    assert (page.coverage.shards, page.coverage.answered) == (3, 1)
    assert (page.coverage.documents, page.coverage.documents_answered) == (20, 2)
    assert spent_s < 2.5


async def test_a_fault_of_the_request_comes_back_as_it_was_raised() -> None:
    """The message with its column crosses two processes."""
    async with running_rack(with_dead=True) as rack:
        with pytest.raises(grpc.RpcError) as raised:
            await rack.Search(_asked("("), timeout=10)

    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert raised.value.details() == "column 2: found the end, needed an operator"


async def test_a_caller_without_time_gets_deadline_spent() -> None:
    """Not a page of nothing."""
    async with running_rack(slow_s=1.0) as rack:
        with pytest.raises(grpc.RpcError) as raised:
            await rack.Search(_asked(), timeout=0.004)

    assert isinstance(error_of(raised.value), DeadlineSpent)


async def test_a_call_without_a_deadline_is_bounded() -> None:
    """Whoever sets none still does not hold a rack for ever."""
    seen: list[float] = []

    class Noting(rack_pb2_grpc.RackServiceServicer):
        async def Status(self, request: Any, context: Any) -> Any:
            seen.append(allowed_seconds(context))
            return rack_pb2.StatusResponse()

    server = grpc.aio.server()
    rack_pb2_grpc.add_RackServiceServicer_to_server(Noting(), server)
    port = bind(server, "127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = rack_pb2_grpc.RackServiceStub(channel)
        await stub.Status(rack_pb2.StatusRequest())
        await stub.Status(rack_pb2.StatusRequest(), timeout=2)
    await server.stop(None)

    assert 0 < seen[0] <= 3_600
    assert 1 < seen[1] < 2.5


# --- the line between deciding and doing ------------------------------------------------------


def _policy(log: list[Any]) -> Policy[str]:
    log.append((yield Work(lambda: threading.current_thread().name)))
    try:
        yield Work(lambda: _raise(NotFound("no such row")))
    except NotFound as error:
        log.append(str(error))
    answers = yield Calls(
        (
            Call("good", "Search", rack_pb2.SearchRequest(limit=3), 1.5),
            Call("bad", "Status", rack_pb2.StatusRequest(), 1.5),
        )
    )
    log.append(answers)
    return "done"


def _raise(error: Exception) -> None:
    raise error


class Unavailable(grpc.RpcError):
    """What a dead server looks like to a stub."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE

    def details(self) -> str:
        return "gone"

    def trailing_metadata(self) -> tuple[()]:
        return ()


def _direct(policy: Policy[Any], calls: list[Any]) -> Any:
    def good(method: str, request: Any, timeout_s: float) -> Any:
        calls.append((method, request, timeout_s))
        return rack_pb2.SearchResponse(matched=request.limit)

    def bad(method: str, request: Any, timeout_s: float) -> Any:
        raise TryElsewhere("gone")

    return DirectDriver({"good": good, "bad": bad}).run(policy)


def _asynchronous(policy: Policy[Any], calls: list[Any]) -> Any:
    async def good(method: str, request: Any, timeout_s: float) -> Any:
        calls.append((method, request, timeout_s))
        return rack_pb2.SearchResponse(matched=request.limit)

    async def bad(method: str, request: Any, timeout_s: float) -> Any:
        raise Unavailable

    return asyncio.run(AsyncDriver({"good": good, "bad": bad}).run(policy))


@pytest.mark.parametrize("run", [_direct, _asynchronous])
def test_a_policy_gets_answers_losses_and_its_own_errors(run: Callable[..., Any]) -> None:
    """The same events in the same order, whoever drives."""
    log: list[Any] = []
    calls: list[Any] = []

    assert run(_policy(log), calls) == "done"
    worker, error, (answer, lost) = log
    assert (worker == "MainThread") is (run is _direct)
    assert error == "no such row"
    assert answer == rack_pb2.SearchResponse(matched=3)
    assert isinstance(lost, Lost)
    assert (lost.target, type(lost.error), str(lost.error)) == ("bad", TryElsewhere, "gone")
    assert calls == [("Search", rack_pb2.SearchRequest(limit=3), 1.5)]


@pytest.mark.parametrize("run", [_direct, _asynchronous])
def test_what_a_policy_does_not_catch_reaches_the_caller(run: Callable[..., Any]) -> None:
    """Errors of work, and mistakes of ours, are never swallowed by a driver."""

    def policy(error: Exception) -> Policy[None]:
        yield Work(lambda: _raise(error))

    for error in (NotFound("no"), KeyError("a mistake")):
        with pytest.raises(type(error)):
            run(policy(error), [])


def test_asynchronous_calls_are_made_at_the_same_time() -> None:
    """Ten servers must not take ten times as long."""
    together = 0
    most = 0

    async def slow(method: str, request: Any, timeout_s: float) -> Any:
        nonlocal together, most
        together += 1
        most = max(most, together)
        await asyncio.sleep(0.02)
        together -= 1
        return rack_pb2.StatusResponse()

    def policy() -> Policy[None]:
        yield Calls(tuple(Call("one", "Status", rack_pb2.StatusRequest(), 1.0) for _ in range(10)))

    asyncio.run(AsyncDriver({"one": slow}).run(policy()))

    assert most == 10


# --- the whole small world, over the network --------------------------------------------------

QUESTIONS = (
    ("cat", {}),
    ("picnic harbour", {"without_cutoff": True}),
    ("(all)", {"without_folding": True, "with_features": True}),
    ("tiramisu", {}),
)


@pytest.fixture(scope="module")
def world(make_world: Any, writes_of_the_small_world: Any) -> Any:
    return make_world(writes_of_the_small_world)


@asynccontextmanager
async def served(world: Any) -> AsyncIterator[search_pb2_grpc.SearchServiceStub]:
    """Run the same shards, rack and top as three tiers of servers."""

    class Index(index_pb2_grpc.IndexServiceServicer):
        name = INDEX

        def __init__(self, call: Any) -> None:
            self._call = call

        def add_to(self, server: Any) -> None:
            index_pb2_grpc.add_IndexServiceServicer_to_server(self, server)

        def Search(self, request: Any, context: Any) -> Any:
            return guarded(context, lambda: self._call("Search", request, 30.0))

        def Fetch(self, request: Any, context: Any) -> Any:
            return guarded(context, lambda: self._call("Fetch", request, 30.0))

        def Status(self, request: Any, context: Any) -> Any:
            return guarded(context, lambda: self._call("Status", request, 30.0))

    started = {target: _started(Index(call)) for target, call in world.calls.items()}
    async with AsyncExitStack() as stack:
        stubs = {}
        for target, (_, address) in started.items():
            channel = await stack.enter_async_context(async_channel(address, service=INDEX))
            stubs[target] = stub_of(index_pb2_grpc.IndexServiceStub(channel))
        rack = Rack([KnownServer(target, 1) for target in stubs], shard_timeout_s=30.0)
        rack_server = async_server([RackServicer(rack, stubs)])
        rack_address = f"127.0.0.1:{bind(rack_server, '127.0.0.1:0')}"
        await rack_server.start()
        channel = await stack.enter_async_context(async_channel(rack_address, service=RACK))
        servicer = AsyncSearchServicer(world.top, stub_of(rack_pb2_grpc.RackServiceStub(channel)))
        top_server = async_server([servicer])
        top_address = f"127.0.0.1:{bind(top_server, '127.0.0.1:0')}"
        await top_server.start()
        channel = await stack.enter_async_context(
            async_channel(top_address, service=AsyncSearchServicer.name)
        )
        yield search_pb2_grpc.SearchServiceStub(channel)
        await top_server.stop(None)
        await rack_server.stop(None)
    for server, _ in started.values():
        server.stop(None)


def _bytes(answer: Any) -> bytes:
    if isinstance(answer, search_pb2.SearchResponse):
        answer.ClearField("timings_ms")
    return answer.SerializeToString(deterministic=True)


async def test_a_cluster_gives_the_same_bytes_as_one_process(world: Any) -> None:
    """Three tiers of real servers and direct calls run the same policies."""
    async with served(world) as top:
        for viewer in (0, 3, 17):
            for query, options in QUESTIONS:
                request = world.request(viewer, query, **options)
                expected = _bytes(world.handler.search(request))

                assert expected == _bytes(await top.Search(request, timeout=30))
            shown = world.search(viewer, "cat").modules[0].photos[0].id
            explain = search_pb2.ExplainRequest(search=world.request(viewer, "cat"), photo_id=shown)
            picture = search_pb2.GetPictureRequest(viewer=world.viewer(viewer), photo_id=shown)
            status = search_pb2.GetStatusRequest(viewer=world.viewer(viewer))

            assert _bytes(world.handler.explain(explain)) == _bytes(
                await top.Explain(explain, timeout=30)
            )
            assert world.handler.get_picture(picture) == await top.GetPicture(picture, timeout=30)
            assert world.handler.get_status(status) == await top.GetStatus(status, timeout=30)
        people = search_pb2.ListViewersRequest()

        assert world.handler.list_viewers(people) == await top.ListViewers(people, timeout=30)


async def test_errors_of_a_cluster_are_those_of_one_process(world: Any) -> None:
    """Class and message, through three tiers."""
    wrong = (
        (world.request(0, ""), AlicornError),
        (world.request(99, "cat"), UnknownViewer),
        (world.request(3, "(and tag:cat"), MalformedQuery),
        (world.request(3, "(tagg cat)"), AlicornError),
    )
    async with served(world) as top:
        for request, kind in wrong:
            with pytest.raises(kind) as expected:
                world.handler.search(request)
            with pytest.raises(grpc.RpcError) as raised:
                await top.Search(request, timeout=30)

            assert str(expected.value) == str(error_of(raised.value))


def test_the_synchronous_servicer_is_the_handler_over_a_port(world: Any) -> None:
    """One process that listens gives what its handler gives, with and without a deadline."""
    server = sync_server([SearchServicer(world.handler)], threads=2)
    port = bind(server, "127.0.0.1:0")
    server.start()
    request = world.request(3, "cat")
    expected = _bytes(world.handler.search(request))
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = search_pb2_grpc.SearchServiceStub(channel)

        assert expected == _bytes(stub.Search(request))
        assert expected == _bytes(stub.Search(request, timeout=30))
        with pytest.raises(grpc.RpcError) as raised:
            stub.GetPicture(search_pb2.GetPictureRequest(photo_id=999_999))
    server.stop(None).wait()

    assert isinstance(error_of(raised.value), NotFound)


def test_a_top_without_its_rack_says_try_elsewhere(world: Any) -> None:
    """And the status still comes, without shards."""

    def gone(method: str, request: Any, allowed_s: float) -> Any:
        raise TryElsewhere("the rack is gone")

    handler = TopHandler(world.top, gone, allowed_s=1.0)

    with pytest.raises(TryElsewhere, match="the rack is gone"):
        handler.search(world.request(3, "cat"))
    assert list(handler.get_status(search_pb2.GetStatusRequest()).shards) == []


def test_a_rack_of_nobody_says_so(world: Any) -> None:
    """An empty table of servers is a mistake of the deployment."""
    rack = RackHandler(Rack([], shard_timeout_s=1.0), {})

    with pytest.raises(TryElsewhere):
        TopHandler(world.top, rack, allowed_s=1.0).search(world.request(3, "cat"))
