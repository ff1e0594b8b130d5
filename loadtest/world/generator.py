"""The world: who there is, and photos in blocks that any process can draw.

>>> world = World(people=20, photos=30, seed=7)
>>> len(world.names), world.blocks, len(world.block(0, first_sequence=1))
(20, 1, 30)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.batch import PhotoBatch
from alicorn.errors import ConfigError
from loadtest.world.cameras import CAMERAS
from loadtest.world.communities import draw_communities
from loadtest.world.friendships import draw_friendships
from loadtest.world.moments import draw_moments
from loadtest.world.people import draw_people
from loadtest.world.photos import Surroundings, draw_photos
from loadtest.world.scenes import load_scenes
from loadtest.world.seeing import Sight
from loadtest.world.shots import draw_shots
from loadtest.world.towns import Towns

__all__ = ["BLOCK", "World"]

BLOCK: Final = 4_096
"""Photos of a block: what is in memory at once."""

_PEOPLE, _PHOTOS = 0, 1
"""Streams of random numbers."""


class World:
    """People and photos, the same for the same arguments.

    Parameters
    ----------
    people, photos : int
        At least 1; ids count from 1.
    seed : int
        Not negative.

    Raises
    ------
    ConfigError
        If an argument is out of its range.
    MissingModel
        If the shipped taxonomy is broken.
    """

    def __init__(self, *, people: int, photos: int, seed: int) -> None:
        for name, found, least in (("people", people, 1), ("photos", photos, 1), ("seed", seed, 0)):
            if found < least:
                raise ConfigError(f"{name} of a world must be at least {least}, got {found}")
        self.photos = photos
        self._seed = seed
        scenes, towns = load_scenes(), Towns.load()
        random = np.random.default_rng([seed, _PEOPLE])
        communities = draw_communities(people, random)
        self._around = Surroundings(
            people=draw_people(communities, scenes, towns.cities, len(CAMERAS), random),
            friendships=draw_friendships(communities, random),
            scenes=scenes,
            sight=Sight.load(),
            towns=towns,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the people; the first is person 1."""
        return self._around.people.names

    @property
    def friendships(self) -> npt.NDArray[np.int64]:
        """Ids, shape (friendships, 2): the smaller first, ascending, each once."""
        return self._around.friendships.pairs + 1

    @property
    def blocked(self) -> npt.NDArray[np.int64]:
        """Ids, shape (n, 2): who blocks whom, ascending, each once."""
        return self._around.friendships.blocks + 1

    @property
    def blocks(self) -> int:
        """How many blocks of photos there are."""
        return -(-self.photos // BLOCK)

    def block(self, number: int, *, first_sequence: int) -> PhotoBatch:
        """Draw one block: `BLOCK` photos, the last one what is left.

        Parameters
        ----------
        number : int
            In [0, `blocks`).
        first_sequence : int
            Place in the log of the world's first photo; the others follow without gaps.
        """
        begin = number * BLOCK
        random = np.random.default_rng([self._seed, _PHOTOS, number])
        around = self._around
        moments = draw_moments(
            min(BLOCK, self.photos - begin),
            number == 0,
            around.people,
            around.friendships,
            around.scenes,
            around.towns,
            random,
        )
        return draw_photos(
            moments,
            draw_shots(moments, around.scenes, random),
            around,
            first_id=begin + 1,
            first_sequence=first_sequence + begin,
            random=random,
        )

    def all(self, *, first_sequence: int) -> Iterator[PhotoBatch]:
        """Yield every block, in order."""
        for number in range(self.blocks):
            yield self.block(number, first_sequence=first_sequence)
