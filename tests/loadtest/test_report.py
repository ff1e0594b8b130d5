"""What every benchmark prints: a shape that tables and dashboards can rely on."""

from __future__ import annotations

import pytest

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
    assert _row(theirs=theirs, at_least=at_least).met is met


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


def test_figures_have_four_digits() -> None:
    """More than a machine can repeat."""
    rows = report_of([_row(ours=1.23456789, theirs=12345.678)]).as_document()["rows"]
    assert isinstance(rows, list)

    assert (rows[0]["ours"], rows[0]["theirs"]) == (1.235, 12350.0)
