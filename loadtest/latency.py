"""Latency: how long does a search take?

Data    any library; queries drawn from the concepts that its photos show, seed 7
Report  p50 and p99 over closed-loop searches of one client, kernels warm; every answer is checked
        against the first way's: same photos in the same order
Run     alicorn bench search --library DIR
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from alicorn.api.search.v1 import search_pb2
from alicorn.errors import AlicornError
from loadtest.report import Row

__all__ = ["Latency", "beside_text", "latency_rows", "measure"]

Search = Callable[[search_pb2.SearchRequest], search_pb2.SearchResponse]

_WARM_SEARCHES: Final = 20

_QUESTIONS: Final = {
    "direct": "a search called in the same process",
    "one-process": "a search over gRPC to one process with every tier",
    "processes": "a search over gRPC through processes: top, rack and index servers",
}


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of searches that all succeeded."""

    p50: float
    p99: float
    answers: tuple[tuple[int, ...], ...]
    """Ids of the photos of each distinct query, in the order of the page."""


def measure(search: Search, queries: Sequence[str], count: int) -> Latency:
    """Search ``count`` times, ``queries`` in turn, one after the other."""
    for number in range(_WARM_SEARCHES):
        search(search_pb2.SearchRequest(query=queries[number % len(queries)]))
    spent = np.empty(count)
    for number in range(count):
        request = search_pb2.SearchRequest(query=queries[number % len(queries)])
        begun = time.perf_counter()
        search(request)
        spent[number] = time.perf_counter() - begun
    answers = [search(search_pb2.SearchRequest(query=query)) for query in queries]
    return Latency(
        p50=float(np.percentile(spent, 50)) * 1e3,
        p99=float(np.percentile(spent, 99)) * 1e3,
        answers=tuple(
            tuple(photo.id for module in answer.modules for photo in module.photos)
            for answer in answers
        ),
    )


def latency_rows(ways: Mapping[str, Latency]) -> list[Row]:
    """Return p50 and p99 of each way of `_QUESTIONS`, beside one process over gRPC.

    Raises
    ------
    AlicornError
        If two ways gave different photos: then their times say nothing.
    """
    first = next(iter(ways.values()))
    for name, latency in ways.items():
        if latency.answers != first.answers:
            raise AlicornError(f"{name} gives other photos than {next(iter(ways))}")
    rows = []
    for name, latency in ways.items():
        beside = ways.get("one-process") if name == "processes" else None
        for figure in ("p50", "p99"):
            rows.append(
                Row(
                    id=f"search/{name}/{figure}",
                    question=f"{figure} of {_QUESTIONS[name]}",
                    ours=getattr(latency, figure),
                    peer="the same in one process" if beside else None,
                    theirs=getattr(beside, figure) if beside else None,
                    unit="ms",
                    better="less",
                )
            )
    return rows


def beside_text(pictures: Latency, text: Latency) -> list[Row]:
    """Return how searches by what is seen compare with searches by words of texts (DB-11).

    Parameters
    ----------
    pictures, text : Latency
        Of the same index and way, in the same run.
    """
    return [
        Row(
            id=f"search/seen/{figure}",
            question=f"{figure} of a search by what pictures show",
            ours=getattr(pictures, figure),
            peer="a search by a word of the texts, on the same index",
            theirs=getattr(text, figure),
            unit="ms",
            better="less",
        )
        for figure in ("p50", "p99")
    ]
