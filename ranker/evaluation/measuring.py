"""Queries, judgements and figures: what one way to search gets for one set of queries.

A query is answered from the whole library. Only what is judged counts: the rest is skipped, as if
it were not there, for nobody knows what it shows. So a search should return some hundred hits, with
cut-off and folding off. Precision at 10 divides by 10 even where fewer than 10 things match;
`Measured.ceiling` says what a perfect order would get.

Several queries may be about one thing (four French words for a car). Their figures are averaged
first, so that each thing counts once however many names it has; intervals are over things.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import msgspec
import numpy as np

from ranker.evaluation.metrics import (
    Interval,
    average_precision,
    bootstrap,
    bootstrap_ratio,
    ndcg_at,
    precision_at,
    recall_at,
    reciprocal_rank,
)

__all__ = [
    "FIGURES",
    "Measured",
    "Query",
    "QueryRow",
    "QuerySet",
    "Ranking",
    "Relevance",
    "measure",
    "ratio_of_precisions",
]

_K: Final = 10
_DEEP_K: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What somebody types, and what matches it."""

    text: str
    about: str
    """The thing that it asks for: a label, a synset, an image."""
    labels: frozenset[str]
    """Judged labels whose photos match."""
    language: str = "en"
    """Two-letter code of the person's language, sent with the query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySet:
    """Queries of one kind."""

    name: str
    queries: tuple[Query, ...]


Ranking: TypeAlias = Callable[[Query], Sequence[str]]
"""A way to search: takes a query, returns uris, best first."""


class Relevance(Protocol):
    """What is judged; `ranker.training.judgements.Judgements` is one."""

    @property
    def label_by_uri(self) -> Mapping[str, str]:
        """Label of everything that is judged."""

    def relevant(self, label: str) -> frozenset[str]:
        """Uris that have a label."""


class QueryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One query's figures."""

    query: str
    about: str
    language: str
    relevant: int
    """Judged uris that match."""
    returned: int
    """Judged uris that were returned."""
    precision_at_10: float
    ndcg_at_10: float
    recall_at_10: float
    recall_at_100: float
    reciprocal_rank: float
    average_precision: float


FIGURES: Final = (
    "precision_at_10",
    "ndcg_at_10",
    "recall_at_10",
    "recall_at_100",
    "reciprocal_rank",
    "average_precision",
)
"""What `Measured.means` has a mean of."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a set of queries and their means."""

    queries: int
    things: int
    """Different things that they are about."""
    left_out: int
    """Queries that nothing judged matches; they count nowhere."""
    judged: int
    """Uris that count."""
    means: dict[str, Interval]
    """Mean over the things of each of `FIGURES`, with its 95 % bootstrap interval."""
    ceiling: float
    """Mean precision at 10 that a perfect order would get."""
    rows: tuple[QueryRow, ...]
    """One a query, in the order of the set."""


def measure(search: Ranking, queries: Iterable[Query], judged: Relevance) -> Measured | None:
    """Ask every query and compare with the judgements; None where nothing judged matches any.

    Parameters
    ----------
    search : callable
        Takes a query, returns uris, best first; a uri counts once, where it stands first.
    queries : iterable of Query
    judged : Relevance
        Of what counts: one half, say.
    """
    rows = []
    left_out = 0
    for query in queries:
        relevant = frozenset[str]().union(*(judged.relevant(label) for label in query.labels))
        if relevant:
            rows.append(_row(search(query), query, relevant, judged.label_by_uri))
        else:
            left_out += 1
    if not rows:
        return None
    by_thing = {name: _by_thing(rows, name) for name in FIGURES}
    return Measured(
        queries=len(rows),
        things=len(by_thing[FIGURES[0]]),
        left_out=left_out,
        judged=len(judged.label_by_uri),
        means={name: bootstrap(list(values.values())) for name, values in by_thing.items()},
        ceiling=_mean_over_things({r: min(r.relevant, _K) / _K for r in rows}),
        rows=tuple(rows),
    )


def ratio_of_precisions(over: Measured, under: Measured) -> Interval | None:
    """Return the precision at 10 of ``over`` by that of ``under``, for the things in both.

    None where they share none, or ``under`` found none of them.
    """
    top, bottom = (_by_thing(one.rows, FIGURES[0]) for one in (over, under))
    shared = sorted(top.keys() & bottom.keys())
    if not shared or not any(bottom[thing] for thing in shared):
        return None
    return bootstrap_ratio([top[thing] for thing in shared], [bottom[thing] for thing in shared])


def _by_thing(rows: Iterable[QueryRow], figure: str) -> dict[str, float]:
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        found[row.about].append(getattr(row, figure))
    return {about: float(np.mean(values)) for about, values in found.items()}


def _mean_over_things(values: Mapping[QueryRow, float]) -> float:
    found: dict[str, list[float]] = defaultdict(list)
    for row, value in values.items():
        found[row.about].append(value)
    return float(np.mean([np.mean(each) for each in found.values()]))


def _row(
    found: Sequence[str], query: Query, relevant: frozenset[str], judged: Mapping[str, str]
) -> QueryRow:
    returned = list(dict.fromkeys(uri for uri in found if uri in judged))
    ranked = [uri in relevant for uri in returned]
    return QueryRow(
        query=query.text,
        about=query.about,
        language=query.language,
        relevant=len(relevant),
        returned=len(returned),
        precision_at_10=precision_at(ranked, _K),
        ndcg_at_10=ndcg_at(ranked, _K, np.ones(len(relevant))),
        recall_at_10=recall_at(ranked, _K, len(relevant)),
        recall_at_100=recall_at(ranked, _DEEP_K, len(relevant)),
        reciprocal_rank=reciprocal_rank(ranked),
        average_precision=average_precision(ranked, len(relevant)),
    )
