"""`alicorn bench ...`: the commands give their benchmarks what they need and print every row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alicorn.command.benchmark_report import print_report
from alicorn.command.main import app
from loadtest.report import Report, Row

_SMALL = {
    "engine": ("--documents", "1000", "--queries", "1", "--repeats", "1", "--only", "count-dense"),
    "shortlists": ("--documents", "1000", "--lists", "1000", "--repeats", "1"),
    "memory": ("--documents", "1000", "--photos", "100", "--only", "bytes/A"),
    "flash": ("--documents", "1000", "--queries", "1", "--repeats", "1"),
    "hamming": ("--documents", "1000", "--queries", "1", "--repeats", "1", "--only", "1m"),
    "forest": ("--queries", "1", "--repeats", "1", "--only", "100"),
}


@pytest.mark.parametrize("name", _SMALL)
def test_every_benchmark_prints_json(
    name: str, tmp_path: Path, captions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One document on stdout, progress elsewhere; rows are of the benchmark that was asked for."""
    monkeypatch.setenv("ALICORN_DATA", str(captions))
    answer = CliRunner().invoke(
        app, ["bench", name, *_SMALL[name], "--cache", str(tmp_path), "--json"]
    )
    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.stdout)

    assert set(document) == {"rows", "machine", "commit"}
    assert document["rows"]
    for row in document["rows"]:
        assert row["data"]
        assert row["seed"] is not None
        assert row["ours"] is None or row["ours"] >= 0


def test_a_folder_without_captions_is_refused(tmp_path: Path) -> None:
    """Named and missing is a mistake; not named and missing leaves rows without figures."""
    answer = CliRunner().invoke(app, ["bench", "engine", "--data", str(tmp_path)])

    assert answer.exit_code == 2
    assert "no captions in" in answer.stderr


def test_a_table_says_what_was_needed_and_whether_it_was_met(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A ratio, a bound, or both; and an id is never cut off."""
    long = "benchmark/corpus/" + "class" * 20
    common = {"question": "?", "unit": "bytes", "better": "less", "peer": "peer"}
    rows = (
        Row(id=long, ours=2.0, theirs=8.0, at_least=3.0, aim=5.0, limit=2.5, **common),
        Row(id="b", ours=2.0, theirs=4.0, at_least=3.0, **common),
        Row(id="c", ours=2.0, theirs=4.0, at_least=1.0, aim=2.0, physical_limit=0.5, **common),
    )
    print_report(Report(rows, "machine", "commit"))
    lines = {line.split()[0]: line.split() for line in capsys.readouterr().out.splitlines()}

    assert lines["id"][6:] == ["needed", "met", "x", "limit"]
    assert lines[long][-3:] == ["3x", "<=2.5", "yes"]
    assert lines["b"][-2:] == ["3x", "no"]
    assert lines["c"][-3:] == ["1x", "aim", "4.0"]
