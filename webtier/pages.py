"""The HTML pages: the newest photos, the results, one photo, and the switch of the viewer."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from alicorn.api.search.v1 import search_pb2 as pb
from alicorn.errors import AlicornError, Forbidden, NotFound, UnknownViewer
from webtier.assets import Assets
from webtier.backend import SearchBackend
from webtier.changes import ENDED
from webtier.config import WebConfig
from webtier.control_views import ControlView, control_view
from webtier.controls import Controls
from webtier.failures import Failure
from webtier.forgery import is_same_origin
from webtier.forms import own_address, short_form
from webtier.hosts import is_local
from webtier.ids import parse_id
from webtier.questions import EXPRESSION, Question, newest
from webtier.viewers import VIEWER_COOKIE, Viewers, parse_viewer_id
from webtier.views import answer_view, people_view, photo_view, progress_view, suggestions

__all__ = ["Pages"]


class Pages:
    """The handlers of the HTML pages."""

    def __init__(
        self,
        backend: SearchBackend,
        viewers: Viewers,
        config: WebConfig,
        assets: Assets,
        controls: Controls | None = None,
    ) -> None:
        self._backend = backend
        self._viewers = viewers
        self._config = config
        self._controls = controls
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
        titles = {module.name: module.title for module in response.modules}
        page = await self._page(request, viewer, question)
        page |= {
            "photo": photo_view(photo, question),
            "explained": explained,
            "module": titles.get(explained.module, ""),
        }
        return self._html("photo.html", page)

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
        form = await short_form(request)
        if form.get("who", "").strip() and "viewer" not in form:
            named = people.named(form["who"])
            if named is None:
                raise UnknownViewer(f"found nobody called {form['who'][:40]!r}")
            viewer_id = named
        else:
            viewer_id = parse_viewer_id(form.get("viewer", ""))
        if viewer_id not in {person_id for person_id, _ in people.names}:
            raise UnknownViewer(f"viewer must be one of the sample people, got {viewer_id}")
        response = RedirectResponse(own_address(form.get("next", "/")), status_code=303)
        response.set_cookie(VIEWER_COOKIE, str(viewer_id), httponly=True, samesite="lax", path="/")
        return response

    def failed(self, request: Request, failure: Failure, message: str) -> Response:
        """Return the page of a failure; it asks nothing of the backend, which may be the cause."""
        again = own_address(f"{request.url.path}?{request.url.query}")
        page = {
            "library": "",
            "people": None,
            "viewer_id": 0,
            "question": _question_for_box(request, self._limit),
            "here": "/",
            "progress": None,
            "failure": failure,
            "message": message if failure.tells else "",
            "again": again if request.method == "GET" else "/",
            "controls": self._controls_after_failure(request),
        }
        return self._html("failure.html", page, status=failure.status)

    def dropped(self, request: Request, taken: int, refused: list[tuple[str, str]]) -> Response:
        """Return the page after a form with photos of which some were refused."""
        page = {
            "library": "",
            "people": None,
            "viewer_id": 0,
            "question": Question(text="", limit=self._limit),
            "here": "/",
            "progress": None,
            "controls": self._controls_after_failure(request),
            "taken": taken,
            "refused": refused,
        }
        return self._html("dropped.html", page)

    @property
    def _limit(self) -> int:
        return self._config.page_limit

    async def _results(self, request: Request, question: Question, note: str = "") -> Response:
        viewer = await self._viewers.of(request)
        response = await run_in_threadpool(self._backend.search, question.message(viewer))
        page = await self._page(request, viewer, question)
        controls: ControlView | None = page["controls"]
        answer = answer_view(response, question, () if controls is None else controls.stopped)
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

    async def _page(
        self, request: Request, viewer: pb.Viewer, question: Question
    ) -> dict[str, Any]:
        """Return what every page shows around its content."""
        status = await run_in_threadpool(
            self._backend.get_status, pb.GetStatusRequest(viewer=viewer)
        )
        people = (await self._viewers.people()).names
        controls = None
        if self._controls is not None and is_local(request):
            ended = parse_id(request.query_params.get(ENDED, ""))
            controls = await run_in_threadpool(
                control_view, self._controls, viewer=viewer.id, people=people, ended=ended
            )
        friends = () if controls is None else {friend.id for friend in controls.friends}
        return {
            "library": status.library,
            "people": people_view(people, viewer.id, friends) if people else None,
            "viewer_id": viewer.id,
            "question": question,
            "here": question.address("/" if question.is_blank else "/search"),
            "progress": progress_view(status.understanding),
            "controls": controls,
        }

    def _controls_after_failure(self, request: Request) -> ControlView | None:
        """Return the way out of a shelf that fails: another one, or the shard that was stopped."""
        if self._controls is None or not is_local(request):
            return None
        try:
            return control_view(self._controls, viewer=0, people=(), ended=None)
        except AlicornError:
            return None

    def _html(self, template: str, page: dict[str, Any], *, status: int = 200) -> Response:
        content = self._templates.get_template(template).render(
            EXPRESSION=EXPRESSION, poll_ms=self._config.poll_ms, **page
        )
        return HTMLResponse(content, status_code=status)


def _question_for_box(request: Request, limit: int) -> Question:
    """Return what the search box keeps after a failure, cut to what it takes."""
    return Question(
        text=request.query_params.get("q", "").strip()[:1_000],
        is_expression=request.query_params.get("as") == EXPRESSION,
        limit=limit,
    )
