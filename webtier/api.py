"""The JSON API: search, explain and status, in the shapes of `webtier.json_view`."""

from __future__ import annotations

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from alicorn.api.search.v1 import search_pb2 as pb
from alicorn.errors import BadRequest
from webtier.backend import SearchBackend
from webtier.config import WebConfig
from webtier.ids import parse_id
from webtier.json_view import explain_json, search_json, status_json
from webtier.questions import Question
from webtier.viewers import Viewers

__all__ = ["Api", "json_response"]


def json_response(content: object, *, status: int = 200) -> Response:
    """Return ``content`` as UTF-8 JSON."""
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


class Api:
    """The handlers of `/api/`. Unlike the page, it refuses a blank query."""

    def __init__(self, backend: SearchBackend, viewers: Viewers, config: WebConfig) -> None:
        self._backend = backend
        self._viewers = viewers
        self._config = config

    async def api_search(self, request: Request) -> Response:
        """Answer `/api/search?q=&as=&limit=&viewer=`."""
        question = self._question(request)
        if question.is_blank:
            raise BadRequest("q must hold at least one word, got none")
        viewer = await self._viewers.of(request)
        found = await run_in_threadpool(self._backend.search, question.message(viewer))
        return json_response(search_json(found))

    async def api_explain(self, request: Request) -> Response:
        """Answer `/api/explain?q=&photo=`; without `q`, among the newest photos."""
        question = self._question(request)
        written = request.query_params.get("photo", "")
        photo_id = parse_id(written)
        if photo_id is None:
            raise BadRequest(f"photo must be the number of a photo, got {written[:40]!r}")
        viewer = await self._viewers.of(request)
        explained = await run_in_threadpool(
            self._backend.explain,
            pb.ExplainRequest(search=question.message(viewer), photo_id=photo_id),
        )
        return json_response(explain_json(explained))

    async def api_status(self, request: Request) -> Response:
        """Answer `/api/status`."""
        viewer = await self._viewers.of(request)
        status = await run_in_threadpool(
            self._backend.get_status, pb.GetStatusRequest(viewer=viewer)
        )
        return json_response(status_json(status))

    def _question(self, request: Request) -> Question:
        return Question.asked_by(request, limit=self._config.page_limit)
