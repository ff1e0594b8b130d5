"""`alicorn serve …`: one tier, one process; what `up --processes` and a cluster start."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from aggregator.asynchronous import stub_of
from aggregator.rack.merge import KnownServer
from aggregator.rack.policy import Rack
from aggregator.rack.server import RackServicer
from aggregator.top.models import TopModels
from aggregator.top.server import AsyncSearchServicer
from aggregator.top.tokens import TokenKey
from aggregator.top.top import Top
from alicorn.api.index.v1 import index_pb2_grpc
from alicorn.api.rack.v1 import rack_pb2_grpc
from alicorn.client import SearchClient
from alicorn.command.console import say
from alicorn.command.indexing import bring_up_to_date, progress_of
from alicorn.command.library import open_library
from alicorn.command.reach import check_reach
from alicorn.command.tiers import (
    LibrarySurroundings,
    local_now,
    open_shards,
    tell_sequences,
)
from alicorn.command.up import until_stopped, web_config
from alicorn.command.warm import warm
from alicorn.command.wording import understanding_of
from alicorn.config.cluster import load_cluster
from alicorn.errors import ConfigError
from alicorn.log import SqliteGraph, SqliteLog
from alicorn.rpc.addresses import split_address
from alicorn.rpc.channels import async_channel
from alicorn.rpc.servers import Service, async_server, bind, sync_server
from alicorn.telemetry import Metrics
from indexserver.handler import IndexHandler
from indexserver.server import IndexServicer
from indexserver.tail import LogTail

__all__ = ["index", "rack", "top", "understanding", "web"]


def index(library_path: Path, config: Path, place: int) -> None:
    """Serve the shards of one [[index]] entry, following the log."""
    cluster = load_cluster(config)
    if place >= len(cluster.index):
        raise ConfigError(
            f"--place must be in 0..{len(cluster.index) - 1} by cluster.toml, got {place}"
        )
    here = cluster.index[place]
    library = open_library(library_path)
    log = SqliteLog(library.log_path)
    shards = open_shards(library, here.shards, writable=True, serving=cluster.serving)
    tail = LogTail(shards, log)
    tail.catch_up()
    warm()
    tail.start()
    metrics = Metrics()
    tell_sequences(metrics, log, shards)
    server = sync_server(
        [IndexServicer(IndexHandler(shards))], threads=os.cpu_count() or 2, observe=metrics.rpc
    )
    bind(server, here.address)
    server.start()
    say(f"index server of shards {list(here.shards)} at {here.address}")
    until_stopped()
    server.stop(grace=1.0).wait()
    tail.stop()
    for shard in shards:
        shard.close()
    log.close()


def rack(config: Path) -> None:
    """Serve the rack over the index servers of ``config``."""
    cluster = load_cluster(config)
    servers = [
        KnownServer(f"index/{number}", len(place.shards))
        for number, place in enumerate(cluster.index)
    ]
    policy = Rack(servers, shard_timeout_s=cluster.serving.shard_timeout_s)

    def services() -> Sequence[Service]:
        stubs = {}
        for number, place in enumerate(cluster.index):
            channel = async_channel(place.address, service="alicorn.api.index.v1.IndexService")
            stubs[f"index/{number}"] = stub_of(index_pb2_grpc.IndexServiceStub(channel))
        return [RackServicer(policy, stubs)]

    asyncio.run(_serve(services, cluster.rack_address, "rack aggregator", Metrics()))


def top(library_path: Path, config: Path) -> None:
    """Serve the top aggregator over the rack of ``config``."""
    cluster = load_cluster(config)
    check_reach(cluster, cluster.top_address)
    library = open_library(library_path)
    graph = SqliteGraph(library.log_path)
    warm()
    policy = Top(
        graph=graph,
        models=TopModels.load(understanding=understanding_of(cluster)),
        serving=cluster.serving,
        surroundings=LibrarySurroundings(library, graph),
        now_local=local_now,
        key=TokenKey(cluster.viewer_secret) if cluster.viewer_secret else None,
    )

    metrics = Metrics()

    def services() -> Sequence[Service]:
        channel = async_channel(cluster.rack_address, service="alicorn.api.rack.v1.RackService")
        stub = stub_of(rack_pb2_grpc.RackServiceStub(channel))
        return [AsyncSearchServicer(policy, stub, metrics)]

    asyncio.run(_serve(services, cluster.top_address, "top aggregator", metrics))
    graph.close()


def web(config: Path) -> None:
    """Serve the results page over the top aggregator of ``config``."""
    from webtier.app import create_app  # noqa: PLC0415
    from webtier.server import serve  # noqa: PLC0415

    cluster = load_cluster(config)
    check_reach(cluster, cluster.web_address)
    host, port = split_address(cluster.web_address)
    with SearchClient(cluster.top_address) as client:
        serve(create_app(client, web_config(cluster)), host, port, flag="[web] address")


def understanding(library_path: Path) -> None:
    """Bring the library's log up to date with its folder, then stop."""
    library = open_library(library_path)
    log = SqliteLog(library.log_path)
    try:
        report = bring_up_to_date(
            library,
            log,
            workers=max(1, (os.cpu_count() or 2) - 1),
            tell=library.write_progress,
        )
        library.write_progress(progress_of(report.progress, running=False))
    finally:
        log.close()


async def _serve(
    services: Callable[[], Sequence[Service]], address: str, what: str, metrics: Metrics
) -> None:
    """Serve until SIGINT or SIGTERM; channels are made inside the loop that uses them."""
    server: Any = async_server(services(), observe=metrics.rpc)
    bind(server, address)
    await server.start()
    say(f"{what} at {address}")
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    await server.stop(grace=1.0)
