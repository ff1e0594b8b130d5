"""Judged queries: what fits together, and what can teach an order."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import BadRequest, ShapeError
from ranker.training.judged import JudgedQuery, stacked


def test_queries_that_cannot_teach_an_order_are_left_out(make_judged) -> None:
    """LambdaRank compares matches with others of the same query."""
    both, other = make_judged(2, n=30)
    without = JudgedQuery("without", other.features, np.zeros(30, np.uint8))
    empty = JudgedQuery("empty", other.features[:0], other.labels[:0])
    rows, labels, groups = stacked([without, both, empty])

    assert (len(rows), labels.sum(), groups.tolist()) == (30, both.labels.sum(), [30])
    with pytest.raises(BadRequest, match="none of 2 judged queries"):
        stacked([without, empty])


def test_arrays_that_do_not_fit_are_refused(make_judged) -> None:
    """A shifted label would teach the opposite."""
    one = make_judged(1, n=30)[0]
    for features, labels in (
        (one.features[:9], one.labels),
        (one.features, one.labels + np.uint8(1)),
        (one.features[:, :3], one.labels),
    ):
        with pytest.raises(ShapeError, match="of 'q0' must be"):
            JudgedQuery("q0", features, labels)
