"""Where one travels: towns of a country or of the world, large ones more often."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from understanding.photos.geo import Cities, load_cities

__all__ = ["Towns"]

_KM_A_DEGREE: Final = 111.0
_MOST_KM: Final = 6.0
"""How far from a town's middle photos are taken, at most by two standard deviations."""
_DIGITS: Final = 5
"""Of a degree: to the metre."""


class Towns:
    """The city table, ordered by country. Rows are those of the table."""

    def __init__(self, cities: Cities) -> None:
        self.cities = cities
        countries, of_row = np.unique(np.array(cities.country), return_inverse=True)
        self._rows = np.argsort(of_row, kind="stable")
        self._country_of_row = of_row
        ends = np.searchsorted(of_row[self._rows], np.arange(len(countries) + 1))
        # How many live in a town goes with its area; it is all that the table says of it.
        sums = np.concatenate([[0.0], np.cumsum(cities.radius_km[self._rows] ** 2)])
        self._sums = sums[1:]
        self._starts = sums[ends]
        self._first = ends

    @staticmethod
    @cache
    def load() -> Towns:
        """Return the shipped towns, made once."""
        return Towns(load_cities())

    def anywhere(self, chances: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Return a town for each of ``chances``, in [0, 1)."""
        places = np.searchsorted(self._sums, chances * self._sums[-1], side="right")
        found: npt.NDArray[np.int64] = self._rows[np.minimum(places, self._rows.size - 1)]
        return found

    def in_country_of(
        self, rows: npt.NDArray[np.int64], chances: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.int64]:
        """Return a town of the country of each of ``rows``."""
        country = self._country_of_row[rows]
        low, high = self._starts[country], self._starts[country + 1]
        places = np.searchsorted(self._sums, low + chances * (high - low), side="right")
        # Sums of many areas round: never into the next country.
        inside = np.clip(places, self._first[country], self._first[country + 1] - 1)
        found: npt.NDArray[np.int64] = self._rows[inside]
        return found

    def positions(
        self, rows: npt.NDArray[np.int64], random: np.random.Generator
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Draw degrees north and east about the towns ``rows``, to the metre or so."""
        reach = np.minimum(self.cities.radius_km[rows], _MOST_KM) / 2 / _KM_A_DEGREE
        north, east = random.normal(0, 1, (2, rows.size))
        latitude = self.cities.latitude[rows] + north * reach
        stretch = np.maximum(np.cos(np.radians(latitude)), 0.2)
        longitude = self.cities.longitude[rows] + east * reach / stretch
        wrapped = (longitude + 180) % 360 - 180
        clipped = np.clip(latitude, -89.9, 89.9)
        return np.round(clipped, _DIGITS), np.round(wrapped, _DIGITS)
