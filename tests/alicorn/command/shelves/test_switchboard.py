"""The switchboard under load: no error, no answer of two shelves, nothing closed while in use."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from alicorn.command.shelves.switchboard import Switchboard
from alicorn.errors import ShardLoading
from webtier.backend import SearchBackend

METHODS = sorted(name for name in vars(SearchBackend) if not name.startswith("_"))


class Named:
    """A shelf whose every answer is its name at the beginning and at the end of the request."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready = True
        self.asked: list[tuple[str, object, float | None]] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    @property
    def search(self) -> Any:
        """Answer for itself."""
        return _Answers(self)

    def check_ready(self) -> None:
        """Be ready, unless it was said otherwise."""
        if not self.ready:
            raise ShardLoading("kernels")

    def close(self) -> None:
        """Be of no use any more."""
        self.name = "closed"


class _Answers:
    def __init__(self, shelf: Named) -> None:
        self._shelf = shelf

    def __getattr__(self, method: str) -> Callable[..., tuple[str, str]]:
        def answer(request: object, allowed_s: float | None = None) -> tuple[str, str]:
            first = self._shelf.name
            self._shelf.asked.append((method, request, allowed_s))
            self._shelf.begun.set()
            assert self._shelf.go_on.wait(30)
            return first, self._shelf.name

        return answer


@pytest.fixture
def board() -> Any:
    """Give a switchboard without a shelf."""
    return Switchboard()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_goes_to_the_open_shelf_as_it_came(board: Any, method: str) -> None:
    """The page sends no deadline, a gRPC caller may; both arrive."""
    shelf, request = Named("a"), object()
    assert board.swap(shelf) is None

    assert getattr(board, method)(request) == ("a", "a")
    assert getattr(board, method)(request, 0.5) == ("a", "a")
    assert shelf.asked == [(method, request, None), (method, request, 0.5)]


@pytest.mark.parametrize("method", METHODS)
def test_before_the_first_shelf_everything_is_loading(board: Any, method: str) -> None:
    """The page knows that error, and looks again by itself."""
    with pytest.raises(ShardLoading):
        getattr(board, method)(object())


@pytest.mark.parametrize("method", METHODS)
def test_while_kernels_are_loaded_only_searches_wait(board: Any, method: str) -> None:
    """Progress is told and pictures are shown; a search is refused before it costs anything."""
    shelf = Named("a")
    shelf.ready = False
    board.swap(shelf)

    if method in {"search", "explain"}:
        with pytest.raises(ShardLoading):
            getattr(board, method)(object())
        assert not shelf.asked
    else:
        assert getattr(board, method)(object()) == ("a", "a")


def test_a_request_ends_where_it_began_and_holds_its_shelf(board: Any) -> None:
    """The old shelf is drained only when the last request is back."""
    old, new = Named("old"), Named("new")
    board.swap(old)
    old.go_on.clear()
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(board.search, object())
        assert old.begun.wait(30)
        retired = board.swap(new)

        assert retired.shelf is old
        assert board.search(object()) == ("new", "new")
        assert not retired.drained(0.01)
        old.go_on.set()
        assert retired.drained(30)
        assert slow.result() == ("old", "old")


def test_a_request_that_fails_gives_its_shelf_back(board: Any) -> None:
    """Else one bad query would keep the shelf open for ever."""
    shelf = Named("a")
    board.swap(shelf)
    with pytest.raises(ZeroDivisionError), board.lent():
        raise ZeroDivisionError
    retired = board.swap(None)

    assert retired.drained(0)
    with pytest.raises(ShardLoading):
        board.search(object())


def test_hundreds_of_swaps_under_load_make_no_error_and_mix_no_answer(board: Any) -> None:
    """Each old shelf is closed as soon as it is drained; nobody may notice."""
    board.swap(Named("0"))
    stop = threading.Event()

    def ask() -> set[tuple[str, str]]:
        seen = set()
        while not stop.is_set():
            seen.add(board.search(object()))
        return seen

    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(ask) for _ in range(8)]
        for number in range(1, 300):
            retired = board.swap(Named(str(number)))
            assert retired.drained(30)
            retired.shelf.close()
        stop.set()
        seen = set().union(*(each.result() for each in asking))

    assert all(first == last != "closed" for first, last in seen)
