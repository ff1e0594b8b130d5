"""Where a photo was taken, as the nearest city: degrees to `Place`.

The table of cities (`data/cities.npz`, GeoNames, compiled by `geo_build`) is ordered by latitude,
so the candidates within a distance are one slice, and only those are measured: for 50 km about a
degree of latitude, some hundred cities of 34,000.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.model import Place
from alicorn.errors import CorruptData

__all__ = ["Cities", "find_city", "haversine_km", "load_cities", "nearest_city"]

EARTH_RADIUS_KM: Final = 6_371.0

_PER_DEGREE: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class Cities:
    """The city table; every array has one row a city, latitude ascending."""

    id: npt.NDArray[np.uint32]
    latitude: npt.NDArray[np.float64]
    """Degrees north, ascending."""
    longitude: npt.NDArray[np.float64]
    """Degrees east."""
    radius_km: npt.NDArray[np.float64]
    """How far the city itself reaches (`geo_build`)."""
    country: tuple[str, ...]
    """ISO 3166, two letters."""
    name: tuple[str, ...]

    def place(self, row: int) -> Place:
        """Return the city of ``row``, at its own position."""
        return Place(
            id=int(self.id[row]),
            name=self.name[row],
            country=self.country[row],
            latitude=float(self.latitude[row]),
            longitude=float(self.longitude[row]),
        )


@cache
def load_cities() -> Cities:
    """Read the shipped table, once a process.

    Raises
    ------
    CorruptData
        If the table is missing or damaged.
    """
    try:
        source = resources.files("understanding.photos").joinpath("data", "cities.npz")
        with source.open("rb") as file, np.load(file, allow_pickle=False) as table:
            codes = table["countries"].tobytes().decode("ascii")
            countries = [codes[at : at + 2] for at in range(0, len(codes), 2)]
            cities = Cities(
                id=table["id"],
                latitude=np.cumsum(table["latitude"], dtype=np.int64) / _PER_DEGREE,
                longitude=table["longitude"] / _PER_DEGREE,
                radius_km=table["radius"] / 10.0,
                country=tuple(countries[code] for code in table["country"].tolist()),
                name=tuple(table["names"].tobytes().decode("utf-8").split("\n")),
            )
    except (OSError, KeyError, ValueError, IndexError) as error:
        raise CorruptData(f"city table data/cities.npz cannot be read: {error}") from error
    rows = len(cities.name)
    if not rows == len(cities.id) == len(cities.latitude) == len(cities.longitude):
        raise CorruptData(f"city table data/cities.npz: {rows} names, {len(cities.id)} ids")
    return cities


def nearest_city(latitude: float, longitude: float, max_km: float = 50.0) -> Place | None:
    """Return the city at or nearest to a position, or None when none is within ``max_km``.

    Nearest by the distance to the city's edge (its middle less its radius, `geo_build`). Inside
    several at once, the largest: a photo in a quarter of Paris is of Paris.

    Parameters
    ----------
    latitude, longitude : float
        Degrees north (-90..90) and east (-180..180); anything else gives None.

    Returns
    -------
    Place or None
        Id, name and country of the city; latitude and longitude of the position asked for.
        Full ties: the more southern city, then the smaller id.
    """
    if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):
        return None
    cities = load_cities()
    reach = np.degrees(max_km / EARTH_RADIUS_KM)
    start, end = np.searchsorted(cities.latitude, (latitude - reach, latitude + reach))
    if start == end:
        return None
    near = slice(int(start), int(end))
    distance = haversine_km(latitude, longitude, cities.latitude[near], cities.longitude[near])
    within = np.flatnonzero(distance <= max_km)
    if within.size == 0:
        return None
    radius = cities.radius_km[near][within]
    outside = np.maximum(0.0, distance[within] - radius)
    row = int(start) + int(within[np.lexsort((distance[within], -radius, outside))[0]])
    return Place(
        id=int(cities.id[row]),
        name=cities.name[row],
        country=cities.country[row],
        latitude=latitude,
        longitude=longitude,
    )


def find_city(name: str) -> Place | None:
    """Return the city with this name, at its own position; None when no city has it.

    Case and accents do not matter. ``name`` may carry a country ("Paris, US"); of several cities
    with one name the largest wins, then the smaller GeoNames id.
    """
    wanted, _, country = name.partition(",")
    cities = load_cities()
    rows = [
        row
        for row in _rows_by_name().get(_plain(wanted), ())
        if country.strip().upper() in {"", cities.country[row]}
    ]
    if not rows:
        return None
    return cities.place(min(rows, key=lambda row: (-cities.radius_km[row], int(cities.id[row]))))


@cache
def _rows_by_name() -> dict[str, list[int]]:
    """Rows of the table by plain name."""
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(load_cities().name):
        rows.setdefault(_plain(name), []).append(row)
    return rows


def _plain(name: str) -> str:
    """Return ``name`` without case, accents and outer blanks."""
    split = unicodedata.normalize("NFKD", name.strip())
    return "".join(c for c in split if not unicodedata.combining(c)).casefold()


def haversine_km(
    latitude: float,
    longitude: float,
    latitudes: npt.NDArray[np.float64],
    longitudes: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return great-circle distances in km from one position to many, all in degrees."""
    here, there = np.radians(latitude), np.radians(latitudes)
    north = np.sin((there - here) / 2) ** 2
    east = np.sin(np.radians(longitudes - longitude) / 2) ** 2
    share = np.clip(north + np.cos(here) * np.cos(there) * east, 0.0, 1.0)
    distance: npt.NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(share))
    return distance
