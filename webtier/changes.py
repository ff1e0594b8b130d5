"""Changes from the page: open a shelf, stop a shard, end a friendship.

The routes exist only where there are `Controls`, answer only under a name of this machine, and
change something only for a POST from a page of their own. Each leads back to a page, so that all of
it works without scripts.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from alicorn.errors import BadRequest, NotFound, UnknownViewer
from webtier.api import json_response
from webtier.control_views import offer_json, open_shelf_key
from webtier.controls import Controls
from webtier.forgery import check_same_origin
from webtier.forms import own_address, short_form
from webtier.hosts import is_local
from webtier.ids import parse_id
from webtier.viewers import Viewers, parse_viewer_id

__all__ = ["ENDED", "Changes", "check_local"]

ENDED: Final = "ended"
"""Parameter of the address that says with whom a friendship was ended, so that it can be undone."""

_KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def check_local(request: Request) -> None:
    """Let a request pass that came under a name of this machine; to others there is nothing here.

    Raises
    ------
    NotFound
        If it came under another name, as one of `WebConfig.allowed_hosts`.
    """
    if not is_local(request):
        raise NotFound("there is no such page")


class Changes:
    """The handlers of what changes something."""

    def __init__(self, controls: Controls, viewers: Viewers) -> None:
        self._controls = controls
        self._viewers = viewers

    def routes(self) -> list[Route]:
        """Return the addresses of these handlers."""
        return [
            Route("/api/shelves", self.list_shelves),
            Route("/shelves/{key}", self.open_shelf, methods=["POST"]),
            Route("/shards/{number}/stop", self.stop_shard, methods=["POST"]),
            Route("/shards/{number}/start", self.start_shard, methods=["POST"]),
            Route("/friends/{friend}/end", self.end_friendship, methods=["POST"]),
            Route("/friends/{friend}/make", self.make_friends, methods=["POST"]),
        ]

    async def list_shelves(self, request: Request) -> Response:
        """Answer `/api/shelves`: each shelf and how far it is."""
        check_local(request)
        offers = await run_in_threadpool(self._controls.shelves)
        return json_response({"shelves": [offer_json(offer) for offer in offers]})

    async def open_shelf(self, request: Request) -> Response:
        """Answer `POST /shelves/{key}`: open a shelf, or begin to make it."""
        _check(request)
        key = request.path_params["key"]
        if not _KEY.fullmatch(key):
            raise NotFound("no shelf has that name")
        await run_in_threadpool(self._controls.open_shelf, key)
        return RedirectResponse("/", status_code=303)

    async def stop_shard(self, request: Request) -> Response:
        """Answer `POST /shards/{number}/stop`."""
        number = await self._shard(request)
        await run_in_threadpool(self._controls.stop_shard, number)
        return await _back(request)

    async def start_shard(self, request: Request) -> Response:
        """Answer `POST /shards/{number}/start`."""
        number = await self._shard(request)
        await run_in_threadpool(self._controls.start_shard, number)
        return await _back(request)

    async def end_friendship(self, request: Request) -> Response:
        """Answer `POST /friends/{friend}/end`; the page that follows can undo it."""
        friend, form = await self._friend(request)
        viewer = await self._person(form)
        await run_in_threadpool(self._controls.end_friendship, viewer, friend)
        return _led(form, ended=friend)

    async def make_friends(self, request: Request) -> Response:
        """Answer `POST /friends/{friend}/make`."""
        friend, form = await self._friend(request)
        viewer = await self._person(form)
        await run_in_threadpool(self._controls.make_friends, viewer, friend)
        return _led(form)

    async def _shard(self, request: Request) -> int:
        _check(request)
        number = parse_id(request.path_params["number"])
        shards = await run_in_threadpool(self._controls.shards)
        if number is None or number not in {shard.number for shard in shards}:
            raise NotFound("there is no such shard")
        return number

    async def _friend(self, request: Request) -> tuple[int, dict[str, str]]:
        _check(request)
        friend = parse_id(request.path_params["friend"])
        if friend is None:
            raise NotFound("there is no such person")
        return friend, await short_form(request)

    async def _person(self, form: dict[str, str]) -> int:
        """Return whose friends are changed: the page says, for its address may have named them.

        The numbers of a page that shows another shelf mean other people here.
        """
        made_on = form.get("shelf", "")
        opened = await run_in_threadpool(open_shelf_key, self._controls)
        if made_on and made_on != opened:
            raise BadRequest(
                f"found a form of the shelf {made_on[:40]!r}, but {opened!r} is open by now; "
                "load the page again"
            )
        viewer = parse_viewer_id(form.get("viewer", ""))
        people = await self._viewers.people()
        if viewer not in {number for number, _ in people.names}:
            raise UnknownViewer(f"viewer must be one of the people of this shelf, got {viewer}")
        return viewer


def _check(request: Request) -> None:
    check_local(request)
    check_same_origin(request)


async def _back(request: Request) -> Response:
    return _led(await short_form(request))


def _led(form: dict[str, str], *, ended: int | None = None) -> Response:
    """Lead back to where the form came from."""
    address = own_address(form.get("next", "/"), without=frozenset({ENDED}))
    if ended is not None:
        parts = urlsplit(address)
        more = urlencode({ENDED: ended})
        query = f"{parts.query}&{more}" if parts.query else more
        address = urlunsplit(parts._replace(query=query))
    return RedirectResponse(address, status_code=303)
