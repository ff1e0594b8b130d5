"""Features of what was retrieved: rows of `ranker.features.FIRST_STAGE`, or their bins.

What depends on the request is worked out by one kernel straight from lists and columns. What a
photo is like, whoever asks, does not change: for a forest it is turned into bins once a segment,
and a search only picks bytes (`CandidateFeatures.bins`). Columns are filled by name, so the
schema's order is the ranker's alone.
"""

from __future__ import annotations

import threading
from functools import cached_property, lru_cache
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from alicorn.documents.hitdata import CONCEPT_ONE, WEIGHT_ONE
from alicorn.documents.model import UNKNOWN_TIME
from alicorn.query import Term
from alicorn.simd.memory import address_of
from indexserver.execution.answers import Retrieved
from indexserver.execution.plan import Plan
from indexserver.execution.plan_tree import Leaf
from indexserver.postings.columns import HAS_VISUAL, Columns
from indexserver.postings.segment import Segment
from indexserver.scoring._kernels import bins_into, rows_into
from indexserver.scoring.bm25 import K1, TEXT_ONE, B
from indexserver.scoring.context import RankingContext
from ranker.features import FIRST_STAGE
from ranker.forest import Forest
from ranker.forest.bins import Bins, empty_bins
from understanding.texts.statistics import TextStatistics

__all__ = ["CandidateFeatures", "feature_rows", "prepare_bins"]

_MEGA: Final = 1e6

DYNAMIC: Final = (
    "concept_score",
    "text_score",
    "matched_phrases",
    "shown_phrases",
    "said_share",
    "best_tag",
    "best_weight",
    "prominence",
    "age_days",
    "hamming_visual",
    "is_viewer",
    "is_friend",
)
"""What depends on the request, in the order of the kernel."""

STATIC: Final = tuple(feature.name for feature in FIRST_STAGE.features if feature.static)

_DYNAMIC_AT: Final = np.array([FIRST_STAGE.index(name) for name in DYNAMIC], dtype=np.int64)
_STATIC_AT: Final = np.array([FIRST_STAGE.index(name) for name in STATIC], dtype=np.int64)
_READ: Final = ("text_lengths", "top_tags", "taken_at", "visual", "flags", "authors")

_TAG, _WORD = 0, 1
_INSIDE, _ENDS_WAY, _ENDS_PHRASE = 0, 1, 2

_BLOCK: Final = 1 << 16
"""Documents binned at a time, so that floats of a whole segment are never in memory."""

Locals = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float32]


class CandidateFeatures:
    """The features of one request's candidates, in the order of ``retrieved.candidates``."""

    def __init__(
        self,
        retrieved: Retrieved,
        plan: Plan,
        *,
        ranking: RankingContext,
        statistics: TextStatistics | None = None,
    ) -> None:
        self._retrieved = retrieved
        self._plan = plan
        self._ranking = ranking
        self._statistics = statistics

    @property
    def count(self) -> int:
        """Number of candidates, n."""
        return int(self._retrieved.candidates.ids.size)

    @cached_property
    def rows(self) -> Floats:
        """float32 (n, F): rows of `FIRST_STAGE`; NaN where a value is not known."""
        rows = np.empty((self.count, len(FIRST_STAGE)), dtype=np.float32)
        rows[:, _DYNAMIC_AT] = self._dynamic
        for segment, locals_, places in self._by_segment:
            found = static_of(segment.columns, locals_)
            rows[places[:, np.newaxis], _STATIC_AT] = found
        return rows

    def bins(self, forest: Forest) -> npt.NDArray[np.uint8]:
        """Return the bins of `rows` for ``forest``, which has bins: uint8 (F, n rounded up)."""
        assert forest.bins is not None
        found = empty_bins(len(FIRST_STAGE), self.count)
        found[_DYNAMIC_AT] = _dynamic_bins(forest.bins).bin_rows(self._dynamic)
        for segment, locals_, places in self._by_segment:
            kept = prepare_bins(segment, forest.bins)
            bins_into(locals_, places, address_of(kept), kept.shape[1], _STATIC_AT, found)
        return found

    @cached_property
    def _by_segment(self) -> list[tuple[Segment, Locals, npt.NDArray[np.int64]]]:
        """Each segment with candidates, their local ids, and their rows."""
        candidates, bounds = self._retrieved.candidates, self._retrieved.bounds
        if len(bounds) == 1:
            everything = np.arange(self.count, dtype=np.int64)
            return [(bounds[0].part.segment, candidates.locals, everything)]
        found = []
        for number, bound in enumerate(bounds):
            here = np.flatnonzero(candidates.segments == number)
            if here.size:
                found.append((bound.part.segment, candidates.locals[here], here))
        return found

    @cached_property
    def _dynamic(self) -> Floats:
        """float32 (n, len(DYNAMIC))."""
        rows = np.empty((self.count, len(DYNAMIC)), dtype=np.float32)
        asked = _Asked(self._plan, self._statistics)
        ranking = self._ranking
        query = np.frombuffer(ranking.visual, dtype=np.uint8) if ranking.visual else None
        tables = {id(bound.part.segment): bound.rows for bound in self._retrieved.bounds}
        for segment, locals_, places in self._by_segment:
            rows_into(
                locals_,
                places,
                self._retrieved.candidates.concept_scores,
                np.float64(CONCEPT_ONE),
                address_of(tables[id(segment)]),
                asked.leaves,
                asked.kinds,
                asked.worth,
                asked.ends,
                asked.totals,
                asked.average,
                (K1, B, float(TEXT_ONE)),
                np.array([segment.column_address(name) for name in _READ], dtype=np.int64),
                UNKNOWN_TIME if ranking.now is None else ranking.now,
                0 if query is None else address_of(query),
                HAS_VISUAL,
                np.uint64(ranking.viewer),
                ranking.sorted_friends,
                np.empty(6),
                rows,
            )
        return rows


class _Asked:
    """The phrases that a plan looks for, as the kernel reads them: leaf by leaf."""

    def __init__(self, plan: Plan, statistics: TextStatistics | None) -> None:
        known = statistics if statistics is not None and statistics.words else None
        self.average = known.average_length if known is not None else 0.0
        leaves: list[Leaf] = []
        ends: list[int] = []
        worth: list[float] = []
        most_worth = 0.0
        for phrase in plan.phrases:
            said = []
            for way in phrase:
                leaves += way
                ends += [_INSIDE] * (len(way) - 1) + [_ENDS_WAY]
                worths = [_worth(leaf, known) for leaf in way]
                worth += worths
                words = zip(way, worths, strict=True)
                said.append(sum(each for leaf, each in words if leaf.edge == "text"))
            ends[-1] = _ENDS_PHRASE
            most_worth += max(said)
        self.leaves = np.array([leaf.number for leaf in leaves], dtype=np.int64)
        self.kinds = np.array(
            [_TAG if leaf.edge == "tag" else _WORD for leaf in leaves], dtype=np.int64
        )
        self.ends = np.array(ends, dtype=np.int64)
        self.worth = np.array(worth, dtype=np.float64)
        self.totals = (float(len(plan.phrases)), most_worth)


def _worth(leaf: Leaf, statistics: TextStatistics | None) -> float:
    """Return what a hit of ``leaf`` is worth: a weight, or what its word is worth (`bm25.py`)."""
    weight = leaf.weight / WEIGHT_ONE
    if leaf.edge == "tag":
        return min(weight, 1.0)
    if statistics is None or not isinstance(leaf.expr, Term):
        return 0.0
    return weight if leaf.expr.weighted else weight * statistics.worth(leaf.expr.value)


def feature_rows(
    retrieved: Retrieved,
    plan: Plan,
    *,
    ranking: RankingContext,
    statistics: TextStatistics | None = None,
) -> Floats:
    """Return the feature row of each candidate: `CandidateFeatures.rows`."""
    return CandidateFeatures(retrieved, plan, ranking=ranking, statistics=statistics).rows


_prepared: WeakKeyDictionary[Segment, WeakKeyDictionary[Bins, npt.NDArray[np.uint8]]] = (
    WeakKeyDictionary()
)
_preparing = threading.Lock()


@lru_cache(maxsize=16)
def _dynamic_bins(bins: Bins) -> Bins:
    return bins.of_features(_DYNAMIC_AT)


def prepare_bins(segment: Segment, bins: Bins) -> npt.NDArray[np.uint8]:
    """Return the bins of the static features of all of a segment's documents; kept with it.

    Returns
    -------
    uint8, shape (len(STATIC), documents)
    """
    with _preparing:
        kept = _prepared.setdefault(segment, WeakKeyDictionary())
        found = kept.get(bins)
    if found is not None:
        return found
    made = np.empty((len(STATIC), segment.documents), dtype=np.uint8)
    own = bins.of_features(_STATIC_AT)
    for start in range(0, segment.documents, _BLOCK):
        locals_ = np.arange(start, min(start + _BLOCK, segment.documents), dtype=np.uint32)
        rows = np.ascontiguousarray(static_of(segment.columns, locals_))
        made[:, start : start + locals_.size] = own.bin_rows(rows)[:, : locals_.size]
    with _preparing:
        return kept.setdefault(bins, made)


def static_of(columns: Columns, locals_: Locals) -> Floats:
    """Return what the photos at ``locals_`` are like: float32 (n, len(STATIC))."""
    found = _of_photo(columns, locals_)
    return np.stack([np.asarray(found[name], dtype=np.float32) for name in STATIC], axis=1)


def _of_photo(columns: Columns, locals_: Locals) -> dict[str, npt.NDArray[Any]]:
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
