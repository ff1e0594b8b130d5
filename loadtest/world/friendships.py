"""Friendships with the shape of real ones: heavy-tailed degrees, clustered in communities.

In a community two people are friends with a chance that grows with the sociability of both, and
that is less in a large one; a few friendships go across. What was copied from real graphs are these
numbers, and nothing else of them (mean degree, median, 90th percentile, largest; mean local
clustering):

    SNAP ego-Facebook    4,039 people   43.7   25   112   1,045   0.61
    Facebook100 Reed       962 people   39.1   29    87     313   0.32
    Deezer Hungary      47,538 people    9.4    8    18     112   0.12

The first two are what people share photos with; the last is a service where one follows. A world
of 2,000 people, seed 7, has a mean of 42.9, median 29, 90th percentile 88, largest 307, clustering
0.41: between the first two. Smaller worlds have lower degrees, as there are fewer people to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from loadtest.world.communities import Communities

__all__ = ["Friendships", "draw_friendships"]

_FRIENDS_INSIDE: Final = 18.0
"""Friends within one community of somebody of middling sociability, where it is large enough."""
_DENSEST: Final = 0.92
_ACROSS: Final = 2.0
"""Friendships across communities, a person."""
_BLOCKS: Final = 0.02
"""Blocks, a person; of friends, so that they hide something."""


@dataclass(frozen=True, slots=True, eq=False)
class Friendships:
    """People are counted from 0 here; their ids are one more."""

    pairs: npt.NDArray[np.int64]
    """Shape (friendships, 2): the smaller first, ascending, each once."""
    blocks: npt.NDArray[np.int64]
    """Shape (blocks, 2): who blocks whom, ascending, each once."""
    starts: npt.NDArray[np.int64]
    """Shape (people + 1,): where the friends of each begin in ``friends``."""
    friends: npt.NDArray[np.int64]
    """Ascending for each person."""

    @property
    def degrees(self) -> npt.NDArray[np.int64]:
        """Shape (people,): how many friends everybody has."""
        return np.diff(self.starts)

    def of(self, person: int) -> npt.NDArray[np.int64]:
        """Return the friends of ``person``, ascending."""
        return self.friends[self.starts[person] : self.starts[person + 1]]


def draw_friendships(communities: Communities, random: np.random.Generator) -> Friendships:
    """Draw who is whose friend, and the few who block each other."""
    sociability = communities.sociability
    people = sociability.size
    found = [_inside(members, sociability, random) for members in communities.members]
    found.append(_across(sociability, random))
    # Nobody is without a friend where there is anybody else.
    lonely = np.setdiff1d(np.arange(people), np.concatenate(found))
    found.append(np.stack([lonely, (lonely + 1) % people], axis=1))
    pairs = _distinct(np.concatenate(found), people)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    starts = np.searchsorted(both[:, 0], np.arange(people + 1))
    blocks = _blocks(pairs, random.poisson(_BLOCKS * people), random)
    return Friendships(pairs=pairs, blocks=blocks, starts=starts, friends=both[:, 1])


def _inside(
    members: npt.NDArray[np.int64],
    sociability: npt.NDArray[np.float64],
    random: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Return the friendships within one community, shape (n, 2)."""
    size = members.size
    a, b = np.triu_indices(size, k=1)
    roots = np.sqrt(sociability[members])
    chance = np.minimum(_FRIENDS_INSIDE / max(size - 1, 1) * roots[a] * roots[b], _DENSEST)
    are = random.random(a.size) < chance
    return np.stack([members[a[are]], members[b[are]]], axis=1)


def _across(
    sociability: npt.NDArray[np.float64], random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return friendships between anybody, the sociable more often, shape (n, 2)."""
    people = sociability.size
    count = int(_ACROSS * people / 2)
    chances = np.cumsum(sociability)
    ends = np.searchsorted(chances, random.random((count, 2)) * chances[-1], side="right")
    found: npt.NDArray[np.int64] = np.minimum(ends, people - 1)
    return found


def _blocks(
    pairs: npt.NDArray[np.int64], count: int, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return who blocks whom; the friendship is kept, but beaten.

    Who is served by default is left out, so that a demonstration shows everything.
    """
    others = pairs[(pairs > 0).all(axis=1)]
    if not others.size:
        return others
    chosen = others[random.integers(0, len(others), count)]
    turned = random.random(count) < 0.5
    chosen[turned] = chosen[turned, ::-1]
    return np.unique(chosen, axis=0)


def _distinct(pairs: npt.NDArray[np.int64], people: int) -> npt.NDArray[np.int64]:
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    keys = np.unique(pairs.min(axis=1) * people + pairs.max(axis=1))
    return np.stack([keys // people, keys % people], axis=1)
