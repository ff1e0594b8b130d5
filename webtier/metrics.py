"""The web tier's part in the metrics: every answer counted by route, and the page for a scraper."""

from __future__ import annotations

import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alicorn.telemetry.metrics import CONTENT_TYPE, Metrics
from webtier.config import WebConfig

__all__ = ["MetricsMiddleware", "MetricsPage"]


class MetricsPage:
    """Answers `/metrics`, where there are no viewers to keep apart.

    How many photos there are, and when one is added, is no business of a viewer who may not see it;
    and the page's port is open to all viewers. So with viewer tokens nobody reads metrics here.
    """

    def __init__(self, metrics: Metrics, config: WebConfig) -> None:
        self._metrics = metrics
        self._config = config

    async def serve(self, request: Request) -> Response:
        """Answer every series of this process; 403 if viewer tokens are configured."""
        if self._config.viewer_tokens:
            return PlainTextResponse("Metrics are not served to viewers with tokens.\n", 403)
        # The log is asked how far it is, which is a read from the disk.
        return Response(await run_in_threadpool(self._metrics.render), media_type=CONTENT_TYPE)


class MetricsMiddleware:
    """Counts every answer under its route's name, never under its path: paths hold ids."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            endpoint = scope.get("endpoint")
            route = getattr(endpoint, "__name__", "none")
            self._metrics.web_request(route, status, time.perf_counter() - started)
