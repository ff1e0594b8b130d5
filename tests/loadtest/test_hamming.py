"""The Hamming benchmark runs at toy size, checks its answers, and loses no row."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import AlicornError
from loadtest import hamming
from loadtest.peers.faiss import Faiss
from loadtest.workbench import Scale, Workbench

IDS = [
    "hamming/A/1m",
    "hamming/A/1m-read",
    "hamming/A/100k",
    "hamming-filter/A/0.1%",
    "hamming-filter/A/1%",
    "hamming-filter/A/10%",
]


@pytest.fixture
def bench(tmp_path):
    """Return a workbench of a few thousand codes."""
    return Workbench(scale=Scale(documents=5_000, queries=2, repeats=1), folder=tmp_path)


def test_every_row_has_figures_and_its_promise(bench) -> None:
    """Rows are compared over time: ids, promises and aims must not go missing."""
    rows = {row.id: row for row in hamming.run(bench).rows}

    assert list(rows) == IDS
    assert all(row.ours and row.physical_limit for row in rows.values())
    assert [(row.at_least, row.aim) for row in rows.values()] == [(1.3, 1.6)] + [
        (None, None)
    ] * 2 + [(1.0, 3.0)] * 3
    read = rows["hamming/A/1m-read"]
    assert read.limit == pytest.approx(1.6 * read.physical_limit)
    assert read.limit_aim == pytest.approx(1.2 * read.physical_limit)
    assert "1.0" in rows["hamming-filter/A/1%"].note


def test_without_faiss_rows_stay_and_theirs_are_null(bench, monkeypatch) -> None:
    """A peer that is not here must not count as beaten."""
    monkeypatch.setattr(Faiss, "is_here", staticmethod(lambda: False))

    rows = hamming.hamming_rows(bench)

    assert [row.id for row in rows] == IDS
    assert {None} == {row.theirs for row in rows}
    assert {row.id: row.met for row in rows}["hamming/A/1m"] is None


def test_faiss_gets_its_threads_back(bench) -> None:
    """Whoever measures next in this process must find what it had."""
    faiss = pytest.importorskip("faiss")
    before = faiss.omp_get_max_threads()

    hamming.hamming_rows(bench)

    assert before == faiss.omp_get_max_threads()


def test_only_the_rows_that_are_wanted_are_measured(tmp_path) -> None:
    """`--only` names parts of ids."""
    scale = Scale(documents=2_000, queries=1, repeats=1)

    rows = hamming.hamming_rows(Workbench(scale=scale, folder=tmp_path, only=["1m-read", "10%"]))

    assert [IDS[1], IDS[5]] == [row.id for row in rows]


def test_a_wrong_answer_ends_the_benchmark_without_figures(bench, monkeypatch) -> None:
    """A speed without its answer says nothing."""
    found = hamming.nearest

    def wrong(*args, **kwargs):
        near = found(*args, **kwargs)
        return near._replace(locals=near.locals[::-1].copy())

    monkeypatch.setattr(hamming, "nearest", wrong)

    with pytest.raises(AlicornError, match="no figures without the answer"):
        hamming.hamming_rows(bench)


def test_the_plain_read_reads_everything() -> None:
    """A read that the compiler drops would be a limit that nobody can reach."""
    words = np.random.default_rng(1).integers(0, 2**64, 4_000, dtype=np.uint64)

    assert int(words.sum()) == int(hamming._read(words))
