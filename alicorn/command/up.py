"""`alicorn up`: one process that understands a folder and answers searches, until it is stopped.

The ports are taken and the address is told first; the page says that it is loading until a shelf is
open and the kernels are loaded. Photos are understood in worker processes meanwhile, newest first,
and each is searchable as soon as it is understood.

    ports -> address -> tiers, library -> photos, worker by worker
                        kernels
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from alicorn.command import browser
from alicorn.command.console import out, say
from alicorn.command.library import Library
from alicorn.command.opening import (
    Running,
    chosen,
    lay_out_sample,
    running_here,
)
from alicorn.command.reach import check_reach, is_loopback
from alicorn.config.cluster import ClusterConfig, IndexPlace, load_cluster
from alicorn.errors import ConfigError
from alicorn.rpc.addresses import join_address, split_address
from alicorn.telemetry import Metrics
from webtier.config import WebConfig

if TYPE_CHECKING:
    from alicorn.command.keys import RunKey

__all__ = ["run", "stop_signals", "until_stopped", "web_config"]


@dataclass(frozen=True, slots=True)
class _Ports:
    web_host: str
    web: int
    grpc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Started:
    """What the options say is to be served."""

    library: Library
    sample: bool
    """Its photographs may have to be laid out."""
    index: bool
    """New photos are understood."""

    def prepare(self) -> None:
        """Lay out the photographs of the sample shelf."""
        if self.sample:
            lay_out_sample(self.library, say)


def run(
    *,
    photos: Path | None,
    library: Path | None,
    sample: bool,
    config: Path | None,
    processes: bool,
    http_port: int | None,
    grpc_port: int | None,
    index: bool,
    open_browser: bool | None = None,
    model: Path | None = None,
    key: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM."""
    if photos is None and library is None:
        sample = True
    cluster = load_cluster(config) if config is not None else ClusterConfig()
    run_key = _run_key() if key else None
    if run_key is not None:
        cluster = run_key.cluster(cluster, processes=processes)
    ports = _ports(cluster, http_port, grpc_port)
    check_reach(cluster, join_address(ports.web_host, ports.web), ports.grpc)
    opened = chosen(photos=photos, library=library, sample=sample, shards=cluster.shards)
    if config is None:
        cluster = _with_shards(cluster, opened.settings.shards)
    if opened.settings.shards != cluster.shards:
        raise ConfigError(
            f"the library has {opened.settings.shards} shards, cluster.toml {cluster.shards}"
        )
    _check_alone(opened)
    if model is not None:
        from alicorn.command.models import with_model  # noqa: PLC0415

        opened = with_model(opened, model)
    started = _Started(library=opened, sample=sample, index=index)
    if processes:
        from alicorn.command.processes import run_processes  # noqa: PLC0415

        started.prepare()
        has_folder = opened.settings.world is None
        run_processes(
            opened,
            cluster,
            http_port=http_port,
            grpc_port=grpc_port,
            index=index and has_folder,
        )
        return
    _run_here(
        started, cluster, ports, with_browser=browser.is_wanted(open_browser), run_key=run_key
    )


def _run_here(
    started: _Started,
    cluster: ClusterConfig,
    ports: _Ports,
    *,
    with_browser: bool,
    run_key: RunKey | None = None,
) -> None:
    # What is imported before the address is told makes everybody wait: no tiers, no kernels.
    from aggregator.top.servicer import SearchServicer  # noqa: PLC0415
    from alicorn.command.progress import ProgressBar  # noqa: PLC0415
    from alicorn.command.shelves.service import ShelfService  # noqa: PLC0415
    from alicorn.rpc.servers import bind, sync_server  # noqa: PLC0415
    from webtier.app import create_app  # noqa: PLC0415
    from webtier.server import WebServer  # noqa: PLC0415

    metrics = Metrics()
    # From here on a signal ends us in order, also while the address is being told.
    asked_to_stop = stop_signals()
    with ExitStack() as held:
        service = ShelfService(
            started.library,
            prepare=started.prepare,
            cluster=cluster,
            metrics=metrics,
            index=started.index,
            bar=held.enter_context(ProgressBar()),
        )
        controls = service.controls() if _may_be_changed(cluster, ports) else None
        server = sync_server(
            [SearchServicer(service.board)], threads=os.cpu_count() or 2, observe=metrics.rpc
        )
        grpc = join_address(split_address(ports.grpc)[0], bind(server, ports.grpc))
        viewer = started.library.settings.default_viewer
        door = None if run_key is None else run_key.door(viewer)
        app = create_app(service.board, web_config(cluster), metrics, controls, door)
        web = WebServer(app, ports.web_host, ports.web, flag="--http-port")
        entrance = web.address if door is None else door.address(web.address)
        held.callback(service.end)
        server.start()
        held.callback(lambda: server.stop(grace=1.0).wait())
        held.enter_context(web)
        out.print(f"[bold]{started.library.settings.name}[/] is at [bold]{entrance}[/]")
        say(f"gRPC at {grpc}; library at {started.library.path}; stop with Ctrl-C")
        if with_browser:
            browser.open_page(entrance)
        service.begin(Running(os.getpid(), str(started.library.path), grpc, web.address))
        until_stopped(asked_to_stop)
        say("stopping")


def _run_key() -> RunKey:
    from alicorn.command.keys import RunKey  # noqa: PLC0415

    return RunKey()


def _may_be_changed(cluster: ClusterConfig, ports: _Ports) -> bool:
    """Whether the page may change things: it serves its own machine, and nobody else.

    A name under which others ask for it means that a proxy stands before it.
    """
    here = is_loopback(join_address(ports.web_host, ports.web))
    return here and not cluster.viewer_secret and not cluster.web_hosts


def _with_shards(cluster: ClusterConfig, shards: int) -> ClusterConfig:
    """Return ``cluster`` for a library of so many shards, in the same index servers."""
    servers = len(cluster.index)
    index = tuple(
        IndexPlace(address=place.address, shards=tuple(range(number, shards, servers)))
        for number, place in enumerate(cluster.index)
    )
    return replace(cluster, shards=shards, index=tuple(place for place in index if place.shards))


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
