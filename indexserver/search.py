"""What is asked of a shard, and what it answers: plain arrays, no protobuf.

Hits are parallel arrays, in the order everywhere by the first scorer: score descending, sort-key
descending, id ascending.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.hitdata import CONCEPT_ONE
from alicorn.documents.model import CODE_BYTES
from alicorn.errors import BadRequest
from alicorn.query import Expr
from indexserver.execution.answers import Order
from indexserver.execution.deadline import NO_DEADLINE, Deadline
from indexserver.ordering import best_of_each
from indexserver.scoring.context import RankingContext
from indexserver.scoring.scorers import CONCEPT_SCORER

__all__ = [
    "MAX_LIMIT",
    "MAX_RETRIEVE_LIMIT",
    "HitColumns",
    "Hits",
    "ShardAnswer",
    "ShardSearch",
]

MAX_RETRIEVE_LIMIT: Final = 100_000
MAX_LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardSearch:
    """One search of one shard."""

    expression: Expr
    id_arrays: Sequence[npt.NDArray[np.uint64]] = ()
    """What `ids` refers to; each strictly increasing."""
    order: Order = Order.CONCEPT
    retrieve_limit: int = 1_000
    """Most hits retrieved and scored, in [1, `MAX_RETRIEVE_LIMIT`]."""
    scorers: Sequence[str] = (CONCEPT_SCORER,)
    """At least one; the first orders the answer."""
    limit: int = 100
    """M: the answer is the union of each scorer's ``limit`` best, in [1, `MAX_LIMIT`]."""
    with_features: bool = False
    with_columns: bool = False
    ranking: RankingContext = field(default_factory=RankingContext)
    deadline: Deadline = NO_DEADLINE

    def __post_init__(self) -> None:
        for name, value, most in (
            ("retrieve_limit", self.retrieve_limit, MAX_RETRIEVE_LIMIT),
            ("limit", self.limit, MAX_LIMIT),
        ):
            if not 1 <= value <= most:
                raise BadRequest(f"{name} must be in 1..{most}, got {value}")
        if not self.scorers:
            raise BadRequest("scorers must name at least one, got none")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HitColumns:
    """Columns for the second stage, n entries each."""

    authors: npt.NDArray[np.uint64]
    audiences: npt.NDArray[np.uint8]
    """`alicorn.documents.AudienceKind`; lineage, never trusted alone."""
    taken_at: npt.NDArray[np.int64]
    """Naive seconds; the least int64 where unknown."""
    fingerprints: npt.NDArray[np.uint8]
    """(n, 32), zeros where there is none."""
    fingerprint_qualities: npt.NDArray[np.uint8]
    visual: npt.NDArray[np.uint8]
    """(n, 32), zeros where there is none."""

    @classmethod
    def empty(cls) -> HitColumns:
        """Return the columns of no hits."""
        codes = np.empty((0, CODE_BYTES), dtype=np.uint8)
        return cls(
            authors=np.empty(0, dtype=np.uint64),
            audiences=np.empty(0, dtype=np.uint8),
            taken_at=np.empty(0, dtype=np.int64),
            fingerprints=codes,
            fingerprint_qualities=np.empty(0, dtype=np.uint8),
            visual=codes,
        )

    def map(self, change: Callable[[str, npt.NDArray[Any]], npt.NDArray[Any]]) -> HitColumns:
        """Return the columns with ``change(name, column)`` in place of each."""
        return HitColumns(**{name: change(name, getattr(self, name)) for name in self.__slots__})


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Hits:
    """n hits, best first."""

    ids: npt.NDArray[np.uint64]
    sort_keys: npt.NDArray[np.uint32]
    scores: npt.NDArray[np.int64]
    """(scorers, n), in units of 1 / ``score_unit``."""
    score_unit: int = CONCEPT_ONE
    concept_scores: npt.NDArray[np.int64]
    """In units of 1 / `CONCEPT_ONE`."""
    features: npt.NDArray[np.float32] | None = None
    """(n, F): rows of `ranker.features.FIRST_STAGE`; None unless asked for."""
    columns: HitColumns | None = None
    """None unless asked for."""

    @property
    def count(self) -> int:
        """Number of hits, n."""
        return int(self.ids.size)

    def take(self, positions: npt.NDArray[np.intp]) -> Hits:
        """Return the hits at ``positions``, in that order."""
        columns = self.columns
        return Hits(
            ids=self.ids[positions],
            sort_keys=self.sort_keys[positions],
            scores=self.scores[:, positions],
            score_unit=self.score_unit,
            concept_scores=self.concept_scores[positions],
            features=None if self.features is None else self.features[positions],
            columns=None if columns is None else columns.map(lambda _, c: c[positions]),
        )

    def best(self, limit: int) -> Hits:
        """Return the union of each scorer's ``limit`` best, in the order everywhere."""
        return self.take(best_of_each(self.scores, self.sort_keys, self.ids, limit))

    def distinct(self) -> Hits:
        """Return each id once, where it stands first: several shards may extract the same one."""
        _, places = np.unique(self.ids, return_index=True)
        return self if places.size == self.count else self.take(np.sort(places))

    @staticmethod
    def merged(parts: Sequence[Hits], limit: int) -> Hits:
        """Return the best of several shards' hits (at least one shard; no id twice).

        Exact: what is among the best of all is among the best of its shard.
        """
        if len(parts) == 1:
            return parts[0].best(limit)
        features = [part.features for part in parts if part.features is not None]
        columns = [part.columns for part in parts if part.columns is not None]
        together = Hits(
            ids=np.concatenate([part.ids for part in parts]),
            sort_keys=np.concatenate([part.sort_keys for part in parts]),
            scores=np.concatenate([part.scores for part in parts], axis=1),
            score_unit=parts[0].score_unit,
            concept_scores=np.concatenate([part.concept_scores for part in parts]),
            features=np.concatenate(features) if features else None,
            columns=columns[0].map(
                lambda name, _: np.concatenate([getattr(column, name) for column in columns])
            )
            if columns
            else None,
        )
        return together.best(limit)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ShardAnswer:
    """What one shard found."""

    hits: Hits
    matched: int
    """Documents that matched; a lower bound unless ``exact``."""
    exact: bool
    cuts: tuple[str, ...]
    """Which limits cut; empty when none did."""
    unmet_shares: tuple[str, ...] = ()
    """`strong-or` shares that could not be met."""
    documents: int
    """Live documents of the shard."""
