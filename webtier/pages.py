"""The HTML pages: the newest photos, the results, one photo, and the switch of the viewer."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from alicorn.api.search.v1 import search_pb2 as pb
from alicorn.errors import BadRequest, Forbidden, NotFound, UnknownViewer
from webtier.assets import Assets
from webtier.backend import SearchBackend
from webtier.config import WebConfig
from webtier.failures import Failure
from webtier.forgery import is_same_origin
from webtier.ids import parse_id
from webtier.questions import EXPRESSION, Question, newest
from webtier.viewers import VIEWER_COOKIE, Viewers, parse_viewer_id
from webtier.views import answer_view, photo_view, progress_view, suggestions

__all__ = ["Pages"]

# The switch sends two short fields; more is no form of ours.
_MAX_FORM_BYTES: Final = 16_384


class Pages:
    """The handlers of the HTML pages."""

    def __init__(
        self, backend: SearchBackend, viewers: Viewers, config: WebConfig, assets: Assets
    ) -> None:
        self._backend = backend
        self._viewers = viewers
        self._config = config
        self._templates = Environment(
            loader=PackageLoader("webtier"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["asset"] = assets.address

    async def home(self, request: Request) -> Response:
        """Answer `/`: the search box above the newest photos."""
        return await self._results(request, Question.asked_by(request, limit=self._limit))

    async def search(self, request: Request) -> Response:
        """Answer `/search`: the modules of a query; the newest photos for a blank one."""
        question = Question.asked_by(request, limit=self._limit)
        note = ""
        if question.is_blank and "q" in request.query_params:
            note = "Nothing was typed, so here are the newest photos."
        return await self._results(request, question, note)

    async def photo(self, request: Request) -> Response:
        """Answer `/photo/{id}`: one photo of an answer, for those without scripts and for links."""
        question = Question.asked_by(request, limit=self._limit)
        viewer = await self._viewers.of(request)
        photo_id = parse_id(request.path_params["photo_id"])
        search = question.message(viewer)
        response = await run_in_threadpool(self._backend.search, search)
        shown = [photo for module in response.modules for photo in module.photos]
        photo = next((photo for photo in shown if photo.id == photo_id), None)
        if photo is None or photo_id is None:
            raise NotFound(f"this photo is not in the answer to {question.text[:80]!r}")
        explained = await run_in_threadpool(
            self._backend.explain, pb.ExplainRequest(search=search, photo_id=photo_id)
        )
        page = await self._page(viewer, question)
        return self._html(
            "photo.html", page | {"photo": photo_view(photo, question), "explained": explained}
        )

    async def switch_viewer(self, request: Request) -> Response:
        """Answer `POST /viewer`: look through the eyes of another sample person.

        Raises
        ------
        Forbidden
            Once tokens are configured, off the sample shelf, and from pages that are not ours.
        UnknownViewer
            If the person is not one of the sample people.
        """
        if self._config.viewer_tokens:
            raise Forbidden("the viewer comes from the token and cannot be switched")
        if not is_same_origin(request):
            raise Forbidden("the viewer is switched from this site's own pages only")
        people = await self._viewers.people()
        if not people.can_switch:
            raise Forbidden("the viewer can be chosen on the sample shelf only")
        form = await _form(request)
        viewer_id = parse_viewer_id(form.get("viewer", ""))
        if viewer_id not in {person_id for person_id, _ in people.names}:
            raise UnknownViewer(f"viewer must be one of the sample people, got {viewer_id}")
        response = RedirectResponse(_own_address(form.get("next", "/")), status_code=303)
        response.set_cookie(VIEWER_COOKIE, str(viewer_id), httponly=True, samesite="lax", path="/")
        return response

    def failed(self, request: Request, failure: Failure, message: str) -> Response:
        """Return the page of a failure; it asks nothing of the backend, which may be the cause."""
        again = _own_address(f"{request.url.path}?{request.url.query}")
        page = {
            "library": "",
            "version": "",
            "people": (),
            "viewer_id": 0,
            "question": _question_for_box(request, self._limit),
            "here": "/",
            "progress": None,
            "failure": failure,
            "message": message if failure.tells else "",
            "again": again if request.method == "GET" else "/",
        }
        return self._html("failure.html", page, status=failure.status)

    @property
    def _limit(self) -> int:
        return self._config.page_limit

    async def _results(self, request: Request, question: Question, note: str = "") -> Response:
        viewer = await self._viewers.of(request)
        response = await run_in_threadpool(self._backend.search, question.message(viewer))
        answer = answer_view(response, question)
        page = await self._page(viewer, question)
        tried = response
        if not answer.count and not question.is_blank:
            tried = await run_in_threadpool(self._backend.search, newest(viewer, self._limit))
        page |= {
            "answer": answer,
            "note": note,
            "suggestions": suggestions(tried),
        }
        # The same template twice: a part of the page renews itself while photos are understood.
        partial = request.query_params.get("part") == "results"
        return self._html("results.html" if partial else "search.html", page)

    async def _page(self, viewer: pb.Viewer, question: Question) -> dict[str, Any]:
        """Return what every page shows around its content."""
        status = await run_in_threadpool(
            self._backend.get_status, pb.GetStatusRequest(viewer=viewer)
        )
        people = await self._viewers.people()
        return {
            "library": status.library,
            "version": status.version,
            "people": people.names,
            "viewer_id": viewer.id,
            "question": question,
            "here": question.address("/" if question.is_blank else "/search"),
            "progress": progress_view(status.understanding),
            "poll_ms": self._config.poll_ms,
        }

    def _html(self, template: str, page: dict[str, Any], *, status: int = 200) -> Response:
        content = self._templates.get_template(template).render(EXPRESSION=EXPRESSION, **page)
        return HTMLResponse(content, status_code=status)


def _question_for_box(request: Request, limit: int) -> Question:
    """Return what the search box keeps after a failure, cut to what it takes."""
    return Question(
        text=request.query_params.get("q", "").strip()[:1_000],
        is_expression=request.query_params.get("as") == EXPRESSION,
        limit=limit,
    )


async def _form(request: Request) -> dict[str, str]:
    """Read a short urlencoded form; the last value of a name counts."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM_BYTES:
            raise BadRequest(f"form must be at most {_MAX_FORM_BYTES} bytes")
    return dict(parse_qsl(body.decode("utf-8", errors="replace")))


def _own_address(address: str) -> str:
    """Return ``address`` if it is a path of this site, without `viewer`; else "/".

    >>> _own_address("/search?q=cat&viewer=3"), _own_address("//elsewhere.example/")
    ('/search?q=cat', '/')
    """
    parts = urlsplit(address)
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    if parts.scheme or parts.netloc or not is_path or not address.isprintable():
        return "/"
    params = [(name, value) for name, value in parse_qsl(parts.query) if name != "viewer"]
    return parts.path + (f"?{urlencode(params)}" if params else "")
