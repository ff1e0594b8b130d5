"""Moments: somebody, somewhere, at a time, with friends, looking at something.

A block has as many moments as fill it; the last one ends with the block. Who is served by default
and that person's friends have the first moments of the first block, one of each scene and audience
in turn, so that a demonstration finds their photos of every kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from loadtest.world.friendships import Friendships
from loadtest.world.people import KINDS, People
from loadtest.world.scenes import Scenes
from loadtest.world.towns import Towns

__all__ = ["COMPANIONS", "MOST_PHOTOS", "NEWEST_S", "Moments", "draw_moments"]

COMPANIONS: Final = 3
"""Friends who were there, at most."""
MOST_PHOTOS: Final = 40

_MEAN_PHOTOS: Final = 6.0
_SPREAD: Final = 1.0
_ALONE: Final = (0.45, 0.3, 0.15, 0.1)
"""Chances of 0, 1, 2, 3 companions."""
_ABROAD: Final = 0.35
"""Share of journeys that leave the country."""

NEWEST_S: Final = 1_748_736_000
"""2025-06-01, as naive seconds: no photo is newer."""
_DAYS: Final = 10 * 365
_DAY_S: Final = 86_400
_RECENT: Final = 1.6
"""Power by which photos are more often new than old."""
_SHOWN: Final = 0.5
"""Share of the first block's moments that are of who is served by default, or of friends."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """One row a moment. People are counted from 0; -1 is nobody."""

    people: npt.NDArray[np.int64]
    """Shape (moments, 1 + `COMPANIONS`): who photographs, then who was there."""
    scenes: npt.NDArray[np.int64]
    started: npt.NDArray[np.int64]
    """Naive local seconds."""
    towns: npt.NDArray[np.int64]
    """Rows of the city table."""
    subjects: npt.NDArray[np.int64]
    """Shape (moments, 3): classes, the usual subject first."""
    kinds: npt.NDArray[np.int64]
    """Shape (moments, 1 + `COMPANIONS`): whom each of ``people`` lets see it, places in `KINDS`."""
    sizes: npt.NDArray[np.int64]
    """How many photos, 1 to `MOST_PHOTOS`."""

    def __len__(self) -> int:
        return len(self.sizes)


def draw_moments(
    photos: int,
    first: bool,
    people: People,
    friendships: Friendships,
    scenes: Scenes,
    towns: Towns,
    random: np.random.Generator,
) -> Moments:
    """Draw the moments of a block of ``photos``; ``first`` says that it is the first block."""
    sizes = _sizes(photos, random)
    count = sizes.size
    who = np.searchsorted(people.activity, random.random(count), side="right")
    who = np.minimum(who, len(people.names) - 1)
    shown = _of_interest(first, count, friendships, random)
    who[: shown.size] = shown
    drawn = (random.random(count)[:, np.newaxis] > people.interests[who]).sum(axis=1)
    scene = np.minimum(drawn, len(scenes) - 1)
    scene[: shown.size] = np.arange(shown.size) // 2 % len(scenes)
    companions = _companions(who, friendships, random)
    # The default viewer is there when friends of theirs are shown, and so on their lists.
    is_friend = np.flatnonzero(shown != 0)
    companions[is_friend, 0] = 0
    companions[is_friend, 1:] = -1
    everybody = np.column_stack([who, companions])
    chances = random.random((count, 1 + COMPANIONS, 1))
    beyond: npt.NDArray[np.int64] = np.sum(chances > people.audiences[everybody], axis=2)
    kinds = np.minimum(beyond, len(KINDS) - 1)
    # Each scene comes with another audience in the next round, and for friends.
    turns = np.arange(shown.size)
    kinds[: shown.size, 0] = (turns // 2 + turns // 2 // len(scenes) + turns % 2) % len(KINDS)
    return Moments(
        people=everybody,
        scenes=scene,
        started=_started(scene, scenes, random),
        towns=_towns(who, scene, people, scenes, towns, random),
        subjects=_subjects(scene, scenes, random),
        kinds=kinds,
        sizes=sizes,
    )


def _sizes(photos: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw sizes that sum up to ``photos``."""
    drawn = np.exp(random.normal(np.log(_MEAN_PHOTOS) - _SPREAD**2 / 2, _SPREAD, photos))
    sizes = np.clip(drawn, 1, MOST_PHOTOS).astype(np.int64)
    ends = np.cumsum(sizes)
    sizes = sizes[: int(np.searchsorted(ends, photos)) + 1]
    sizes[-1] -= sizes.sum() - photos
    return sizes


def _of_interest(
    first: bool, moments: int, friendships: Friendships, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return who photographs the first moments: the default viewer and friends, in turn."""
    friends = friendships.of(0)
    found = np.zeros(int(moments * _SHOWN) if first else 0, dtype=np.int64)
    if friends.size:
        found[1::2] = random.choice(friends, found[1::2].size)
    return found


def _companions(
    who: npt.NDArray[np.int64], friendships: Friendships, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return friends who were there, each once, shape (moments, `COMPANIONS`)."""
    degrees = friendships.degrees[who]
    chosen = (random.random((who.size, COMPANIONS)) * degrees[:, np.newaxis]).astype(np.int64)
    places = np.minimum(
        friendships.starts[who][:, np.newaxis] + chosen, max(friendships.friends.size - 1, 0)
    )
    found: npt.NDArray[np.int64] = (
        friendships.friends[places] if friendships.friends.size else places
    )
    count = random.choice(len(_ALONE), who.size, p=_ALONE)
    found[np.arange(COMPANIONS) >= np.minimum(count, degrees)[:, np.newaxis]] = -1
    for later in range(1, COMPANIONS):
        again = (found[:, :later] == found[:, later : later + 1]).any(axis=1)
        found[again, later] = -1
    return found


def _started(
    scene: npt.NDArray[np.int64], scenes: Scenes, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    hours = np.array([found.hours for found in scenes.scenes])[scene]
    days_ago = 1 + (_DAYS * random.random(scene.size) ** _RECENT).astype(np.int64)
    of_day = hours[:, 0] * 3_600 + random.random(scene.size) * 3_600 * (hours[:, 1] - hours[:, 0])
    started: npt.NDArray[np.int64] = NEWEST_S - days_ago * _DAY_S + of_day.astype(np.int64)
    return started


def _towns(
    who: npt.NDArray[np.int64],
    scene: npt.NDArray[np.int64],
    people: People,
    scenes: Scenes,
    towns: Towns,
    random: np.random.Generator,
) -> npt.NDArray[np.int64]:
    homes = people.homes[who]
    away = np.array([found.away for found in scenes.scenes])[scene]
    inland = towns.in_country_of(homes, random.random(who.size))
    anywhere = towns.anywhere(random.random(who.size))
    gone = np.where(random.random(who.size) < _ABROAD, anywhere, inland)
    return np.where(random.random(who.size) < away, gone, homes)


def _subjects(
    scene: npt.NDArray[np.int64], scenes: Scenes, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    chances = random.random((scene.size, 3))
    found = np.zeros(chances.shape, dtype=np.int64)
    for number in range(len(scenes)):
        here = scene == number
        places = np.searchsorted(scenes.chances[number], chances[here], side="right")
        found[here] = scenes.subjects[number][np.minimum(places, scenes.subjects[number].size - 1)]
    return found
