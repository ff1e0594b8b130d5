"""Friendships have the shape of real ones: numbers of real graphs stand in the module."""

from __future__ import annotations

import numpy as np
import pytest

from loadtest.world.communities import Communities, draw_communities
from loadtest.world.friendships import Friendships, draw_friendships


def _drawn(people: int, seed: int = 7) -> tuple[Communities, Friendships]:
    random = np.random.default_rng(seed)
    communities = draw_communities(people, random)
    return communities, draw_friendships(communities, random)


def _clustering(friendships: Friendships) -> float:
    """Return the mean share of a person's friends that are friends of each other."""
    friends = [set(friendships.of(p).tolist()) for p in range(friendships.degrees.size)]
    shares = []
    for mine in friends:
        possible = len(mine) * (len(mine) - 1)
        shares.append(sum(len(friends[f] & mine) for f in mine) / possible if possible else 0.0)
    return float(np.mean(shares))


@pytest.mark.parametrize("seed", [7, 8])
def test_degrees_and_clustering_lie_between_those_of_two_real_graphs(seed: int) -> None:
    """Of ego-Facebook and Reed: means 44 and 39, largest 1,045 and 313, clustering 0.61, 0.32."""
    _, friendships = _drawn(2_000, seed)
    degrees = friendships.degrees

    assert 36 <= degrees.mean() <= 50
    assert 22 <= np.median(degrees) <= 34
    assert 75 <= np.quantile(degrees, 0.9) <= 115
    assert 250 <= degrees.max() <= 1_045
    assert 0.32 <= _clustering(friendships) <= 0.61


@pytest.mark.parametrize("people", [1, 2, 3, 10, 60, 300])
def test_small_worlds_have_friendships_that_can_be(people: int) -> None:
    _, friendships = _drawn(people)
    pairs = friendships.pairs

    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert len(np.unique(pairs, axis=0)) == len(pairs)
    assert pairs.size == 0 or (pairs.min() >= 0 and pairs.max() < people)
    assert friendships.degrees.sum() == 2 * len(pairs)
    assert people == 1 or friendships.degrees.min() >= 1


def test_friends_are_the_pairs_seen_from_each_side() -> None:
    _, friendships = _drawn(60)
    expected = {(a, b) for a, b in friendships.pairs.tolist()}
    found = {
        (min(person, friend), max(person, friend))
        for person in range(60)
        for friend in friendships.of(person).tolist()
    }

    assert expected == found


def test_everybody_has_a_community_and_is_in_it() -> None:
    communities, _ = _drawn(500)

    assert all(
        person in communities.members[own] for person, own in enumerate(communities.own.tolist())
    )


def test_nobody_blocks_themselves_and_the_default_viewer_is_left_alone() -> None:
    _, friendships = _drawn(2_000)
    blocks = friendships.blocks

    assert len(blocks) > 0
    assert (blocks[:, 0] != blocks[:, 1]).all()
    assert not (blocks == 0).any()
