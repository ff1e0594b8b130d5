"""Rows of `ranker.features.FIRST_STAGE` for what was retrieved.

The columns are filled by name, so that the schema's order is the ranker's alone. What a photo is
like comes from the segment's columns; how it meets the query, from looking up each candidate in the
lists of the tags and words that the expression asks for.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.hitdata import BYTE_ONE, CONCEPT_ONE
from alicorn.documents.model import UNKNOWN_TIME
from alicorn.query import Term
from indexserver.embeddings.hamming import hamming_distances
from indexserver.execution._kernels import probe
from indexserver.execution.evaluate import Evaluation
from indexserver.execution.plan import Plan
from indexserver.execution.retrieve import Retrieved
from indexserver.postings.columns import HAS_VISUAL, Columns
from indexserver.scoring.bm25 import TEXT_ONE, bm25_share
from indexserver.scoring.context import RankingContext
from indexserver.scoring.statistics import TextStatistics
from ranker.features import FIRST_STAGE

__all__ = ["feature_rows"]

_DAY_S: Final = 86_400.0
_MEGA: Final = 1e6

Locals = npt.NDArray[np.uint32]
Named = dict[str, npt.NDArray[Any]]


def feature_rows(
    retrieved: Retrieved,
    plan: Plan,
    *,
    ranking: RankingContext,
    statistics: TextStatistics | None = None,
) -> npt.NDArray[np.float32]:
    """Return the feature row of each candidate.

    Returns
    -------
    float32, shape (candidates, len(FIRST_STAGE))
        In the order of ``retrieved.candidates``; NaN where a value is not known.
    """
    candidates = retrieved.candidates
    rows = np.empty((candidates.ids.size, len(FIRST_STAGE)), dtype=np.float32)
    rows[:, FIRST_STAGE.index("concept_score")] = candidates.concept_scores / CONCEPT_ONE
    for number, evaluation in enumerate(retrieved.evaluations):
        here = np.flatnonzero(candidates.segments == number)
        here = here[np.argsort(candidates.locals[here])]
        if not here.size:
            continue
        locals_ = candidates.locals[here]
        columns = evaluation.part.segment.columns
        found = {
            **_of_query(evaluation, plan, locals_, statistics),
            **_of_photo(columns, locals_),
            **_of_request(columns, locals_, ranking),
        }
        for name, values in found.items():
            rows[here, FIRST_STAGE.index(name)] = values
    return rows


def _of_query(
    evaluation: Evaluation, plan: Plan, locals_: Locals, statistics: TextStatistics | None
) -> Named:
    """Return how the photos at ``locals_`` (ascending) meet the expression."""
    columns = evaluation.part.segment.columns
    leaves = plan.asked_leaves
    matched = np.zeros(locals_.size, dtype=np.int64)
    best = np.zeros(locals_.size, dtype=np.int64)
    text = np.zeros(locals_.size, dtype=np.int64)
    positions = np.empty(locals_.size, dtype=np.int64)
    for leaf in leaves:
        matches = evaluation.leaf(leaf)
        probe(matches.ids, locals_, positions)
        inside = positions >= 0
        matched += inside
        if matches.hits is None:
            continue
        hits = matches.hits[positions[inside]]
        if leaf.edge == "tag":
            best[inside] = np.maximum(best[inside], hits)
        elif leaf.edge == "text" and isinstance(leaf.expr, Term):
            text[inside] += bm25_share(
                leaf.expr.value,
                hits,
                columns["text_lengths"][locals_[inside]],
                weight=leaf.weight,
                statistics=statistics,
            )
    top = columns["top_tags"][locals_].astype(np.float64)
    return {
        "text_score": text / TEXT_ONE,
        "matched_operands": matched / len(leaves) if leaves else np.ones(locals_.size),
        "best_tag": best * best / BYTE_ONE,
        "prominence": np.divide(best * best, top * top, out=np.zeros(top.size), where=top > 0),
    }


def _of_photo(columns: Columns, locals_: Locals) -> Named:
    """Return what the photos are like, whoever asks."""
    widths = columns["widths"][locals_].astype(np.float64)
    heights = columns["heights"][locals_].astype(np.float64)
    known = (widths > 0) & (heights > 0)
    aspect = np.divide(widths, heights, out=np.full(widths.size, np.nan), where=known)
    return {
        "tag_count": columns["tag_counts"][locals_],
        "quality": columns["quality"][locals_],
        "log_popularity": np.log1p(columns["popularity"][locals_].astype(np.float64)),
        "megapixels": widths * heights / _MEGA,
        "aspect": aspect,
        "text_length": columns["text_lengths"][locals_],
        "fingerprint_quality": columns["fingerprint_qualities"][locals_],
    }


def _of_request(columns: Columns, locals_: Locals, ranking: RankingContext) -> Named:
    """Return how the photos stand to the searcher, the time and the query's code."""
    unknown = np.full(locals_.size, np.nan)
    taken_at = columns["taken_at"][locals_]
    age = unknown
    if ranking.now is not None:
        seconds = np.float64(ranking.now) - taken_at.astype(np.float64)
        age = np.where(taken_at == UNKNOWN_TIME, np.nan, seconds / _DAY_S)
    distance = unknown
    if ranking.visual:
        bits = hamming_distances(ranking.visual, columns["visual"], locals_)
        distance = np.where(columns["flags"][locals_] & HAS_VISUAL, bits, np.nan)
    # Nobody (0) owns nothing and is nobody's friend, also where the author is unknown.
    authors = columns["authors"][locals_]
    known = authors != 0
    return {
        "age_days": age,
        "hamming_visual": distance,
        "is_viewer": known & (authors == np.uint64(ranking.viewer)),
        "is_friend": known & np.isin(authors, ranking.friends),
    }
