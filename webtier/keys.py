"""The door of a run: an address with a key in it, for whom no gallery signs in.

`alicorn up --key` makes a key and prints `http://127.0.0.1:8737/open?key=...`, as Jupyter does. Who
opens that gets a viewer token as a cookie that scripts cannot read and other sites cannot send; who
does not is nobody here. The key holds for as long as the process runs, for any number of browsers,
and stands nowhere but in what was printed: requests are logged without what follows the `?`.

The answer is a page that goes on to `/` by itself, no redirect: browsers hold back a strict cookie
from redirects of a link that was followed elsewhere, as in a web mailer or a terminal in a page. It
goes to `/` and nowhere else, whatever the address says.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from alicorn.errors import ConfigError, Forbidden
from webtier.viewers import TOKEN_COOKIE

__all__ = ["DOOR_PATH", "Door"]

DOOR_PATH: Final = "/open"

LEAST_KEY_CHARS: Final = 32

_PAGE: Final = """<!doctype html>
<html lang="en"><title>Alicorn</title><meta name="robots" content="noindex">
<p>Opening <a href="/">your photos</a> …</p></html>
"""


class Door:
    """Lets in who has the key.

    Parameters
    ----------
    key : str
        At least `LEAST_KEY_CHARS` characters that need no escape in an address; never shown.
    sign : callable
        Makes the viewer token of whoever comes in.

    Raises
    ------
    ConfigError
        If the key is short enough to be guessed.
    """

    def __init__(self, key: str, sign: Callable[[], str]) -> None:
        if len(key) < LEAST_KEY_CHARS:
            raise ConfigError(
                f"the key has {len(key)} characters, needed at least {LEAST_KEY_CHARS}"
            )
        self._key = key
        self._sign = sign

    def address(self, page: str) -> str:
        """Return the address to open, for a page at ``page`` ("http://127.0.0.1:8737")."""
        return f"{page}{DOOR_PATH}?key={self._key}"

    async def open(self, request: Request) -> Response:
        """Give a token to who has the key.

        Raises
        ------
        Forbidden
            If it is another key, or none, or more than one.
        """
        given = request.query_params.getlist("key")
        # Bytes, for text with other letters than ASCII cannot be compared in constant time.
        if len(given) != 1 or not hmac.compare_digest(
            given[0].encode("utf-8", "surrogatepass"), self._key.encode()
        ):
            raise Forbidden("found no key, or one of another run; open the address that was told")
        response = HTMLResponse(_PAGE, headers={"Refresh": "0; url=/", "Cache-Control": "no-store"})
        # Not `secure`: the page is plain HTTP on loopback. Gone when the browser is closed.
        response.set_cookie(TOKEN_COOKIE, self._sign(), path="/", httponly=True, samesite="strict")
        return response
