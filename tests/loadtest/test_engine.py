"""`alicorn bench engine` at toy size: every row there, every answer right (PS-43)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from alicorn.errors import AlicornError
from indexserver.execution.engine import Engine
from loadtest import engine
from loadtest.all_ids import ids_rows
from loadtest.best import best_rows
from loadtest.counts import count_rows
from loadtest.first import first_rows
from loadtest.peers.croaring import Roaring
from loadtest.peers.xapian import Xapian
from loadtest.questions import CLASSES
from loadtest.report import Row
from loadtest.segmented import segmented_rows
from loadtest.workbench import Prepared, Workbench

_COUNTS = {
    "count-dense": ("and2_ff", "andnot"),
    "count-selective": ("and2_fr", "and3"),
    "count-or": ("or10", "and_or10"),
}


def _by_id(rows: Sequence[Row]) -> dict[str, Row]:
    found = {row.id: row for row in rows}
    assert len(found) == len(rows)
    return found


def test_counts_stand_beside_tantivy(bench: Workbench) -> None:
    """A row for every class of every corpus; without captions C's rows have no figures."""
    rows = _by_id(count_rows(bench))

    assert set(rows) == {
        f"{name}/{corpus}/{question_class}"
        for name, classes in _COUNTS.items()
        for corpus in ("A", "C")
        for question_class in classes
    }
    for row_id, row in rows.items():
        assert row.at_least is not None
        if "/A/" in row_id:
            assert row.ours is not None
            assert (row.theirs is None) == (bench.tantivy("A") is None)
            assert row.distance is not None
        else:
            assert (row.ours, row.theirs, row.met) == (None, None, None)


def test_counts_of_captions_are_of_their_words(bench: Workbench, captions: Path) -> None:
    """Corpus C, where its captions are there."""
    scale = dataclasses.replace(bench.scale, documents=2_000)
    with Workbench(
        scale=scale, folder=bench.folder, data=captions, only=("count-dense/C", "count-or/C")
    ) as other:
        rows = count_rows(other)
        assert all(row.ours and row.data and "captions" in row.data for row in rows)
        assert len(rows) == 4


def test_ids_stand_beside_croaring(bench: Workbench) -> None:
    """Every class, over A."""
    rows = _by_id(ids_rows(bench))

    assert set(rows) == {f"ids/A/{question_class}" for question_class in CLASSES}
    assert all((row.theirs is not None) == Roaring.is_here() for row in rows.values())
    assert all((row.at_least, row.aim) == (1.0, 1.5) for row in rows.values())


def test_the_first_stand_beside_xapian(bench: Workbench) -> None:
    """Prepared, from text, and the 95th percentile of that, for every class."""
    rows = _by_id(first_rows(bench))

    assert set(rows) == {
        f"{name}/A/{question_class}{suffix}"
        for question_class in CLASSES
        for name, suffix in (("first100", ""), ("first100-text", ""), ("first100-text", "-p95"))
    }
    for row_id, row in rows.items():
        if row_id.endswith("-p95"):
            assert row.limit == 20.0
        else:
            assert (row.theirs is not None) == Xapian.is_here()


def test_the_best_stand_beside_tantivy_and_pisa(bench: Workbench) -> None:
    """A row for each peer, of every class over both corpora."""
    rows = _by_id(best_rows(bench))

    assert set(rows) == {
        f"top100/{corpus}/{question_class}{suffix}"
        for corpus in ("A", "C")
        for question_class in CLASSES
        for suffix in ("", "-pisa")
    }
    assert (rows["top100/A/or10-pisa"].theirs is None) == (bench.pisa("A") is None)
    assert rows["top100/A/andnot-pisa"].theirs is None
    assert rows["top100/A/andnot-pisa"].met is None


def test_segments_stand_beside_one_segment(bench: Workbench) -> None:
    """Promised for runs of DocIds; interleaved documents are information."""
    rows = _by_id(segmented_rows(bench))

    assert set(rows) == {
        f"segments/{name}/{question_class}-{figure}"
        for name in ("B", "B-interleaved")
        for question_class in CLASSES
        for figure in ("count", "first100", "top100")
    }
    assert {row.at_least for row in rows.values() if "/B/" in row.id} == {0.7}
    assert {row.at_least for row in rows.values() if "interleaved" in row.id} == {None}


def test_only_what_is_wanted_is_measured(bench: Workbench) -> None:
    """A part of an id is enough, and the order of rows does not change."""
    with Workbench(
        scale=bench.scale, folder=bench.folder, only=("ids/A/and3", "count-or/A")
    ) as one:
        report = engine.run(one)

    assert [row.id for row in report.rows] == [
        "count-or/A/or10",
        "count-or/A/and_or10",
        "ids/A/and3",
    ]


class _Off:
    """An engine whose answers are those of the real one, but for one thing."""

    def __init__(self, real: Engine, wrong: str) -> None:
        self._real, self._wrong = real, wrong

    def prepare(self, text: str, id_arrays: Sequence[npt.NDArray[np.uint64]] = ()) -> Any:
        return _OffQuery(self._real.prepare(text, id_arrays), self._wrong)


class _OffQuery:
    def __init__(self, real: Prepared, wrong: str) -> None:
        self._real, self._wrong = real, wrong

    def count(self) -> int:
        return self._real.count() + (self._wrong == "count")

    def ids(self) -> list[npt.NDArray[np.uint32]]:
        return [ids[: ids.size - (self._wrong == "ids")] for ids in self._real.ids()]

    def first(self, limit: int) -> Any:
        return self._real.first(limit - (self._wrong == "first"))

    def best(self, limit: int) -> Any:
        return self._real.best(limit - (self._wrong == "best"))


@pytest.mark.parametrize(
    ("wrong", "rows", "message"),
    [
        ("count", count_rows, "count of"),
        ("ids", ids_rows, "ids of"),
        ("first", first_rows, "first 100 of"),
        ("best", best_rows, "best 100 of"),
    ],
)
def test_a_wrong_answer_has_no_speed(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, wrong: str, rows: Any, message: str
) -> None:
    """One hit too few or too many, and there are no figures at all."""
    real = bench.engine("A")
    monkeypatch.setattr(Workbench, "engine", lambda self, name: _Off(real, wrong))

    with pytest.raises(AlicornError, match=rf"{message}.*no figures without the answer"):
        rows(bench)
