"""Runs the web application: a port that is ours before anything starts, and a clean stop."""

from __future__ import annotations

import errno
import socket
import threading
import time
from types import TracebackType
from typing import Final, Self

import structlog
import uvicorn
from starlette.types import ASGIApp

from alicorn.errors import ConfigError, TryElsewhere

__all__ = ["WebServer", "bind", "serve"]

_BACKLOG: Final = 2_048
_START_TIMEOUT_S: Final = 10.0
_STOP_TIMEOUT_S: Final = 5.0
# A query of 10,000 emoji is 120 kB of address: it deserves our answer, not the parser's.
_MAX_HEAD_BYTES: Final = 262_144

_log = structlog.get_logger(__name__)


def bind(host: str, port: int, *, flag: str = "--port") -> socket.socket:
    """Return a listening socket on ``host`` and ``port``; 0 takes any free port.

    Raises
    ------
    ConfigError
        If the port is taken or not allowed, or the host is not one of this machine; ``flag`` names
        the setting to change.
    """
    if not 0 <= port <= 65_535:
        raise ConfigError(f"{flag} must be in [0, 65535], got {port}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ConfigError(f"cannot resolve {host!r} port {port} ({flag}): {error}") from error
    listening = socket.socket(family, kind, protocol)
    try:
        # A stopped server's connections linger; its port is free all the same.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        taken = error.errno == errno.EADDRINUSE
        reason = "is taken" if taken else f"cannot be used ({error})"
        raise ConfigError(
            f"port {port} on {host} {reason}; stop what uses it or choose another with {flag}"
        ) from error
    return listening


class WebServer:
    """The application on a port, in a thread of its own.

    The port is bound at birth, so a taken one is told before anything else starts. Use it as a
    context manager, or call `start` and `stop`.
    """

    def __init__(
        self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0, *, flag: str = "--port"
    ) -> None:
        self._socket = bind(host, port, flag=flag)
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                http="h11",
                h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
                timeout_graceful_shutdown=int(_STOP_TIMEOUT_S),
            )
        )
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where a browser finds it, as "http://127.0.0.1:8080"."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        if ":" in host and not host.startswith("["):
            host = f"[{host}]"
        return f"http://{host}:{self.port}"

    def run(self) -> None:
        """Serve in the calling thread until `stop`, or until SIGINT or SIGTERM in the main one."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def start(self) -> Self:
        """Serve in a thread; return once requests are answered."""
        self._thread = threading.Thread(target=self.run, name="webtier", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise TryElsewhere(f"the web server on port {self.port} did not start")
            time.sleep(0.005)
        _log.info("results page is served", address=self.address)
        return self

    def stop(self) -> None:
        """Finish the requests at hand, then end; harmless when it has ended already."""
        self._server.should_exit = True
        if self._thread is None:
            self._socket.close()
            return
        self._thread.join(_STOP_TIMEOUT_S + 1)
        if self._thread.is_alive():
            self._server.force_exit = True
            self._thread.join(1)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def serve(app: ASGIApp, host: str, port: int, *, flag: str = "--port") -> None:
    """Serve ``app`` in the calling thread until SIGINT or SIGTERM.

    Raises
    ------
    ConfigError
        If ``port`` is taken; the message names it and ``flag``.
    """
    WebServer(app, host, port, flag=flag).run()
