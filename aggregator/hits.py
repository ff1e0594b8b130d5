"""Hits as arrays: parsed from the wire, merged, cut, and packed again.

The order is that of `alicorn.documents.ordering`. Scores are fixed-point integers, so a merge of
any split is the sort of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from alicorn.api.index.v1 import index_pb2
from alicorn.documents.model import CODE_BYTES
from alicorn.documents.ordering import best_first
from alicorn.errors import ShapeError
from alicorn.rpc.packed import pack, unpack, unpack_rows

__all__ = ["ColumnArrays", "HitArrays", "merged", "parse_hits", "render_hits"]


@dataclass(frozen=True, slots=True)
class ColumnArrays:
    """Columns for the second stage, n entries each."""

    authors: npt.NDArray[np.uint64]
    audiences: npt.NDArray[np.uint8]
    taken_at: npt.NDArray[np.int64]
    fingerprints: npt.NDArray[np.uint8]
    """Shape (n, 32)."""
    fingerprint_qualities: npt.NDArray[np.uint8]
    visual: npt.NDArray[np.uint8]
    """Shape (n, 32)."""


@dataclass(frozen=True, slots=True)
class HitArrays:
    """n hits; every array has n rows."""

    ids: npt.NDArray[np.uint64]
    sort_keys: npt.NDArray[np.uint32]
    scores: npt.NDArray[np.int64]
    """Shape (n, scorers); the first scorer orders."""
    score_unit: int
    concept_scores: npt.NDArray[np.int64]
    features: npt.NDArray[np.float32]
    """Shape (n, features), or (n, 0)."""
    feature_names: tuple[str, ...]
    columns: ColumnArrays | None

    @property
    def count(self) -> int:
        """Number of hits."""
        return int(self.ids.size)

    def take(self, rows: npt.NDArray[Any]) -> HitArrays:
        """Return the hits at ``rows`` (indices, or a mask of shape (n,)), in that order."""
        c = self.columns
        return HitArrays(
            ids=self.ids[rows],
            sort_keys=self.sort_keys[rows],
            scores=self.scores[rows],
            score_unit=self.score_unit,
            concept_scores=self.concept_scores[rows],
            features=self.features[rows],
            feature_names=self.feature_names,
            columns=None
            if c is None
            else ColumnArrays(
                authors=c.authors[rows],
                audiences=c.audiences[rows],
                taken_at=c.taken_at[rows],
                fingerprints=c.fingerprints[rows],
                fingerprint_qualities=c.fingerprint_qualities[rows],
                visual=c.visual[rows],
            ),
        )


def parse_hits(message: index_pb2.Hits) -> HitArrays:
    """Return the hits in ``message``.

    Raises
    ------
    ShapeError
        If the arrays do not have `count` entries each.
    """
    n = message.count
    scores = unpack(message.scores, np.int64, name="scores")
    scorers, rest = divmod(scores.size, n) if n else (1, scores.size)
    if rest or not scorers:
        raise ShapeError(f"scores: found {scores.size} values, needed a multiple of {n} hits")
    features = unpack_rows(message.features, np.float32, rows=n, name="features")
    if n and features.shape[1] != len(message.feature_names):
        raise ShapeError(
            f"features: found {features.shape[1]} columns, needed {len(message.feature_names)}"
        )
    columns = None
    if message.HasField("columns"):
        c = message.columns
        columns = ColumnArrays(
            authors=unpack(c.authors, np.uint64, count=n, name="authors"),
            audiences=unpack(c.audiences, np.uint8, count=n, name="audiences"),
            taken_at=unpack(c.taken_at, np.int64, count=n, name="taken_at"),
            fingerprints=_codes(c.fingerprints, n, "fingerprints"),
            fingerprint_qualities=unpack(
                c.fingerprint_qualities, np.uint8, count=n, name="fingerprint_qualities"
            ),
            visual=_codes(c.visual, n, "visual"),
        )
    return HitArrays(
        ids=unpack(message.ids, np.uint64, count=n, name="ids"),
        sort_keys=unpack(message.sort_keys, np.uint32, count=n, name="sort_keys"),
        scores=scores.reshape(-1, n).T if n else np.empty((0, 1), dtype=np.int64),
        score_unit=message.score_unit,
        concept_scores=unpack(message.concept_scores, np.int64, count=n, name="concept_scores"),
        features=features if n else np.empty((0, len(message.feature_names)), dtype=np.float32),
        feature_names=tuple(message.feature_names),
        columns=columns,
    )


def _codes(data: bytes, n: int, name: str) -> npt.NDArray[np.uint8]:
    return unpack(data, np.uint8, count=n * CODE_BYTES, name=name).reshape(n, CODE_BYTES)


def render_hits(hits: HitArrays) -> index_pb2.Hits:
    """Return the message for ``hits``."""
    c = hits.columns
    return index_pb2.Hits(
        count=hits.count,
        ids=pack(hits.ids),
        sort_keys=pack(hits.sort_keys),
        scores=pack(hits.scores.T),
        score_unit=hits.score_unit,
        concept_scores=pack(hits.concept_scores),
        features=pack(hits.features),
        feature_names=hits.feature_names,
        columns=None
        if c is None
        else index_pb2.Columns(
            authors=pack(c.authors),
            audiences=pack(c.audiences),
            taken_at=pack(c.taken_at),
            fingerprints=pack(c.fingerprints),
            fingerprint_qualities=pack(c.fingerprint_qualities),
            visual=pack(c.visual),
        ),
    )


def merged(parts: Sequence[HitArrays], limit: int) -> HitArrays:
    """Return the best ``limit`` hits of all ``parts``, in the order everywhere (PS-41).

    An id stands once: values that `extract` took from a field may come from several shards.

    Raises
    ------
    ShapeError
        If there are no parts, or they differ in scorers, features, columns or unit.
    """
    if not parts:
        raise ShapeError("found no hits to merge, needed at least one part")
    filled = [part for part in parts if part.count] or [parts[0]]
    first = filled[0]
    for part in filled:
        if (part.score_unit, part.feature_names) != (first.score_unit, first.feature_names):
            raise ShapeError(
                f"parts differ: found unit {part.score_unit} and features {part.feature_names}, "
                f"needed {first.score_unit} and {first.feature_names}"
            )
        if part.scores.shape[1] != first.scores.shape[1] or (part.columns is None) != (
            first.columns is None
        ):
            raise ShapeError("parts differ in scorers or columns; ask every shard the same")
    whole = first if len(filled) == 1 else _concatenated(filled)
    best = best_first(whole.scores[:, 0], whole.sort_keys, whole.ids)
    distinct, places = np.unique(whole.ids[best], return_index=True)
    if distinct.size < best.size:
        best = best[np.sort(places)]
    return whole.take(best[:limit])


def _concatenated(parts: Sequence[HitArrays]) -> HitArrays:
    columns = [part.columns for part in parts if part.columns is not None]
    return HitArrays(
        ids=np.concatenate([part.ids for part in parts]),
        sort_keys=np.concatenate([part.sort_keys for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
        score_unit=parts[0].score_unit,
        concept_scores=np.concatenate([part.concept_scores for part in parts]),
        features=np.concatenate([part.features for part in parts]),
        feature_names=parts[0].feature_names,
        columns=ColumnArrays(
            authors=np.concatenate([c.authors for c in columns]),
            audiences=np.concatenate([c.audiences for c in columns]),
            taken_at=np.concatenate([c.taken_at for c in columns]),
            fingerprints=np.concatenate([c.fingerprints for c in columns]),
            fingerprint_qualities=np.concatenate([c.fingerprint_qualities for c in columns]),
            visual=np.concatenate([c.visual for c in columns]),
        )
        if columns
        else None,
    )
