"""gRPC servers with health, reflection and the settings that were measured to matter.

`grpc.so_reuseport` is 0: with the default of 1 a second server binds the same port silently and
steals its connections. A synchronous server has as many threads as cores; more only queue on the
interpreter.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent import futures
from typing import Any, Final, Protocol

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from alicorn.errors import ConfigError
from alicorn.rpc.addresses import MAX_PORT
from alicorn.rpc.meter import AsyncMeter, Observe, SyncMeter

__all__ = ["MAX_MESSAGE_BYTES", "Service", "async_server", "bind", "sync_server"]

MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024
"""A million packed ids are 8 MB, ten thousand whole documents about 30 MB."""

_OPTIONS: Final[Sequence[tuple[str, Any]]] = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
)

# Above it a request is turned away at once with RESOURCE_EXHAUSTED: queues only make all late.
_MAX_CONCURRENT: Final = 512


class Service(Protocol):
    """What a server is made of: a full service name and how to add it."""

    name: str

    def add_to(self, server: Any) -> None:
        """Register the handlers with ``server`` (synchronous or asynchronous)."""


def _reflect(server: Any, services: Sequence[Service]) -> None:
    names = [service.name for service in services]
    reflection.enable_server_reflection(
        [*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server
    )


def _add_health(server: grpc.Server, services: Sequence[Service]) -> None:
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    for name in ["", *(service.name for service in services)]:
        servicer.set(name, health_pb2.HealthCheckResponse.SERVING)


def _add_async_health(server: grpc.aio.Server, services: Sequence[Service]) -> None:
    # Not the synchronous one, which gRPC would also take: each channel that watches would hold one
    # of the loop's few worker threads for ever, and policies would soon find none for their work.
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    for name in ["", *(service.name for service in services)]:
        setting = servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
        try:
            setting.send(None)
        except StopIteration:
            continue
        raise AssertionError  # nobody watches yet, so there is nothing to wait for


def sync_server(
    services: Sequence[Service], *, threads: int, observe: Observe | None = None
) -> grpc.Server:
    """Return a synchronous server for ``services``, not started; ``observe`` is told each call."""
    names = [service.name for service in services]
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=threads, thread_name_prefix="grpc"),
        interceptors=[SyncMeter(names, observe)] if observe else None,
        options=_OPTIONS,
        maximum_concurrent_rpcs=_MAX_CONCURRENT,
    )
    for service in services:
        service.add_to(server)
    _add_health(server, services)
    _reflect(server, services)
    return server


def async_server(services: Sequence[Service], *, observe: Observe | None = None) -> grpc.aio.Server:
    """Return an asynchronous server for ``services``, not started; call it inside its loop."""
    names = [service.name for service in services]
    server = grpc.aio.server(
        interceptors=[AsyncMeter(names, observe)] if observe else None,
        options=_OPTIONS,
        maximum_concurrent_rpcs=_MAX_CONCURRENT,
    )
    for service in services:
        service.add_to(server)
    _add_async_health(server, services)
    _reflect(server, services)
    return server


def bind(server: Any, address: str) -> int:
    """Bind ``server`` to ``address`` ("host:port"; port 0 takes a free one); return the port.

    Raises
    ------
    ConfigError
        If the port is taken or the address is not of this machine.
    """
    _, _, wanted = address.rpartition(":")
    # gRPC itself would take a port beyond the range modulo 65,536.
    possible = wanted.isdecimal() and int(wanted) <= MAX_PORT
    try:
        port = int(server.add_insecure_port(address)) if possible else 0
    except RuntimeError:
        port = 0
    if port == 0:
        raise ConfigError(
            f"cannot listen on {address}: found the port taken or the address foreign, "
            "needed a free port; choose another with --grpc-port or in cluster.toml"
        )
    return port
