"""The Host check: a page of another site must not reach this server under a name of its own.

A server on loopback is reachable from any web page whose name is made to resolve to 127.0.0.1 (DNS
rebinding); the browser then takes both for one origin. Such a request still carries the foreign
name in `Host`, so names that are not ours are turned away before anything is looked at.
"""

from __future__ import annotations

from typing import Final

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from webtier.headers import SECURITY_HEADERS

__all__ = ["LOOPBACK", "HostCheck", "host_name", "is_local"]

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Names that always reach this server."""

# Probes of an orchestrator come under the address of a container, and learn nothing but "ok".
_UNCHECKED_PATHS: Final = frozenset({"/healthz"})

_log = structlog.get_logger(__name__)


def host_name(host: str) -> str:
    """Return the name in a `Host` header, lower case, without its port.

    >>> host_name("Photos.example:8080"), host_name("[::1]:80"), host_name("localhost")
    ('photos.example', '[::1]', 'localhost')
    """
    name, colon, port = host.rpartition(":")
    # The colons of an address in brackets end no name, so what stands after one must be a port.
    return (name if colon and port.isdigit() else host).lower()


def is_local(request: Request) -> bool:
    """Whether ``request`` came under a name that only this machine has for itself."""
    return host_name(request.headers.get("host", "")) in LOOPBACK


class HostCheck:
    """Middleware that answers 400 without a `Host`, and 421 to a name that is not ours."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: tuple[str, ...]) -> None:
        self._app = app
        self._any = "*" in allowed_hosts
        self._allowed = LOOPBACK | frozenset(allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when its name is ours."""
        if scope["type"] != "http" or self._any or scope["path"] in _UNCHECKED_PATHS:
            await self._app(scope, receive, send)
            return
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) == 1 and host_name(hosts[0]) in self._allowed:
            await self._app(scope, receive, send)
            return
        _log.warning("request under a foreign name", host=hosts[:1], path=scope["path"])
        response = PlainTextResponse(
            "This server does not answer under that name.\n"
            "Open it as http://localhost, or add the name to the allowed hosts.\n",
            status_code=421 if len(hosts) == 1 and hosts[0] else 400,
            headers=SECURITY_HEADERS,
        )
        await response(scope, receive, send)
