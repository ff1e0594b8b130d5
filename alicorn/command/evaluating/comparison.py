"""Ways to search, asked the same queries, and what came of it: the rows of one table.

Each way is asked each query once, however many sets it is in and whatever judges it. Ways with a
part that was trained on one half of what is judged (`Way.trained`) are fair over the other half
only; a row says which photos judged it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from ranker.evaluation.measuring import (
    Measured,
    Query,
    QuerySet,
    Ranking,
    Relevance,
    measure,
)
from ranker.evaluation.metrics import Interval

__all__ = ["BOTH_HALVES", "HELD_OUT", "Goal", "Row", "Way", "compare", "row_of"]

HELD_OUT: Final = "evaluation half"
"""What no model was trained on."""

BOTH_HALVES: Final = "both halves"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to search."""

    name: str
    search: Ranking
    trained: bool = False
    """Whether a part of it was trained on the other half of what is judged."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one way got for one set of queries."""

    queries: str
    """Name of the set."""
    way: str
    judged_by: str
    """`HELD_OUT` or `BOTH_HALVES`."""
    seen_in_training: bool
    """Whether a part of the way was trained on some of what judges it here."""
    measured: Measured


class _Once:
    """A way to search that keeps its answers."""

    def __init__(self, search: Ranking) -> None:
        self._search = search
        self._known: dict[tuple[str, str], Sequence[str]] = {}

    def __call__(self, query: Query) -> Sequence[str]:
        key = (query.text, query.language)
        if key not in self._known:
            self._known[key] = self._search(query)
        return self._known[key]


def compare(
    ways: Iterable[Way], sets: Sequence[QuerySet], judged: Mapping[str, Relevance]
) -> list[Row]:
    """Ask every way every query.

    Parameters
    ----------
    ways : iterable of Way
    sets : sequence of QuerySet
    judged : mapping
        `HELD_OUT`, `BOTH_HALVES` or both -> what is judged.

    Returns
    -------
    list of Row
        By what judges, by set, by way; a set that nothing judged matches has no rows.
    """
    found: dict[tuple[str, str, str], Row] = {}
    for way in ways:
        search = _Once(way.search)
        for halves, relevance in judged.items():
            for one in sets:
                measured = measure(search, one.queries, relevance)
                if measured is None:
                    continue
                found[halves, one.name, way.name] = Row(
                    queries=one.name,
                    way=way.name,
                    judged_by=halves,
                    seen_in_training=way.trained and halves == BOTH_HALVES,
                    measured=measured,
                )
    order = {one.name: place for place, one in enumerate(sets)}
    halves_order = list(judged)
    # Sorting is stable, so ways stay in the order in which they were asked.
    return sorted(
        found.values(),
        key=lambda row: (halves_order.index(row.judged_by), order[row.queries]),
    )


def row_of(rows: Iterable[Row], *, queries: str, way: str, judged_by: str) -> Row | None:
    """Return the row of a set, a way and a half; None where there is none."""
    wanted = (queries, way, judged_by)
    return next((r for r in rows if (r.queries, r.way, r.judged_by) == wanted), None)


class Goal(msgspec.Struct, frozen=True):
    """A figure and what it should be at least."""

    name: str
    judged_by: str
    found: Interval
    goal: float | None
    """None where nothing was promised."""
