"""What every benchmark prints: a shape that tables and dashboards can rely on."""

from __future__ import annotations

import pytest

import loadtest.report
from loadtest.report import Row, report_of


def _row(**given: object) -> Row:
    fields: dict[str, object] = {
        "id": "search/x/p50",
        "question": "how long?",
        "ours": 2.0,
        "unit": "ms",
        "better": "less",
    }
    return Row(**(fields | given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ours", "theirs", "better", "ratio"),
    [
        (2.0, 4.0, "less", 2.0),
        (4.0, 2.0, "less", 0.5),
        (4.0, 2.0, "more", 2.0),
        (2.0, 4.0, "more", 0.5),
        (2.0, None, "less", None),
        (None, 2.0, "less", None),
        (0.0, 2.0, "less", None),
        (2.0, 0.0, "more", None),
    ],
)
def test_the_ratio_says_how_many_times_better_ours_is(
    ours: float | None, theirs: float | None, better: str, ratio: float | None
) -> None:
    """Above 1 is good for times and for rates alike; nothing is divided by nothing."""
    assert _row(ours=ours, theirs=theirs, better=better).ratio == ratio


@pytest.mark.parametrize(
    ("theirs", "at_least", "met"),
    [(4.0, 2.0, True), (4.0, 2.1, False), (4.0, None, None), (None, 2.0, None)],
)
def test_a_promise_is_met_or_not_or_cannot_be_told(
    theirs: float | None, at_least: float | None, met: bool | None
) -> None:
    """A peer that is not here must not count as beaten."""
    assert _row(unit="bytes", theirs=theirs, at_least=at_least).met is met


@pytest.mark.parametrize(
    ("better", "limit", "theirs", "at_least", "met"),
    [
        ("less", 2.0, None, None, True),
        ("less", 1.9, None, None, False),
        ("more", 2.0, None, None, True),
        ("more", 2.1, None, None, False),
        ("less", 2.0, 4.0, 2.0, True),
        ("less", 2.0, 4.0, 2.1, False),
        ("less", 1.9, None, 2.0, False),
        ("less", 2.0, None, 2.0, None),
    ],
)
def test_a_bound_of_our_own_figure_needs_no_peer(
    better: str, limit: float, theirs: float | None, at_least: float | None, met: bool | None
) -> None:
    """Bytes and nanoseconds are promised as they are; with a ratio beside, both must hold."""
    row = _row(unit="bytes", better=better, limit=limit, theirs=theirs, at_least=at_least)

    assert row.met is met


def test_a_broken_promise_without_figures_is_not_told() -> None:
    """What was not measured is neither kept nor broken."""
    assert _row(unit="bytes", ours=None, limit=1.0, at_least=2.0).met is None


@pytest.mark.parametrize(("unit", "met"), [("us", None), ("bytes", True)])
def test_times_are_promised_for_avx_512_only(
    unit: str, met: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes are the same everywhere; times without the wide registers are information."""
    monkeypatch.setattr(loadtest.report, "AVX512", False)

    assert _row(unit=unit, theirs=4.0, at_least=2.0).met is met


def test_the_aim_is_told_beside_the_promise() -> None:
    """Met and hoped for are two answers."""
    row = _row(unit="bytes", theirs=4.0, at_least=1.5, aim=3.0, limit=3.0, limit_aim=2.0)

    assert (row.met, row.reached_aim) == (True, False)


@pytest.mark.parametrize(
    ("better", "physical_limit", "distance"),
    [("less", 0.5, 4.0), ("more", 8.0, 4.0), ("less", None, None)],
)
def test_the_distance_says_how_far_the_machine_could_go(
    better: str, physical_limit: float | None, distance: float | None
) -> None:
    """1 is a plain read of the bytes that must be read."""
    assert _row(better=better, physical_limit=physical_limit).distance == distance


def test_a_missing_peer_is_null_and_its_row_stays() -> None:
    """Rows are compared over time: a row that comes and goes cannot be."""
    document = report_of([_row(peer="some peer"), _row(id="b", ours=None)]).as_document()

    assert set(document) == {"rows", "machine", "commit"}
    assert document["rows"] == [
        {
            "id": "search/x/p50",
            "question": "how long?",
            "ours": 2.0,
            "peer": "some peer",
            "theirs": None,
            "unit": "ms",
            "better": "less",
            "ratio": None,
            "at_least": None,
            "met": None,
        },
        {
            "id": "b",
            "question": "how long?",
            "ours": None,
            "peer": None,
            "theirs": None,
            "unit": "ms",
            "better": "less",
            "ratio": None,
            "at_least": None,
            "met": None,
        },
    ]
    assert document["machine"]
    assert document["commit"]


def test_a_row_that_names_its_data_says_how_it_was_measured() -> None:
    """For the record: what was hoped for, on which data and seed, and how far the machine goes."""
    row = _row(data="ten photos", seed=7, measured="median of 3", aim=2.0, physical_limit=0.5)
    rows = report_of([row]).as_document()["rows"]
    assert isinstance(rows, list)
    told = {name: rows[0][name] for name in ("data", "seed", "measured", "aim", "distance")}

    assert told == {
        "data": "ten photos",
        "seed": 7,
        "measured": "median of 3",
        "aim": 2.0,
        "distance": 4.0,
    }
    assert {"reached_aim", "limit", "limit_aim", "physical_limit", "note"} <= set(rows[0])


def test_figures_have_four_digits() -> None:
    """More than a machine can repeat."""
    rows = report_of([_row(ours=1.23456789, theirs=12345.678)]).as_document()["rows"]
    assert isinstance(rows, list)

    assert (rows[0]["ours"], rows[0]["theirs"]) == (1.235, 12350.0)
