"""The web application: which address leads to which handler, and what guards them all."""

from __future__ import annotations

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from alicorn.errors import AlicornError, NotFound
from alicorn.telemetry import Metrics
from webtier.api import Api, json_response
from webtier.assets import Assets
from webtier.backend import SearchBackend
from webtier.config import WebConfig
from webtier.failures import Failure, failure_of
from webtier.headers import SECURITY_HEADERS, SecurityHeaders
from webtier.hosts import HostCheck
from webtier.metrics import MetricsMiddleware, MetricsPage
from webtier.pages import Pages
from webtier.thumbnails import Thumbnails
from webtier.viewers import Viewers

__all__ = ["create_app"]

_log = structlog.get_logger(__name__)


def create_app(
    backend: SearchBackend, config: WebConfig, metrics: Metrics | None = None
) -> Starlette:
    """Return the web application over ``backend``, which counts its answers in ``metrics``.

    Every answer carries the security headers, the 421 to a foreign `Host` included; errors become
    a page below `/`, JSON below `/api/` and plain text below `/thumb/` and `/static/`.
    """
    assets, metrics = Assets(), metrics or Metrics()
    viewers = Viewers(backend, config)
    pages = Pages(backend, viewers, config, assets)
    api = Api(backend, viewers, config)
    thumbnails = Thumbnails(backend, viewers)

    def told(request: Request, error: Exception) -> Response:
        failure = failure_of(error)
        if failure.status >= 500:
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
    if failure.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
