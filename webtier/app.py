"""The web application: which address leads to which handler, and what guards them all."""

from __future__ import annotations

from functools import partial

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from alicorn.errors import AlicornError, BadRequest, NotFound
from alicorn.telemetry import Metrics
from webtier.api import Api, json_response
from webtier.assets import Assets
from webtier.backend import SearchBackend
from webtier.changes import Changes
from webtier.config import WebConfig
from webtier.control_views import open_shelf_key
from webtier.controls import Controls
from webtier.dropping import DROP_PATHS, Dropping
from webtier.failures import FAILURES, NOT_TAKEN_IN, Failure, failure_of
from webtier.headers import SECURITY_HEADERS, SecurityHeaders
from webtier.hosts import HostCheck
from webtier.keys import DOOR_PATH, Door
from webtier.metrics import MetricsMiddleware, MetricsPage
from webtier.pages import Pages
from webtier.thumbnails import Thumbnails
from webtier.viewers import Viewers

__all__ = ["create_app"]

_log = structlog.get_logger(__name__)


def create_app(
    backend: SearchBackend,
    config: WebConfig,
    metrics: Metrics | None = None,
    controls: Controls | None = None,
    door: Door | None = None,
) -> Starlette:
    """Return the web application over ``backend``, which counts its answers in ``metrics``.

    With ``controls`` the page may also change things; with viewer tokens it never may, and the
    routes do not exist.

    Every answer carries the security headers, the 421 to a foreign `Host` included; errors become
    a page below `/`, JSON below `/api/` and plain text below `/thumb/` and `/static/`.
    """
    assets, metrics = Assets(), metrics or Metrics()
    if config.viewer_tokens:
        controls = None
    viewers = Viewers(
        backend, config, None if controls is None else partial(open_shelf_key, controls)
    )
    pages = Pages(backend, viewers, config, assets, controls)
    api = Api(backend, viewers, config)
    thumbnails = Thumbnails(backend, viewers)

    changing: list[Route] = []
    if controls is not None:
        changing += Changes(controls, viewers).routes()
        changing += Dropping(controls, pages.dropped).routes()

    def told(request: Request, error: Exception) -> Response:
        failure = failure_of(error)
        if failure is FAILURES[BadRequest] and request.url.path in DROP_PATHS:
            failure = NOT_TAKEN_IN
        if failure.status >= 500 and not failure.renews:
            _log.error("request failed", path=request.url.path, error=repr(error))
        return _failed(pages, request, failure, str(error))

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return told(request, NotFound("there is no such page"))
        return PlainTextResponse(error.detail, error.status_code, headers=error.headers)

    def crashed(request: Request, error: Exception) -> Response:
        response = told(request, error)
        # The outermost layer answers here, above the middleware that adds them.
        response.headers.update(SECURITY_HEADERS)
        return response

    return Starlette(
        routes=[
            Route("/", pages.home),
            Route("/search", pages.search),
            Route("/photo/{photo_id}", pages.photo),
            Route("/viewer", pages.switch_viewer, methods=["POST"]),
            Route("/thumb/{photo_id}", thumbnails.thumbnail),
            Route("/api/search", api.api_search),
            Route("/api/explain", api.api_explain),
            Route("/api/status", api.api_status),
            Route("/static/{version}/{name}", assets.serve),
            Route("/healthz", _healthz),
            Route("/metrics", MetricsPage(metrics, config).serve),
            *changing,
            *([] if door is None else [Route(DOOR_PATH, door.open)]),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(MetricsMiddleware, metrics=metrics),
            Middleware(HostCheck, allowed_hosts=config.allowed_hosts),
        ],
        exception_handlers={AlicornError: told, HTTPException: refused, Exception: crashed},
    )


async def _healthz(request: Request) -> Response:  # noqa: ARG001
    """Answer that this process serves; the searching parts have health checks of their own."""
    return PlainTextResponse("ok\n")


def _failed(pages: Pages, request: Request, failure: Failure, message: str) -> Response:
    path = request.url.path
    said = message if failure.tells else ""
    if path.startswith("/api/"):
        error = {
            "kind": failure.kind,
            "message": said or failure.heading,
            "next": list(failure.advice),
        }
        response = json_response({"error": error}, status=failure.status)
    elif path.startswith(("/thumb/", "/static/")):
        response = PlainTextResponse(failure.heading + "\n", failure.status)
    else:
        response = pages.failed(request, failure, message)
    if failure.retry_after_s:
        response.headers["Retry-After"] = str(failure.retry_after_s)
    if failure.renews:
        response.headers["Refresh"] = str(failure.retry_after_s)
    if path in DROP_PATHS:
        # What was not read of a file is not wanted: else the server would read it to its end.
        response.headers["Connection"] = "close"
    if failure.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
