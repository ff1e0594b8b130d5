"""Photos that somebody drops on the page: one file a request from scripts, a form without them.

A file's name and content are whatever somebody sent. Names travel percent-encoded in a header, are
bounded, and are passed on for the controls to judge; content passes through piece by piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar
from urllib.parse import unquote

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from alicorn.errors import AlicornError, BadRequest
from webtier.api import json_response
from webtier.arriving import Arriving
from webtier.changes import check_local
from webtier.controls import Controls
from webtier.failures import failure_of
from webtier.forgery import check_same_origin
from webtier.ids import parse_id
from webtier.multipart import FormFiles

__all__ = ["DROP_PATHS", "NAME_HEADER", "Dropping", "Refused"]

DROP_PATHS: Final = frozenset({"/api/drop", "/drop"})
"""Where photos are sent."""

NAME_HEADER: Final = "x-alicorn-name"
"""Percent-encoded path of the file. No form and no simple request can send such a header."""

_MOST_NAME_CHARACTERS: Final = 1_024
_MOST_FILES_IN_A_FORM: Final = 500
# What a form adds to each file: a boundary and two or three headers.
_FORM_BYTES_A_FILE: Final = 8_192
# Three come at a time from one page; beside the pool that answers searches.
_THREADS: Final = 4

Result = TypeVar("Result")
Refused = tuple[str, str]
"""Name of a file and why it was not taken in."""


class Dropping:
    """The handlers that take photos in.

    Parameters
    ----------
    controls : Controls
    told : callable
        Makes the page after a form in which something was refused, from the number of files taken
        in and what was refused.
    """

    def __init__(
        self, controls: Controls, told: Callable[[Request, int, list[Refused]], Response]
    ) -> None:
        self._controls = controls
        self._told = told
        self._limiter = anyio.CapacityLimiter(_THREADS)

    def routes(self) -> list[Route]:
        """Return the addresses of these handlers."""
        return [
            Route("/api/drop", self.drop_file, methods=["POST"]),
            Route("/drop", self.drop_form, methods=["POST"]),
        ]

    async def drop_file(self, request: Request) -> Response:
        """Answer `POST /api/drop`: the body is one file, its name in a header.

        Raises
        ------
        Forbidden
            If it is not from a page of ours.
        BadRequest
            If the name is none, the file too large, or the controls refuse it.
        """
        _check(request)
        name = file_name(_decoded(request.headers.get(NAME_HEADER, "")))
        most = self._controls.most_dropped_bytes
        length = parse_id(request.headers.get("content-length", ""))
        if length is not None and length > most:
            raise BadRequest(f"found {length:,} bytes, needed at most {most:,}")
        arriving = Arriving(request, most)
        try:
            await self._in_thread(lambda: self._controls.drop(name, arriving))
        finally:
            await arriving.drain()
        return json_response({"name": name, "shelf": "dropped"}, status=201)

    async def drop_form(self, request: Request) -> Response:
        """Answer `POST /drop`: a form with files, for browsers without scripts."""
        _check(request)
        most = self._controls.most_dropped_bytes
        arriving = Arriving(request, _MOST_FILES_IN_A_FORM * (most + _FORM_BYTES_A_FILE))
        files = FormFiles(request.headers.get("content-type", ""), arriving)
        taken, refused = await self._in_thread(lambda: self._take_all(files, most))
        await arriving.drain()
        if not taken and not refused:
            raise BadRequest("found no file, needed at least one photo")
        if not refused:
            return RedirectResponse("/", status_code=303)
        return self._told(request, taken, refused)

    def _take_all(self, files: FormFiles, most: int) -> tuple[int, list[Refused]]:
        taken, refused = 0, list[Refused]()
        for number, (written, content) in enumerate(files):
            if number == _MOST_FILES_IN_A_FORM:
                told = f"only {_MOST_FILES_IN_A_FORM} files come with one form; send the rest again"
                refused.append((written, told))
                break
            try:
                self._controls.drop(file_name(written), _bounded(content, most))
                taken += 1
            except AlicornError as error:
                failure = failure_of(error)
                refused.append((written, str(error) if failure.tells else failure.heading))
        return taken, refused

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)


def file_name(text: str) -> str:
    """Return ``text`` if it can be the name of a file.

    Which folder and file it becomes is the controls' to say; here only what is no text at all is
    turned away.

    Raises
    ------
    BadRequest
        If it is empty, too long, or has control characters.
    """
    if not text.strip() or len(text) > _MOST_NAME_CHARACTERS:
        raise BadRequest(
            f"a file's name must have 1 to {_MOST_NAME_CHARACTERS:,} characters, got {len(text):,}"
        )
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise BadRequest("a file's name must not have control characters")
    return text


def _decoded(header: str) -> str:
    try:
        return unquote(header, errors="strict")
    except UnicodeDecodeError:
        raise BadRequest(f"{NAME_HEADER} must be percent-encoded UTF-8") from None


def _bounded(content: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Pass ``content`` on, at most ``most`` bytes of it."""
    passed = 0
    for piece in content:
        passed += len(piece)
        if passed > most:
            raise BadRequest(f"found more than {most:,} bytes, needed at most so many")
        yield piece


def _check(request: Request) -> None:
    check_local(request)
    check_same_origin(request)
