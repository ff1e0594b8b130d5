"""Servers: one port one server, health and reflection on every one."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from alicorn.api.index.v1 import index_pb2, index_pb2_grpc
from alicorn.errors import ConfigError
from alicorn.rpc.channels import async_channel, sync_channel
from alicorn.rpc.servers import async_server, bind, sync_server

INDEX = "alicorn.api.index.v1.IndexService"


def test_a_taken_port_is_a_config_error(serving: Any, failing: Any) -> None:
    """The second server fails instead of stealing half of the first one's connections."""
    with serving(failing(KeyError())) as port:
        second = sync_server([failing(KeyError())], threads=1)
        with pytest.raises(ConfigError, match=rf"127\.0\.0\.1:{port}.*taken.*--grpc-port"):
            bind(second, f"127.0.0.1:{port}")


async def test_a_taken_port_is_a_config_error_asynchronously_too(
    serving: Any, failing: Any, failing_async: Any
) -> None:
    """The same for racks and tops."""
    with serving(failing(KeyError())) as port:
        second = async_server([failing_async(KeyError())])
        with pytest.raises(ConfigError, match="taken"):
            bind(second, f"127.0.0.1:{port}")


@pytest.mark.parametrize("address", ["192.0.2.1:0", "nonsense", "127.0.0.1:99999999"])
def test_an_address_that_is_not_ours_is_a_config_error(failing: Any, address: str) -> None:
    """It names the address."""
    with pytest.raises(ConfigError, match=address):
        bind(sync_server([failing(KeyError())], threads=1), address)


@pytest.mark.parametrize("service", ["", INDEX])
def test_health_answers_for_the_server_and_each_service(
    serving: Any, failing: Any, service: str
) -> None:
    """Load balancers and Kubernetes ask for either."""
    with (
        serving(failing(KeyError())) as port,
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        answer = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(service=service), timeout=5
        )

    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def _reflected(stub: Any) -> set[str]:
    ask = reflection_pb2.ServerReflectionRequest(list_services="")
    (answer,) = stub.ServerReflectionInfo(iter([ask]), timeout=5)
    return {service.name for service in answer.list_services_response.service}


def test_reflection_lists_every_service(serving: Any, failing: Any) -> None:
    """So that grpcurl works without the protos."""
    with (
        serving(failing(KeyError())) as port,
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        names = _reflected(reflection_pb2_grpc.ServerReflectionStub(channel))

    assert names >= {INDEX, "grpc.health.v1.Health"}


async def test_an_asynchronous_server_has_health_and_reflection(failing_async: Any) -> None:
    """Racks and tops are asked the same way."""
    server = async_server([failing_async(KeyError())])
    port = bind(server, "127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(service=INDEX), timeout=5
        )
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([ask]))
        names = {s.name async for part in call for s in part.list_services_response.service}
    await server.stop(None)

    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    assert INDEX in names


def test_our_channel_reaches_our_server(serving: Any, failing: Any) -> None:
    """Its service config (balancing, health, retries) is one that gRPC takes."""
    with (
        serving(failing(KeyError())) as port,
        sync_channel(f"127.0.0.1:{port}", service=INDEX) as channel,
    ):
        stub = index_pb2_grpc.IndexServiceStub(channel)

        assert stub.Status(index_pb2.StatusRequest(), timeout=5) == index_pb2.StatusResponse()


async def test_our_asynchronous_channel_reaches_our_server(serving: Any, failing: Any) -> None:
    """The same inside a loop."""
    with serving(failing(KeyError())) as port:
        async with async_channel(f"127.0.0.1:{port}", service=INDEX) as channel:
            stub = index_pb2_grpc.IndexServiceStub(channel)
            answer = await stub.Status(index_pb2.StatusRequest(), timeout=5)

    assert answer == index_pb2.StatusResponse()


def _watchers(port: int, count: int) -> list[Any]:
    """Open channels that watch the server's health, each over a connection of its own."""
    channels = []
    for _ in range(count):
        options = (("grpc.use_local_subchannel_pool", 1),)
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
        watch = health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(service=INDEX), timeout=30
        )
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        channels.append((channel, watch))
    return channels


def _seen(port: int) -> int:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = index_pb2_grpc.IndexServiceStub(channel)
        return len(stub.Status(index_pb2.StatusRequest(), timeout=5).shards)


@pytest.mark.parametrize("observe", [None, lambda *_: None], ids=["plain", "observed"])
def test_watchers_hold_no_thread_of_a_synchronous_server(failing: Any, observe: Any) -> None:
    """Every channel of ours watches health for as long as it lives; servers have few threads."""
    server = sync_server([failing(KeyError())], threads=2, observe=observe)
    port = bind(server, "127.0.0.1:0")
    server.start()
    watchers = _watchers(port, 5)

    assert _seen(port) == 0
    for channel, _ in watchers:
        channel.close()
    server.stop(None).wait()


@pytest.mark.parametrize("observe", [None, lambda *_: None], ids=["plain", "observed"])
async def test_watchers_hold_no_thread_of_an_asynchronous_server(
    failing_async: Any, observe: Any
) -> None:
    """A top whose worker threads all wait for watchers answers nothing ever again."""

    class Working(failing_async):  # type: ignore[misc]
        async def Status(self, request: Any, context: Any) -> Any:
            return await asyncio.to_thread(index_pb2.StatusResponse)

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
    server = async_server([Working(KeyError())], observe=observe)
    port = bind(server, "127.0.0.1:0")
    await server.start()
    with ThreadPoolExecutor(1) as clients:
        loop = asyncio.get_running_loop()
        watchers = await loop.run_in_executor(clients, _watchers, port, 5)

        assert await loop.run_in_executor(clients, _seen, port) == 0
        for channel, _ in watchers:
            channel.close()
    await server.stop(None)
