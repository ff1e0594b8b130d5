"""The people of the world: what they are called, where they live, what they photograph and show.

A community has a culture and a town; most of its people are of that culture and live in or near
that town. Names are made-up combinations (`people.toml`). Everybody has habits, drawn once: how
much they photograph, what, with which camera, how often they write captions, and whom they let see
their photos. No figures of how people share were at hand: a quarter mostly share with everybody, a
bit over half mostly with friends, a fifth mostly with nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from alicorn.documents import AudienceKind
from loadtest.world.communities import Communities
from loadtest.world.scenes import Scenes
from understanding.photos.geo import Cities

__all__ = ["KINDS", "People", "draw_people"]

KINDS: Final = (
    AudienceKind.PUBLIC,
    AudienceKind.FRIENDS,
    AudienceKind.LIST,
    AudienceKind.ONLY_ME,
)
"""The order of the columns of `People.audiences`."""

_HABITS: Final = np.array(
    [
        [0.66, 0.26, 0.03, 0.05],  # open
        [0.10, 0.72, 0.08, 0.10],  # among friends
        [0.02, 0.36, 0.20, 0.42],  # careful
    ]
)
_HABIT_SHARES: Final = (0.25, 0.55, 0.20)
_OWN_CULTURE: Final = 0.9
_IN_TOWN: Final = 0.85
_ACTIVITY: Final = 1.1
"""Standard deviation of the logarithm of how much somebody photographs."""
_NARROWNESS: Final = 0.45
"""Shape of the gamma that draws interests: the less, the fewer things somebody photographs."""


class _Culture(msgspec.Struct, forbid_unknown_fields=True):
    language: str
    weight: float
    countries: list[str]
    given: list[str]
    family: list[str]


class _Cultures(msgspec.Struct, forbid_unknown_fields=True):
    cultures: list[_Culture]


# Languages that put the family name first, and what they put between.
_FAMILY_FIRST: Final = {"ja": "", "zh": ""}


@cache
def _cultures() -> list[_Culture]:
    text = resources.files(__package__).joinpath("people.toml").read_bytes()
    return msgspec.toml.decode(text, type=_Cultures).cultures


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """One row a person, counted from 0; ids are one more."""

    names: tuple[str, ...]
    languages: tuple[str, ...]
    """What somebody captions in: two letters."""
    homes: npt.NDArray[np.int64]
    """Rows of the city table."""
    activity: npt.NDArray[np.float64]
    """Chances to be the one who photographs, running sums: ascending, the last one 1."""
    interests: npt.NDArray[np.float32]
    """Shape (people, scenes): running sums in each row, the last one 1."""
    audiences: npt.NDArray[np.float32]
    """Shape (people, `KINDS`): running sums in each row, the last one 1."""
    cameras: npt.NDArray[np.int64]
    """Shape (people, 2): the one mostly used, and another."""
    located: npt.NDArray[np.bool_]
    """Whose camera notes the place."""
    wordiness: npt.NDArray[np.float64]
    """Share of photos with a caption, in [0, 1]."""


def draw_people(
    communities: Communities,
    scenes: Scenes,
    cities: Cities,
    cameras: int,
    random: np.random.Generator,
) -> People:
    """Draw everybody; ``cameras`` is how many models there are."""
    people = communities.sociability.size
    cultures = _cultures()
    weights = np.cumsum([culture.weight for culture in cultures])
    groups = len(communities.members)
    of_group = _pick(weights, random.random(groups))
    culture = np.where(
        random.random(people) < _OWN_CULTURE,
        of_group[communities.own],
        _pick(weights, random.random(people)),
    )
    towns = _towns(cities, cultures)
    of_town = np.array([_draw_town(towns[c], random.random()) for c in of_group.tolist()])
    homes = np.array(
        [
            town if stays and c == of else _draw_town(towns[c], u)
            for c, of, town, stays, u in zip(
                culture.tolist(),
                of_group[communities.own].tolist(),
                of_town[communities.own].tolist(),
                random.random(people) < _IN_TOWN,
                random.random(people).tolist(),
                strict=True,
            )
        ]
    )
    activity = np.exp(random.normal(0.0, _ACTIVITY, people))
    habit = random.choice(len(_HABIT_SHARES), people, p=_HABIT_SHARES)
    drawn = random.gamma(_NARROWNESS, size=(people, len(scenes))) + 1e-3
    interests = drawn * scenes.weights
    audiences = random.dirichlet(np.ones(len(KINDS)), people) * 0.25 + _HABITS[habit] * 0.75
    # Who is served by default likes everything and shows it to all kinds of people.
    interests[0] = scenes.weights
    audiences[0] = (0.3, 0.4, 0.15, 0.15)
    return People(
        names=tuple(
            _name(cultures[c], *u)
            for c, u in zip(culture.tolist(), random.random((people, 2)), strict=True)
        ),
        languages=tuple(cultures[c].language for c in culture.tolist()),
        homes=homes.astype(np.int64),
        activity=np.cumsum(activity) / activity.sum(),
        interests=_running(interests),
        audiences=_running(audiences),
        cameras=random.integers(0, cameras, (people, 2)),
        located=random.random(people) < 0.85,
        wordiness=random.beta(1.2, 2.6, people),
    )


def _running(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    sums = np.cumsum(rows, axis=1)
    return (sums / sums[:, -1:]).astype(np.float32)


def _pick(sums: npt.NDArray[np.float64], chances: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    places = np.searchsorted(sums, chances * sums[-1], side="right")
    found: npt.NDArray[np.int64] = np.minimum(places, sums.size - 1)
    return found


def _towns(
    cities: Cities, cultures: list[_Culture]
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]:
    """Return, for each culture, rows of its cities and running sums of how many live there."""
    country = np.array(cities.country)
    found = []
    for culture in cultures:
        rows = np.flatnonzero(np.isin(country, culture.countries))
        found.append((rows, np.cumsum(cities.radius_km[rows] ** 2)))
    return found


def _draw_town(town: tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]], chance: float) -> int:
    rows, sums = town
    return int(
        rows[min(int(np.searchsorted(sums, chance * sums[-1], side="right")), rows.size - 1)]
    )


def _name(culture: _Culture, first: float, last: float) -> str:
    given = culture.given[int(first * len(culture.given))]
    family = culture.family[int(last * len(culture.family))]
    between = _FAMILY_FIRST.get(culture.language)
    return f"{given} {family}" if between is None else f"{family}{between}{given}"
