"""Thumbnails, for those who may see the photo.

The browser keeps a picture for itself and asks again each time (`private, no-cache` and an ETag):
when a friendship ends, the picture ends with it, while an unchanged one costs no bytes.
"""

from __future__ import annotations

import hashlib

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from alicorn.api.search.v1 import search_pb2 as pb
from alicorn.errors import Forbidden, NotFound
from webtier.backend import SearchBackend
from webtier.ids import parse_id
from webtier.viewers import Viewers

__all__ = ["Thumbnails"]


class Thumbnails:
    """The handler of `/thumb/{photo_id}`."""

    def __init__(self, backend: SearchBackend, viewers: Viewers) -> None:
        self._backend = backend
        self._viewers = viewers

    async def thumbnail(self, request: Request) -> Response:
        """Answer with a JPEG, with 304 when the browser has it, or with 404.

        Raises
        ------
        NotFound
            If there is no such photo, or the viewer may not see it: one cannot tell which.
        """
        photo_id = parse_id(request.path_params["photo_id"])
        if photo_id is None:
            raise NotFound("no such photo")
        viewer = await self._viewers.of(request)
        try:
            picture = await run_in_threadpool(
                self._backend.get_picture, pb.GetPictureRequest(viewer=viewer, photo_id=photo_id)
            )
        except Forbidden:
            raise NotFound(f"no photo {photo_id}") from None
        tag = f'"{hashlib.sha256(picture.jpeg).hexdigest()[:32]}"'
        headers = {
            "Cache-Control": "private, no-cache",
            "ETag": tag,
            "Vary": "Cookie, Authorization",
        }
        if _names(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        return Response(picture.jpeg, media_type="image/jpeg", headers=headers)


def _names(if_none_match: str, tag: str) -> bool:
    """Whether the header names ``tag``, weak forms counted (RFC 9110, 13.1.2)."""
    named = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return tag in named or "*" in named
