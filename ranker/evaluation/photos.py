"""The photo evaluation: labels as queries, judged photos as the truth.

A query is answered from the whole library. Only the photos that are judged count: the others are
skipped, as if they were not there, for nobody knows what they show. So the search should return
some hundred photos, with cut-off and folding off. Precision at 10 divides by 10 even where fewer
than 10 photos are relevant; `EvaluationReport.ceiling` says what a perfect order would get.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

import msgspec
import numpy as np

from alicorn.errors import BadRequest
from ranker.evaluation.metrics import (
    Interval,
    average_precision,
    bootstrap,
    ndcg_at,
    precision_at,
    recall_at,
    reciprocal_rank,
)

__all__ = ["EvaluationReport", "LabelRow", "PhotoJudgements", "evaluate_photos"]

_K: Final = 10
_RECALL_K: Final = 100


class PhotoJudgements(Protocol):
    """What the evaluation asks of judgements; `ranker.training.judgements.Judgements` is one."""

    @property
    def label_by_uri(self) -> Mapping[str, str]:
        """Label of every judged photo."""

    def relevant(self, label: str) -> frozenset[str]:
        """Photos that match a label."""


class LabelRow(msgspec.Struct, frozen=True, kw_only=True):
    """One label's figures."""

    label: str
    query: str
    """What was searched for."""
    relevant: int
    """Judged photos that match."""
    returned: int
    """Judged photos that were returned."""
    precision_at_10: float
    ndcg_at_10: float
    recall_at_100: float
    reciprocal_rank: float
    average_precision: float


class EvaluationReport(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of every label and their means; ``msgspec.json.encode`` writes it."""

    labels: tuple[str, ...]
    """Labels that were searched for, in the order given."""
    judged: int
    """Judged photos."""
    means: dict[str, Interval]
    """Mean over the labels of each figure of `LabelRow`, with its 95 % bootstrap interval."""
    ceiling: float
    """Mean precision at 10 that a perfect order would get."""
    rows: tuple[LabelRow, ...]
    """One a label, in the order of ``labels``."""


_FIGURES: Final = (
    "precision_at_10",
    "ndcg_at_10",
    "recall_at_100",
    "reciprocal_rank",
    "average_precision",
)


def evaluate_photos(
    search: Callable[[str], list[str]],
    judgements: PhotoJudgements,
    labels: Iterable[str],
    *,
    query_of: Callable[[str], str],
) -> EvaluationReport:
    """Search for every label and compare with the judgements.

    Parameters
    ----------
    search : callable
        Takes a query, returns uris, best first.
    judgements : PhotoJudgements
        Of the photos that count: one half, say.
    labels : iterable of str
        What to search for: the labels that the words of the library cover, say.
    query_of : callable
        Turns a label into what a person would type for it.

    Raises
    ------
    BadRequest
        If there are no labels, or one matches no judged photo.
    """
    chosen = tuple(labels)
    unknown = [label for label in chosen if not judgements.relevant(label)]
    if unknown or not chosen:
        raise BadRequest(
            f"labels must each match a judged photo, got {', '.join(unknown) or 'no labels'}"
        )
    rows = tuple(_row(search, judgements, label, query_of(label)) for label in chosen)
    return EvaluationReport(
        labels=chosen,
        judged=len(judgements.label_by_uri),
        means={name: bootstrap([getattr(row, name) for row in rows]) for name in _FIGURES},
        ceiling=float(np.mean([min(row.relevant, _K) / _K for row in rows])),
        rows=rows,
    )


def _row(
    search: Callable[[str], list[str]], judgements: PhotoJudgements, label: str, query: str
) -> LabelRow:
    relevant = judgements.relevant(label)
    # A photo counts once, where it stands first.
    returned = list(dict.fromkeys(u for u in search(query) if u in judgements.label_by_uri))
    ranked = [uri in relevant for uri in returned]
    return LabelRow(
        label=label,
        query=query,
        relevant=len(relevant),
        returned=len(returned),
        precision_at_10=precision_at(ranked, _K),
        ndcg_at_10=ndcg_at(ranked, _K, np.ones(len(relevant))),
        recall_at_100=recall_at(ranked, _RECALL_K, len(relevant)),
        reciprocal_rank=reciprocal_rank(ranked),
        average_precision=average_precision(ranked, len(relevant)),
    )
