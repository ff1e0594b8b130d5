"""Servers: one port one server, health and reflection on every one."""

from __future__ import annotations

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
