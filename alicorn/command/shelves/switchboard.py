"""Who answers now: the page and the gRPC port speak to one object, whichever shelf is open.

A request is lent the shelf of the moment at which it came and keeps it to its end, so no answer is
of two shelves. The shelf that was replaced is given back to whoever replaced it, who waits until
nobody has it any more, and closes it.

    request 1   |---------------- on A ----|
    swap to B          x
    request 2               |---- on B ----|
    A drained                              x
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from aggregator.top.servicer import Answers
from alicorn.api.search.v1 import search_pb2
from alicorn.errors import ShardLoading

__all__ = ["Retired", "Searchable", "Switchboard"]


class Searchable(Protocol):
    """A shelf, as far as requests are concerned."""

    @property
    def search(self) -> Answers:
        """What answers its requests."""
        ...

    def check_ready(self) -> None:
        """Raise ShardLoading while it cannot search yet; what is no search it answers already."""
        ...


Shelf = TypeVar("Shelf", bound=Searchable)


class _Lent(Generic[Shelf]):
    """A shelf and how many requests have it."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.requests = 0


class Retired(Generic[Shelf]):
    """A shelf that gets no new requests."""

    def __init__(self, lent: _Lent[Shelf], changed: threading.Condition) -> None:
        self._lent = lent
        self._changed = changed

    @property
    def shelf(self) -> Shelf:
        """The shelf itself, for whoever closes it."""
        return self._lent.shelf

    def drained(self, timeout_s: float) -> bool:
        """Return whether no request has it any more, waiting at most ``timeout_s``."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._lent.requests, timeout_s)


class Switchboard(Generic[Shelf]):
    """`SearchService` by the shelf that is open; ShardLoading while there is none. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: _Lent[Shelf] | None = None

    def swap(self, shelf: Shelf | None) -> Retired[Shelf] | None:
        """Give every request from now on to ``shelf``; return the one that had them, if any."""
        with self._changed:
            before = self._open
            self._open = None if shelf is None else _Lent(shelf)
        return None if before is None else Retired(before, self._changed)

    @contextmanager
    def lent(self) -> Iterator[Shelf]:
        """Lend the open shelf; it is not closed before it comes back.

        Raises
        ------
        ShardLoading
            If no shelf is open yet.
        """
        with self._changed:
            lent = self._open
            if lent is None:
                raise ShardLoading("the first shelf is being opened; try again in a few seconds")
            lent.requests += 1
        try:
            yield lent.shelf
        finally:
            with self._changed:
                lent.requests -= 1
                self._changed.notify_all()

    def search(
        self, request: search_pb2.SearchRequest, allowed_s: float | None = None
    ) -> search_pb2.SearchResponse:
        """Answer a query for a viewer."""
        with self.lent() as shelf:
            shelf.check_ready()
            return shelf.search.search(request, allowed_s)

    def explain(
        self, request: search_pb2.ExplainRequest, allowed_s: float | None = None
    ) -> search_pb2.ExplainResponse:
        """Tell why one photo stands where it stands."""
        with self.lent() as shelf:
            shelf.check_ready()
            return shelf.search.explain(request, allowed_s)

    def get_picture(
        self, request: search_pb2.GetPictureRequest, allowed_s: float | None = None
    ) -> search_pb2.GetPictureResponse:
        """Return a small picture, to those who may see the photo."""
        with self.lent() as shelf:
            return shelf.search.get_picture(request, allowed_s)

    def list_viewers(
        self, request: search_pb2.ListViewersRequest, allowed_s: float | None = None
    ) -> search_pb2.ListViewersResponse:
        """Name the people whom one may search as."""
        with self.lent() as shelf:
            return shelf.search.list_viewers(request, allowed_s)

    def get_status(
        self, request: search_pb2.GetStatusRequest, allowed_s: float | None = None
    ) -> search_pb2.GetStatusResponse:
        """Say what is served and how far understanding has come."""
        with self.lent() as shelf:
            return shelf.search.get_status(request, allowed_s)
