"""`alicorn up --processes`: every tier in a process of its own, on this machine.

The same objects as in one process, started with `alicorn serve`, talking gRPC over loopback. A tier
that ends while the others run is started again, at most a few times; stopping stops them all.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import grpc
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc

from alicorn.command.console import out, say
from alicorn.command.library import Library
from alicorn.command.opening import Running, forget, listens, remember
from alicorn.command.parent import child_environment
from alicorn.command.up import stop_signals, until_stopped
from alicorn.config.cluster import ClusterConfig, IndexPlace, write_cluster
from alicorn.errors import ConfigError, TryElsewhere
from alicorn.log import SqliteLog
from alicorn.rpc.addresses import join_address, split_address

__all__ = ["Processes", "free_ports", "run_processes"]

_log = structlog.get_logger(__name__)

_START_TIMEOUT_S: Final = 60.0
_STOP_TIMEOUT_S: Final = 10.0
_RESTARTS: Final = 5


@dataclass(slots=True)
class _Tier:
    """One process and how to start it again."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    restarts: int = 0
    once: bool = False
    """Ends by itself when its work is done."""


class Processes:
    """The processes of one library, on loopback.

    Parameters
    ----------
    library : Library
    cluster : ClusterConfig
        With addresses that are free.
    index : bool
        Understand new photos, too.
    asked_to_stop : Event, optional
        When set while they start, starting ends with KeyboardInterrupt and none is left.
    """

    def __init__(
        self,
        library: Library,
        cluster: ClusterConfig,
        *,
        index: bool,
        asked_to_stop: threading.Event | None = None,
    ) -> None:
        self.library = library
        self.cluster = cluster
        self._index = index
        self._tiers: list[_Tier] = []
        self._asked_to_stop = asked_to_stop or threading.Event()
        self._stopping = threading.Event()
        self._held = ExitStack()
        self._watcher = threading.Thread(target=self._watch, name="processes", daemon=True)

    def __enter__(self) -> Processes:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by tier: "index/0", "rack", "top", "web", "understanding"."""
        return {tier.name: tier.process.pid for tier in self._tiers}

    def start(self) -> None:
        """Start every tier, from the shards up; return when all of them answer.

        Raises
        ------
        TryElsewhere
            If one does not come up.
        """
        # Made here, so that the tiers do not race to make its tables.
        SqliteLog(self.library.log_path).close()
        folder = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="alicorn-")))
        config = folder / "cluster.toml"
        write_cluster(self.cluster, config)
        shared = ["--config", str(config)]
        library = ["--library", str(self.library.path)]
        for number in range(len(self.cluster.index)):
            self._begin(f"index/{number}", ["index", *library, *shared, "--place", str(number)])
        self._begin("rack", ["rack", *shared])
        self._begin("top", ["top", *library, *shared])
        self._begin("web", ["web", *shared])
        for place in self.cluster.index:
            self._await_grpc(place.address)
        self._await_grpc(self.cluster.rack_address)
        self._await_grpc(self.cluster.top_address)
        self._await_port(self.cluster.web_address)
        if self._index:
            self._begin("understanding", ["understanding", *library], once=True)
        self._watcher.start()

    def stop(self) -> None:
        """Stop every tier: readers first, so that nobody asks who is gone."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        for tier in reversed(self._tiers):
            if tier.process.poll() is None:
                tier.process.terminate()
        deadline = time.monotonic() + _STOP_TIMEOUT_S
        for tier in reversed(self._tiers):
            try:
                tier.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                tier.process.kill()
                tier.process.wait()
        self._held.close()

    def _begin(self, name: str, arguments: Sequence[str], *, once: bool = False) -> None:
        command = [sys.executable, "-P", "-m", "alicorn.command", "serve", *arguments]
        self._tiers.append(
            _Tier(name, command, subprocess.Popen(command, env=child_environment()), once=once)
        )

    def _watch(self) -> None:
        while not self._stopping.wait(0.5):
            for tier in self._tiers:
                if tier.process.poll() is None or (tier.once and tier.process.returncode == 0):
                    continue
                if tier.restarts >= _RESTARTS:
                    continue
                tier.restarts += 1
                _log.warning(
                    "a tier ended and is started again",
                    tier=tier.name,
                    status=tier.process.returncode,
                )
                tier.process = subprocess.Popen(tier.command, env=child_environment())

    def _await_grpc(self, address: str) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        with grpc.insecure_channel(address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            request: Any = health_pb2.HealthCheckRequest()
            while time.monotonic() < deadline:
                self._check_alive()
                try:
                    stub.Check(request, timeout=1.0, wait_for_ready=True)
                except grpc.RpcError:
                    continue
                return
        raise TryElsewhere(f"nobody answers at {address} after {_START_TIMEOUT_S:.0f} s")

    def _await_port(self, address: str) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < deadline:
            self._check_alive()
            if listens(address):
                return
            time.sleep(0.05)
        raise TryElsewhere(f"nobody answers at {address} after {_START_TIMEOUT_S:.0f} s")

    def _check_alive(self) -> None:
        # Looked at here, between two steps: an exception of the signal itself could come between
        # the start of a process and the note that we have it.
        if self._asked_to_stop.is_set():
            raise KeyboardInterrupt
        for tier in self._tiers:
            if (status := tier.process.poll()) is not None and not tier.once:
                raise TryElsewhere(
                    f"{tier.name} ended with status {status} while starting; its reason is above"
                )


def free_ports(count: int) -> list[int]:
    """Return ``count`` different ports of loopback that are free now."""
    with ExitStack() as held:
        ports = []
        for _ in range(count):
            listening = held.enter_context(socket.socket())
            listening.bind(("127.0.0.1", 0))
            ports.append(int(listening.getsockname()[1]))
        return ports


def run_processes(
    library: Library,
    cluster: ClusterConfig,
    *,
    http_port: int | None,
    grpc_port: int | None,
    index: bool,
) -> None:
    """Serve ``library`` in many processes until SIGINT or SIGTERM."""
    placed = _placed(cluster, http_port, grpc_port)
    for address in (
        placed.web_address,
        placed.top_address,
        placed.rack_address,
        *(place.address for place in placed.index),
    ):
        _check_free(address)
    asked_to_stop = stop_signals()
    with Processes(library, placed, index=index, asked_to_stop=asked_to_stop) as processes:
        web = f"http://{placed.web_address}"
        remember(library, Running(os.getpid(), str(library.path), placed.top_address, web))
        out.print(f"[bold]{library.settings.name}[/] is at [bold]{web}[/]")
        tiers = ", ".join(f"{name} {pid}" for name, pid in processes.pids.items())
        say(f"gRPC at {placed.top_address}; processes: {tiers}; stop with Ctrl-C")
        until_stopped(asked_to_stop)
        say("stopping")
    forget(library)


def _placed(cluster: ClusterConfig, http_port: int | None, grpc_port: int | None) -> ClusterConfig:
    """Return ``cluster`` with the ports of the command line, 0 being any that is free."""

    def at(address: str, port: int | None) -> str:
        if port is None:
            return address
        return join_address(split_address(address)[0], port or free_ports(1)[0])

    return replace(
        cluster,
        web_address=at(cluster.web_address, http_port),
        top_address=at(cluster.top_address, grpc_port),
        # A free port for the page means a second Alicorn here: then the inner ports move, too.
        rack_address=at(cluster.rack_address, 0 if grpc_port == 0 else None),
        index=tuple(
            IndexPlace(
                address=at(place.address, 0 if grpc_port == 0 else None), shards=place.shards
            )
            for place in cluster.index
        ),
    )


def _check_free(address: str) -> None:
    host, port = split_address(address)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {address}: {error.strerror}; stop what uses it, or choose "
                "another in cluster.toml or with --http-port and --grpc-port"
            ) from None
