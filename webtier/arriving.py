"""A request's body as a plain iterator: for code that reads files, in a thread of its own.

A body of any size passes through in the pieces in which it arrives; the next one is taken from the
network only when the reader asks, so that a fast sender waits for a slow disk.

    event loop:   request.stream()  <--- asks ---   thread:  for chunk in arriving: ...
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import Final

import anyio
import anyio.from_thread
from starlette.requests import ClientDisconnect, Request

from alicorn.errors import BadRequest

__all__ = ["Arriving"]

# Whoever sends nothing for so long has gone, and holds a thread.
_SILENCE_S: Final = 30.0


class Arriving:
    """An iterator over the pieces of a body, none of them empty, to be read in another thread.

    Parameters
    ----------
    request : Request
    most_bytes : int
        The body is cut off behind this.

    Raises
    ------
    BadRequest
        From the iteration, and from then on: if there is more, if the sender goes away or falls
        silent.
    """

    def __init__(self, request: Request, most_bytes: int) -> None:
        self._stream: AsyncGenerator[bytes, None] = request.stream()
        self._most = most_bytes
        self._taken = 0
        self._broken: BadRequest | None = None

    def __iter__(self) -> Iterator[bytes]:
        """Return itself: what was read once is gone."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece."""
        chunk = anyio.from_thread.run(self._receive)
        if chunk is None:
            raise StopIteration
        return chunk

    async def drain(self) -> None:
        """Read the rest, so that the sender gets to hear the answer; not what is cut off."""
        with suppress(BadRequest):
            while await self._receive() is not None:
                pass

    async def _receive(self) -> bytes | None:
        if self._broken is not None:
            raise self._broken
        try:
            with anyio.fail_after(_SILENCE_S):
                chunk = await anext(self._stream, None)
                while chunk == b"":
                    chunk = await anext(self._stream, None)
        except TimeoutError:
            raise self._break(f"nothing came for {_SILENCE_S:.0f} s; send it again") from None
        except ClientDisconnect:
            raise self._break("the sender went away before the end; send it again") from None
        if chunk is not None:
            self._taken += len(chunk)
            if self._taken > self._most:
                raise self._break(f"found more than {self._most:,} bytes, needed at most so many")
        return chunk

    def _break(self, message: str) -> BadRequest:
        self._broken = BadRequest(message)
        return self._broken
