"""One query's windows shared between threads.

Worth it only where a segment has many windows: handing work over costs some 50 microseconds. The
kernels hold no lock, so two threads on two cores take about half the time. What each thread keeps
is among the best of its windows, so choosing among those again gives the same answer as one thread.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from alicorn.documents.ordering import best_first
from indexserver.execution.answers import Candidates, candidates_of
from indexserver.execution.view_run import FoundHits, ViewFrame

__all__ = ["best_shared", "count_shared", "ranges"]

_LEAST_WINDOWS: Final = 16
"""Fewer windows than this are not worth a second thread."""


def ranges(windows: int, threads: int, least: int = _LEAST_WINDOWS) -> list[tuple[int, int]]:
    """Return [first, end) of each thread's windows, in order; together they are all windows.

    >>> ranges(40, 2), ranges(20, 2)
    ([(0, 20), (20, 40)], [(0, 20)])
    """
    parts = max(1, min(threads, windows // least))
    edges = [windows * i // parts for i in range(parts + 1)]
    return list(pairwise(edges))


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="windows")


def count_shared(view: ViewFrame, cancel: int, threads: int) -> int:
    """Return how many documents match."""
    parts = [
        (view.frames[number], part)
        for number in view.able
        for part in ranges(view.frames[number].windows, threads)
    ]
    return sum(_pool().map(lambda p: p[0].count(cancel, *p[1])[0], parts))


def best_shared(view: ViewFrame, limit: int, cancel: int, threads: int) -> FoundHits:
    """Return the ``limit`` best matches by concept score, best first."""
    parts = [
        (number, part)
        for number in view.able
        for part in ranges(view.frames[number].windows, threads)
    ]
    found = list(
        _pool().map(
            lambda p: view.frames[p[0]].best(limit, cancel, first=p[1][0], end=p[1][1]), parts
        )
    )
    together = candidates_of(
        view.frames,
        [(number, best.locals) for (number, _), (best, _) in zip(parts, found, strict=True)],
    )
    scores = np.concatenate([np.empty(0, dtype=np.int64), *(best.scores for best, _ in found)])
    order = best_first(scores, together.sort_keys, together.ids)[:limit]
    whole = all(whole for _, whole in found)
    return FoundHits(
        Candidates(
            together.segments[order],
            together.locals[order],
            together.ids[order],
            together.sort_keys[order],
            scores[order],
        ),
        sum(best.matched for best, _ in found),
        whole,
        whole,
    )
