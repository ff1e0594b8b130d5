"""From what a search retrieved to what may be trained on."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import ShapeError
from ranker.training.judged import judge, stacked
from ranker.training.judgements import Judgements


def test_only_judged_candidates_are_trained_on(make_candidates) -> None:
    """A photo of a crocodile's head is no miss for crocodile, and nobody knows the others."""
    uris = [f"caltech101/{n}/1.jpg" for n in ("ant", "crocodile_head", "crocodile")] + [
        "coco/1.jpg"
    ]
    candidates = make_candidates(4)
    judged = judge("crocodile", uris, candidates, Judgements.of(uris))

    assert judged.query == "crocodile"
    assert judged.labels.tolist() == [0, 1]
    assert judged.columns is not None
    assert judged.columns.ids.tolist() == candidates.ids[[0, 2]].tolist()
    assert judged.features.tolist() == candidates.features[[0, 2]].tolist()


def test_no_candidates_give_an_empty_judged_query(make_candidates) -> None:
    """Words that the library does not cover retrieve nothing; training leaves such queries out."""
    judged = judge("ant", [], make_candidates(0), Judgements.of([]))

    assert judged.labels.size == 0


def test_each_candidate_needs_its_uri(make_candidates) -> None:
    """A shifted list would judge other photos."""
    with pytest.raises(ShapeError, match="3 candidates need as many uris, got 1"):
        judge("ant", ["a"], make_candidates(3), Judgements.of([]))


def test_queries_that_cannot_teach_an_order_are_left_out(make_judged) -> None:
    """LambdaRank compares matches with others of the same query."""
    both, empty = make_judged(2, n=30)
    rows, labels, groups = stacked(
        [both, judge("ant", [], empty.columns.take(np.zeros(30, np.bool_)), Judgements.of([]))]
    )

    assert (len(rows), labels.sum(), groups.tolist()) == (30, both.labels.sum(), [30])
