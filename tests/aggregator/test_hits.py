"""Merging: whatever way hits are split over shards, the page is the sort of the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.hits import ColumnArrays, HitArrays, merged, parse_hits, render_hits
from alicorn.api.index.v1 import index_pb2
from alicorn.errors import ShapeError

# Few values, so that ties on score, and on score and sort-key, are common; and the extremes.
_SCORES = st.sampled_from([0, 1, 2, -1, 2**62, -(2**63), 2**63 - 1])
_SORT_KEYS = st.sampled_from([0, 1, 2, 2**31, 2**32 - 1])
_IDS = st.integers(0, 40) | st.integers(2**63, 2**64 - 1)


@st.composite
def rows(draw: Any) -> list[tuple[int, int, int]]:
    """Score, sort-key and id of each hit; ids are unique."""
    ids = draw(st.lists(_IDS, unique=True, max_size=40))
    return [(draw(_SCORES), draw(_SORT_KEYS), i) for i in ids]


def _hits(rows: list[tuple[int, int, int]], *, columns: bool = True) -> HitArrays:
    n = len(rows)
    ids = np.array([row[2] for row in rows], dtype=np.uint64)
    # Everything beside a hit is made from its id, so that a mix-up shows.
    of_id = (ids % np.uint64(251)).astype(np.uint8)
    return HitArrays(
        ids=ids,
        sort_keys=np.array([row[1] for row in rows], dtype=np.uint32),
        scores=np.array([[row[0], row[0] // 2] for row in rows], dtype=np.int64).reshape(n, 2),
        score_unit=65_536,
        concept_scores=of_id.astype(np.int64) * 3,
        features=np.stack([of_id, of_id + 1.0], axis=1).astype(np.float32),
        feature_names=("a", "b"),
        columns=ColumnArrays(
            authors=ids // np.uint64(2),
            audiences=of_id % 5,
            taken_at=of_id.astype(np.int64) - 100,
            fingerprints=np.repeat(of_id[:, None], 32, axis=1),
            fingerprint_qualities=of_id % 101,
            visual=np.repeat(255 - of_id[:, None], 32, axis=1),
        )
        if columns
        else None,
    )


def _in_order(rows: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    return sorted(rows, key=lambda row: (-row[0], -row[1], row[2]))


def _same(expected: HitArrays, actual: HitArrays) -> bool:
    return render_hits(expected) == render_hits(actual)


@given(rows=rows(), split=st.lists(st.integers(0, 3), min_size=40, max_size=40))
def test_a_merge_of_any_split_is_the_sort_of_the_whole(
    rows: list[tuple[int, int, int]], split: list[int]
) -> None:
    """PS-41: with M and N large, rack and shards give what one machine would give."""
    parts = [
        _hits(_in_order([row for row, shard in zip(rows, split, strict=False) if shard == one]))
        for one in range(4)
    ]
    expected = _hits(_in_order(rows))

    assert _same(expected, merged(parts, limit=1_000))


@given(rows=rows(), limit=st.integers(1, 10), m=st.integers(1, 10))
def test_a_merge_of_each_ones_best_m_holds_the_best_n_when_n_is_not_more_than_m(
    rows: list[tuple[int, int, int]], limit: int, m: int
) -> None:
    """PS-40 and PS-41: M cuts on the shard and N on the rack; N <= M loses nothing."""
    m = max(m, limit)
    parts = [_hits(_in_order(rows[one::3])[:m]) for one in range(3)]
    expected = _hits(_in_order(rows)[:limit])

    assert _same(expected, merged(parts, limit=limit))


@given(rows=rows(), columns=st.booleans())
def test_hits_survive_the_wire(rows: list[tuple[int, int, int]], columns: bool) -> None:
    """What a rack passes on is what the shard said, bit for bit."""
    hits = _hits(rows, columns=columns)
    message = index_pb2.Hits.FromString(render_hits(hits).SerializeToString())
    again = parse_hits(message)

    assert message == render_hits(again)
    if rows:
        assert hits.scores.tolist() == again.scores.tolist()
        assert hits.features.tolist() == again.features.tolist()


def test_a_part_without_hits_takes_no_part() -> None:
    """An empty shard knows neither scorers nor features, and must not spoil the others."""
    empty = parse_hits(index_pb2.Hits())
    full = _hits([(3, 1, 7), (2, 1, 8)])

    assert _same(full, merged([empty, full, empty], limit=10))
    assert merged([empty], limit=10).count == 0


@pytest.mark.parametrize("change", ["unit", "features", "scorers", "columns"])
def test_parts_that_were_asked_different_things_are_not_merged(change: str) -> None:
    """Scores in different units, or rows of different features, have no common order."""
    one = _hits([(3, 1, 7)])
    message = render_hits(_hits([(2, 1, 8)]))
    match change:
        case "unit":
            message.score_unit = 3
        case "features":
            message.feature_names[0] = "c"
        case "scorers":
            message.scores = message.scores[:8]
        case "columns":
            message.ClearField("columns")

    with pytest.raises(ShapeError, match="differ"):
        merged([one, parse_hits(message)], limit=10)


def test_nothing_to_merge_is_an_error() -> None:
    """There is no page of no answers."""
    with pytest.raises(ShapeError, match="at least one part"):
        merged([], limit=10)


@pytest.mark.parametrize(
    "field",
    ["ids", "sort_keys", "scores", "concept_scores", "features", "count"],
)
def test_arrays_that_do_not_fit_together_are_refused(field: str) -> None:
    """Ids beside somebody else's lineage would be worse than no answer."""
    message = render_hits(_hits([(3, 1, 7), (2, 1, 8)]))
    if field == "count":
        message.count = 3
    else:
        setattr(message, field, getattr(message, field)[:-4])

    with pytest.raises(ShapeError):
        parse_hits(message)


@pytest.mark.parametrize(
    "field",
    ["authors", "audiences", "taken_at", "fingerprints", "fingerprint_qualities", "visual"],
)
def test_columns_that_do_not_fit_are_refused(field: str) -> None:
    """The same for what the second stage folds and ranks by."""
    message = render_hits(_hits([(3, 1, 7), (2, 1, 8)]))
    setattr(message.columns, field, getattr(message.columns, field)[:-1])

    with pytest.raises(ShapeError, match=field):
        parse_hits(message)


def test_features_without_their_names_are_refused() -> None:
    """A row is only worth something by the names of its columns."""
    message = render_hits(_hits([(3, 1, 7), (2, 1, 8)]))
    message.feature_names.pop()

    with pytest.raises(ShapeError, match="features"):
        parse_hits(message)


def test_scores_without_hits_are_refused() -> None:
    """A count of 0 must not hide what does not fit."""
    message = index_pb2.Hits(scores=b"\0" * 8)

    with pytest.raises(ShapeError, match="scores"):
        parse_hits(message)
