"""`alicorn up`: one process that understands a folder and answers searches, until it is stopped.

The address is told first; photos are understood in worker processes behind it, newest first, and
each is searchable as soon as it is understood.
"""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from alicorn.command.background import BackgroundIndexing
from alicorn.command.console import out, say
from alicorn.command.library import Library
from alicorn.command.models import with_model
from alicorn.command.opening import (
    Running,
    chosen,
    forget,
    lay_out_sample,
    remember,
    running_here,
)
from alicorn.command.progress import ProgressBar
from alicorn.command.reach import check_reach
from alicorn.config.cluster import ClusterConfig, load_cluster
from alicorn.errors import ConfigError
from alicorn.rpc.addresses import join_address, split_address
from alicorn.telemetry import Metrics
from webtier.config import WebConfig

__all__ = ["run", "stop_signals", "until_stopped", "web_config"]


@dataclass(frozen=True, slots=True)
class _Ports:
    web_host: str
    web: int
    grpc: str


def run(
    *,
    photos: Path | None,
    library: Path | None,
    sample: bool,
    model: Path | None,
    config: Path | None,
    processes: bool,
    http_port: int | None,
    grpc_port: int | None,
    index: bool,
) -> None:
    """Serve until SIGINT or SIGTERM."""
    if photos is None and library is None:
        sample = True
    cluster = load_cluster(config) if config is not None else ClusterConfig()
    ports = _ports(cluster, http_port, grpc_port)
    check_reach(cluster, join_address(ports.web_host, ports.web), ports.grpc)
    opened = chosen(photos=photos, library=library, sample=sample, shards=cluster.shards)
    if sample:
        lay_out_sample(opened, say)
    if opened.settings.shards != cluster.shards:
        raise ConfigError(
            f"the library has {opened.settings.shards} shards, cluster.toml {cluster.shards}"
        )
    _check_alone(opened)
    opened = with_model(opened, model)
    if processes:
        from alicorn.command.processes import run_processes  # noqa: PLC0415

        run_processes(opened, cluster, http_port=http_port, grpc_port=grpc_port, index=index)
        return
    _run_here(opened, cluster, ports, index=index)


def _run_here(library: Library, cluster: ClusterConfig, ports: _Ports, *, index: bool) -> None:
    # Everything heavy is imported after the options are known to be good.
    from aggregator.top.servicer import SearchServicer  # noqa: PLC0415
    from alicorn.command.tiers import LocalTiers  # noqa: PLC0415
    from alicorn.rpc.servers import bind, sync_server  # noqa: PLC0415
    from webtier.app import create_app  # noqa: PLC0415
    from webtier.server import WebServer  # noqa: PLC0415

    metrics = Metrics()
    warm = threading.Event()
    # From here on a signal ends us in order, also while the address is being told.
    asked_to_stop = stop_signals()
    tiers = LocalTiers(
        library,
        serving=cluster.serving,
        writable=True,
        viewer_secret=cluster.viewer_secret,
        metrics=metrics,
        ready=warm,
    )
    with tiers:
        server = sync_server(
            [SearchServicer(tiers.search)], threads=os.cpu_count() or 2, observe=metrics.rpc
        )
        grpc_port = bind(server, ports.grpc)
        app = create_app(tiers.search, web_config(cluster), metrics)
        web = WebServer(app, ports.web_host, ports.web, flag="--http-port")
        tiers.tail.start()
        server.start()
        indexing = None
        with web:
            grpc = join_address(split_address(ports.grpc)[0], grpc_port)
            running = Running(os.getpid(), str(library.path), grpc, web.address)
            remember(library, running)
            out.print(f"[bold]{library.settings.name}[/] is at [bold]{web.address}[/]")
            say(f"gRPC at {running.grpc}; library at {library.path}; stop with Ctrl-C")
            with ProgressBar() as bar:
                _warm(warm)
                if index:
                    indexing = BackgroundIndexing(
                        library, tiers.log, tell=bar.tell, metrics=metrics
                    )
                    indexing.start()
                until_stopped(asked_to_stop)
            say("stopping")
            if indexing is not None:
                indexing.stop()
        server.stop(grace=1.0).wait()
        forget(library)


def _check_alone(library: Library) -> None:
    """Raise ConfigError where the library is served already: its address is what is wanted."""
    running = running_here()
    # In a container every start has the same process id: what it finds there is itself.
    if running is None or running.pid == os.getpid():
        return
    if Path(running.library).resolve() == library.path.resolve():
        raise ConfigError(
            f"the library is served already at {running.web} by process {running.pid}; "
            "open that, or stop it first"
        )


def _warm(ready: threading.Event) -> None:
    """Load the kernels in a thread; until then the page says that the shards are loading."""
    from alicorn.command.warm import warm  # noqa: PLC0415

    def work() -> None:
        try:
            warm()
        finally:
            ready.set()

    threading.Thread(target=work, name="warm", daemon=True).start()


def web_config(cluster: ClusterConfig) -> WebConfig:
    """Return the results page's settings in ``cluster``."""
    return WebConfig(allowed_hosts=cluster.web_hosts, viewer_tokens=bool(cluster.viewer_secret))


def stop_signals() -> threading.Event:
    """Return what SIGINT and SIGTERM set from now on, instead of ending the process."""
    asked = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return asked


def until_stopped(asked: threading.Event | None = None) -> None:
    """Wait for SIGINT or SIGTERM."""
    asked = asked or stop_signals()
    while not asked.wait(0.5):
        pass


def _ports(cluster: ClusterConfig, http_port: int | None, grpc_port: int | None) -> _Ports:
    web_host, web_port = split_address(cluster.web_address)
    top_host, top_port = split_address(cluster.top_address)
    return _Ports(
        web_host,
        web_port if http_port is None else http_port,
        join_address(top_host, top_port if grpc_port is None else grpc_port),
    )
