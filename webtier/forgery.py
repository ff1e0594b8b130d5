"""Cross-site request forgery: only our own pages may change anything.

Browsers say where a request comes from. `Sec-Fetch-Site` is sent by all current ones on loopback
and over TLS; `Origin` stands in elsewhere. A request with neither is not from a page of ours.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from alicorn.errors import Forbidden

__all__ = ["check_same_origin", "is_same_origin"]


def is_same_origin(request: Request) -> bool:
    """Whether the browser vouches that a page of this very origin sent the request."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    parts = urlsplit(origin)
    # The scheme is not compared: behind a proxy that ends TLS it differs, the host does not.
    return parts.scheme in {"http", "https"} and parts.netloc == request.headers.get("host")


def check_same_origin(request: Request) -> None:
    """Let only pages of this very origin pass.

    Raises
    ------
    Forbidden
        If the browser does not vouch for it.
    """
    if not is_same_origin(request):
        raise Forbidden("this is done from this site's own pages only")
