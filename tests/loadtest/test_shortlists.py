"""`alicorn bench shortlists` at toy size."""

from __future__ import annotations

from loadtest import shortlists
from loadtest.peers.croaring import Roaring
from loadtest.workbench import Workbench


def test_short_lists_are_weighed_found_and_united(bench: Workbench) -> None:
    """Three rows; every list that is found or united is compared with what was drawn."""
    rows = {row.id: row for row in shortlists.run(bench).rows}

    assert list(rows) == ["shortlists/D/bytes", "shortlists/D/lookup", "shortlists/D/or5000"]
    assert [row.limit for row in rows.values()] == [40.0, 5.0, 2.0]
    assert [row.unit for row in rows.values()] == ["bytes", "us", "ms"]
    assert all(row.ours for row in rows.values())
    assert (rows["shortlists/D/or5000"].theirs is not None) == Roaring.is_here()
    ours = rows["shortlists/D/bytes"].ours
    assert ours is not None
    assert 3 < ours < 60
