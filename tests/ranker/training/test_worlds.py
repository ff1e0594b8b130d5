"""Generated people and captions keep to what their module says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ranker.features import FIRST_STAGE
from ranker.training.worlds import with_worlds


def test_the_judged_queries_stay_as_they_are(make_judged) -> None:
    """Made-up worlds are added, never mixed in."""
    judged = make_judged(3)
    before = [one.features.copy() for one in judged]
    laid = with_worlds(judged, seed=1)

    assert [one for one in laid if any(one is j for j in judged)] == judged
    for one, features in zip(judged, before, strict=True):
        assert np.array_equal(one.features, features, equal_nan=True)


def test_the_same_seed_gives_the_same_worlds(make_judged) -> None:
    """A model must be makeable again."""
    a, b = (with_worlds(make_judged(2), seed=5) for _ in range(2))

    for one, other in zip(a, b, strict=True):
        assert one.features.tobytes() == other.features.tobytes()
        assert one.labels.tobytes() == other.labels.tobytes()


def test_shares_are_those_that_are_documented(make_judged) -> None:
    """The preference for friends is mild, and that must stay checkable."""
    judged = make_judged(1, n=20_000 // 5, seed=2)
    one, social, by_words, absent = with_worlds(judged, seed=3)

    def column(judged_query, name: str):
        return judged_query.features[:, FIRST_STAGE.index(name)]

    own, friend = column(social, "is_viewer") > 0, column(social, "is_friend") > 0
    shown = one.labels > 0
    stranger = ~own & ~friend

    assert not (own & friend).any()
    assert own.mean() == pytest.approx(0.1, abs=0.02)
    assert friend.mean() == pytest.approx(0.3, abs=0.03)
    assert social.labels[shown & ~stranger].all()
    assert social.labels[shown & stranger].mean() == pytest.approx(0.85, abs=0.04)
    assert not social.labels[~shown].any()
    assert (column(by_words, "text_score") > 0).all()
    assert (column(by_words, "said_share") == 1).all()
    assert not column(by_words, "concept_score").any()
    assert not column(by_words, "shown_phrases").any()
    assert not absent.labels.any()
    assert absent.labels.size == (~shown).sum()
    assert by_words.columns is not None
    assert np.array_equal(by_words.columns.features, by_words.features, equal_nan=True)


def test_a_description_is_only_asked_where_it_has_no_match(make_judged) -> None:
    """Its captions are real; made-up ones over them would teach nonsense."""
    (one,) = make_judged(1)
    described = replace(one, described=True)
    itself, absent = with_worlds([described], seed=3)

    assert itself is described
    assert absent.described
    assert absent.labels.size == (one.labels == 0).sum()
