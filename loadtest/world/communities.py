"""Communities: schools, teams, families, streets; who is in which.

Everybody has one community of their own (the place where they live, `people`), and the sociable are
in more. Sizes are log-normal. What friendships need is who is in which and how sociable everybody
is; what people need is everybody's own one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Communities", "draw_communities"]

_MEDIAN_SIZE: Final = 34.0
_SPREAD: Final = 0.55
_SMALLEST, _LARGEST = 4, 150
_MORE: Final = 0.6
"""Communities beside their own of somebody of middling sociability."""
_MOST_MORE: Final = 14
_SOCIABILITY: Final = 0.85
"""Standard deviation of its logarithm."""


@dataclass(frozen=True, slots=True, eq=False)
class Communities:
    """People are counted from 0 here; their ids are one more."""

    own: npt.NDArray[np.int64]
    """Shape (people,): everybody's own community."""
    members: tuple[npt.NDArray[np.int64], ...]
    """Of each community, ascending, each person once."""
    sociability: npt.NDArray[np.float64]
    """Shape (people,): positive, about 1 in the middle, heavy-tailed."""


def draw_communities(people: int, random: np.random.Generator) -> Communities:
    """Draw the communities of ``people`` people, at least 1."""
    sociability = np.exp(random.normal(0.0, _SOCIABILITY, people))
    # Person 1 is who is served by default: somebody with friends.
    sociability[0] = max(sociability[0], 2.5)
    # More than enough: the smallest that there are would do.
    drawn = np.exp(random.normal(np.log(_MEDIAN_SIZE), _SPREAD, people // _SMALLEST + 1))
    sizes = np.clip(drawn, _SMALLEST, _LARGEST).astype(np.int64)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), people)) + 1]
    own = np.repeat(np.arange(sizes.size), sizes)[:people]
    own = random.permutation(own)
    more = np.minimum(random.poisson(_MORE * sociability), _MOST_MORE)
    joining = np.repeat(np.arange(people), more)
    # Two of three are near one's own: of the same town, numbered beside it.
    near = own[joining] + random.integers(-2, 3, joining.size)
    far = random.integers(0, sizes.size, joining.size)
    chosen = np.where(random.random(joining.size) < 2 / 3, near % sizes.size, far)
    pairs = np.unique(
        np.concatenate([own, chosen]) * people + np.concatenate([np.arange(people), joining])
    )
    ends = np.searchsorted(pairs, np.arange(1, sizes.size) * people)
    members = tuple(part % people for part in np.split(pairs, ends))
    return Communities(own=own, members=members, sociability=sociability)
