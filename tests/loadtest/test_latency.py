"""Latency: the clock runs around searches only, and only of searches that agree (PS-43)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from alicorn.api.search.v1 import search_pb2
from alicorn.errors import AlicornError, DeadlineSpent
from loadtest.latency import Latency, beside_text, latency_rows, measure


def _searcher(
    *ids: int, spends_s: float = 0.0
) -> tuple[Callable[[search_pb2.SearchRequest], search_pb2.SearchResponse], list[str]]:
    asked: list[str] = []

    def search(request: search_pb2.SearchRequest) -> search_pb2.SearchResponse:
        asked.append(request.query)
        time.sleep(spends_s)
        photos = [search_pb2.Photo(id=photo) for photo in ids]
        return search_pb2.SearchResponse(modules=[search_pb2.Module(photos=photos)])

    return search, asked


def test_every_query_has_its_turn_and_the_first_searches_do_not_count() -> None:
    """Kernels load in the first ones; a mean over them would be of the loader."""
    search, asked = _searcher(7, 9)
    latency = measure(search, ["cat", "dog"], 10)

    assert latency.answers == ((7, 9), (7, 9))
    assert len(asked) == 20 + 10 + 2
    assert asked[20:30] == ["cat", "dog"] * 5


def test_times_are_milliseconds() -> None:
    """A search of 5 ms is reported as 5, not as 0.005."""
    search, _ = _searcher(1, spends_s=0.005)
    latency = measure(search, ["cat"], 5)

    assert 5.0 <= latency.p50 <= latency.p99 < 1_000


def test_a_failing_search_is_no_fast_search() -> None:
    """An error ends the measurement instead of making it look good."""

    def search(request: search_pb2.SearchRequest) -> search_pb2.SearchResponse:
        raise DeadlineSpent(f"no time for {request.query}")

    with pytest.raises(DeadlineSpent):
        measure(search, ["cat"], 10)


def test_ways_with_different_answers_are_not_compared() -> None:
    """Never a speed without its quality."""
    ways = {"direct": Latency(1, 2, ((1,),)), "processes": Latency(1, 2, ((2,),))}

    with pytest.raises(AlicornError, match="processes gives other photos than direct"):
        latency_rows(ways)


def test_the_processes_stand_beside_one_process() -> None:
    """What the hops cost is the question of that row."""
    ways = {
        name: Latency(p50, 2 * p50, ((1,),))
        for name, p50 in (("direct", 1.0), ("one-process", 2.0), ("processes", 4.0))
    }
    rows = {row.id: row for row in latency_rows(ways)}

    assert set(rows) == {f"search/{way}/{figure}" for way in ways for figure in ("p50", "p99")}
    assert rows["search/processes/p50"].ratio == 0.5
    assert rows["search/processes/p99"].ratio == 0.5
    assert rows["search/direct/p50"].theirs is None


def test_pictures_stand_beside_texts_of_the_same_index() -> None:
    """DB-11: as a ratio of medians, in one run."""
    seen = Latency(p50=6.0, p99=9.0, answers=())
    text = Latency(p50=4.0, p99=10.0, answers=())

    p50, p99 = beside_text(seen, text)

    assert (p50.id, p50.ours, p50.theirs) == ("search/seen/p50", 6.0, 4.0)
    assert (p99.id, p99.ours, p99.theirs) == ("search/seen/p99", 9.0, 10.0)
