"""Short forms of our own pages, and where they lead back to."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request

from alicorn.errors import BadRequest

__all__ = ["own_address", "short_form"]

# They send a few short fields; more is no form of ours.
_MAX_FORM_BYTES: Final = 16_384


async def short_form(request: Request) -> dict[str, str]:
    """Read a short urlencoded form; the last value of a name counts.

    Raises
    ------
    BadRequest
        If it is no short form.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM_BYTES:
            raise BadRequest(f"form must be at most {_MAX_FORM_BYTES} bytes")
    return dict(parse_qsl(body.decode("utf-8", errors="replace")))


def own_address(address: str, *, without: frozenset[str] = frozenset({"viewer"})) -> str:
    """Return ``address`` if it is a path of this site, without some parameters; else "/".

    >>> own_address("/search?q=cat&viewer=3"), own_address("//elsewhere.example/")
    ('/search?q=cat', '/')
    """
    parts = urlsplit(address)
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    if parts.scheme or parts.netloc or not is_path or not address.isprintable():
        return "/"
    params = [(name, value) for name, value in parse_qsl(parts.query) if name not in without]
    return parts.path + (f"?{urlencode(params)}" if params else "")
