"""Who is looking: from a token where tokens are configured, else a sample person or the owner.

* Tokens configured: `Authorization: Bearer`, else the cookie `alicorn_token`, passed on unread;
  the top aggregator checks it. Without one nobody is asked. Nothing else counts, and there is no
  switch.
* The sample shelf: `viewer=` in the address, else the switch's cookie, else the default viewer.
* A folder of photos: its owner, who is the default viewer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from alicorn.api.search.v1 import search_pb2 as pb
from alicorn.errors import Forbidden, Unauthenticated, UnknownViewer
from webtier.backend import SearchBackend
from webtier.config import WebConfig
from webtier.ids import parse_id

__all__ = ["TOKEN_COOKIE", "VIEWER_COOKIE", "People", "Viewers", "parse_viewer_id"]

VIEWER_COOKIE: Final = "alicorn_viewer"
TOKEN_COOKIE: Final = "alicorn_token"  # noqa: S105  (a cookie's name, no secret)


@dataclass(frozen=True, slots=True)
class People:
    """Whom one may search as."""

    default_id: int
    """Who is served when nobody is named."""
    names: tuple[tuple[int, str], ...]
    """Id and name of each sample person, ascending by id; empty where there is no switch."""

    def named(self, text: str) -> int | None:
        """Return who is meant by ``text``, a number or a whole name; None if that is nobody.

        Of people with one name the first counts.
        """
        wanted = text.strip().casefold()
        for number, name in self.names:
            if wanted and wanted in {str(number), name.casefold()}:
                return number
        return None

    @property
    def can_switch(self) -> bool:
        """Whether the viewer may be chosen at all."""
        return bool(self.names)


class Viewers:
    """Tells who asks. Keeps the list of people for `WebConfig.people_ttl_s`.

    Parameters
    ----------
    backend : SearchBackend
    config : WebConfig
    shelf : callable, optional
        Names the shelf that is open, where another can be opened: its people are others.
    """

    def __init__(
        self,
        backend: SearchBackend,
        config: WebConfig,
        shelf: Callable[[], str] | None = None,
    ) -> None:
        self._backend = backend
        self._config = config
        self._shelf = shelf
        self._kept: tuple[float, str, People] | None = None

    async def people(self) -> People:
        """Whom one may search as: nobody once tokens are configured, or off the sample shelf."""
        if self._config.viewer_tokens:
            return People(default_id=0, names=())
        now = time.monotonic()
        # Asked for before the people: were the shelf to change between, they would be asked again.
        shelf = "" if self._shelf is None else await run_in_threadpool(self._shelf)
        if self._kept is not None and now < self._kept[0] and shelf == self._kept[1]:
            return self._kept[2]
        people = await run_in_threadpool(self._ask)
        self._kept = (now + self._config.people_ttl_s, shelf, people)
        return people

    def _ask(self) -> People:
        listed = self._backend.list_viewers(pb.ListViewersRequest())
        viewer = pb.Viewer(id=listed.default_id)
        sample = self._backend.get_status(pb.GetStatusRequest(viewer=viewer)).sample
        names = tuple((person.id, person.name) for person in listed.people) if sample else ()
        return People(default_id=listed.default_id, names=names)

    async def of(self, request: Request) -> pb.Viewer:
        """Return who sent ``request``.

        Raises
        ------
        Unauthenticated
            If tokens are configured and there is none.
        UnknownViewer
            If `viewer=` is no id; an id that nobody has is the backend's to refuse.
        Forbidden
            If `viewer=` names another than the owner of a folder of photos.
        """
        if self._config.viewer_tokens:
            token = _token(request)
            if not token:
                # Not left to the top: one that has lost its secret would take it for the owner.
                raise Unauthenticated("found no viewer token, needed one signed by this service")
            return pb.Viewer(token=token)
        people = await self.people()
        named = request.query_params.get("viewer", "")
        if named:
            viewer_id = parse_viewer_id(named)
            if not people.can_switch and viewer_id != people.default_id:
                raise Forbidden("the viewer can be chosen on the sample shelf only")
            return pb.Viewer(id=viewer_id)
        if people.can_switch:
            kept = request.cookies.get(VIEWER_COOKIE, "")
            # A cookie that another library on this host left may name a stranger.
            for person_id, _ in people.names:
                if kept == str(person_id):
                    return pb.Viewer(id=person_id)
        return pb.Viewer(id=people.default_id)


def parse_viewer_id(text: str) -> int:
    """Return the person id written in ``text``; `UnknownViewer` if it is none."""
    viewer_id = parse_id(text)
    if viewer_id is None:
        raise UnknownViewer(f"viewer must be the number of a person, got {text[:40]!r}")
    return viewer_id


def _token(request: Request) -> str:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return request.cookies.get(TOKEN_COOKIE, "")
