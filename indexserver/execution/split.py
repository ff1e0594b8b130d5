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

from indexserver.execution.segment_run import Best, Frame

__all__ = ["best_of_frame", "count_of_frame", "ranges"]

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


def count_of_frame(frame: Frame, cancel: int, *, threads: int = 1) -> tuple[int, bool]:
    """Return how many documents match, and whether all windows were seen."""
    parts = ranges(frame.windows, threads)
    if len(parts) == 1:
        return frame.count(cancel)
    counts = list(_pool().map(lambda part: frame.count(cancel, *part), parts))
    return sum(count for count, _ in counts), all(whole for _, whole in counts)


def best_of_frame(
    frame: Frame, limit: int, cancel: int, *, floor: int = 0, threads: int = 1
) -> tuple[Best, bool]:
    """Return the ``limit`` best matches of a segment, and whether all windows were seen."""
    parts = ranges(frame.windows, threads)
    if len(parts) == 1:
        return frame.best(limit, cancel, floor=floor)
    found = list(
        _pool().map(
            lambda part: frame.best(limit, cancel, floor=floor, first=part[0], end=part[1]), parts
        )
    )
    locals_ = np.concatenate([best.locals for best, _ in found])
    scores = np.concatenate([best.scores for best, _ in found])
    order = np.lexsort((locals_, -scores))[:limit]
    best = Best(
        locals_[order],
        scores[order],
        sum(best.matched for best, _ in found),
        all(best.exact for best, _ in found),
    )
    return best, all(whole for _, whole in found)
