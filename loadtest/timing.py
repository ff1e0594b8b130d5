"""Timing: several ways to do the same, in turn, so that all of them meet the same machine.

A way is a callable that does its work once and says how many seconds that took. Ways take turns
within each query and each repeat, so a neighbour's load or a slow clock hits all of them alike. In
their turns they evict each other's data from the processor's caches, which costs the quicker one
more; with ``warm`` each runs once, uncounted, right before a run that counts. What is reported is
the median over queries of the median over repeats.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Seconds", "Timed", "clocked", "median_us", "taken", "typical"]

Timed: TypeAlias = Callable[[], float]
"""Does its work once and returns the seconds that it took."""

Seconds: TypeAlias = npt.NDArray[np.float64]
"""Shape (queries, repeats)."""


def clocked(call: Callable[[], object]) -> Timed:
    """Return ``call`` as a way: the clock runs around the Python call, its result is dropped."""
    clock = time.perf_counter

    def timed() -> float:
        begun = clock()
        call()
        return clock() - begun

    return timed


def taken(
    ways: Mapping[str, Sequence[Timed]], repeats: int, *, warm: bool = False
) -> dict[str, Seconds]:
    """Run all ``ways`` over the same queries, and return the seconds of every run.

    Parameters
    ----------
    ways : mapping of name to ways, one a query
        Equally many each.
    repeats : int
        Runs of each that count; one before them does not.
    warm : bool
        Run each once more before each run that counts.

    Returns
    -------
    by name : float64, shape (queries, repeats)
    """
    queries = len(next(iter(ways.values())))
    spent = {name: np.empty((queries, repeats)) for name in ways}
    collecting = gc.isenabled()
    gc.disable()
    try:
        for query in range(queries):
            turn = [(spent[name][query], way[query]) for name, way in ways.items()]
            for _, way in turn:
                way()
            for run in range(repeats):
                for row, way in turn:
                    if warm:
                        way()
                    row[run] = way()
    finally:
        if collecting:
            gc.enable()
    return spent


def typical(spent: Seconds) -> float:
    """Return the median over queries of the median over repeats, in seconds."""
    return float(np.median(np.median(spent, axis=1)))


def median_us(spent: Seconds | None) -> float | None:
    """Return `typical` in microseconds; None for a peer that is not here."""
    return None if spent is None else typical(spent) * 1e6
