"""Concept reach on a handful of names, and the sample that nobody chose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alicorn.command.evaluating.reach import FILE, read_judgements, read_names, sample
from alicorn.command.main import app
from alicorn.errors import CorruptData, NotFound

NAMES = ("Dog", "Taxicab, yellow", "Qwertyuiop", "Cat")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give data with four names, one of them twice."""
    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    path.write_text('/m/1,Dog\n/m/2,"Taxicab, yellow"\n/m/3,Qwertyuiop\n/m/4,Cat\n/m/5,Dog\n')
    return tmp_path


def judged(data: Path, *lines: object) -> Path:
    path = data / "judgements.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n")
    return path


def told(*typed: str | Path) -> str:
    result = CliRunner().invoke(app, ["evaluate", "reach", *map(str, typed)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_names_are_read_once_each(data: Path) -> None:
    """In their order, commas and all."""
    assert read_names(data / FILE) == list(NAMES)
    with pytest.raises(NotFound, match="found no names at"):
        read_names(data / "names.csv")


def test_the_sample_hardly_changes_with_the_names() -> None:
    """So judgements stay of use when a name is added."""
    names = [f"name {number}" for number in range(500)]
    drawn = sample(names, 30)

    assert len(set(drawn)) == 30
    assert drawn == sample(reversed(names), 30)
    assert len(set(drawn) & set(sample([*names, "another"], 30))) >= 29


def test_what_nobody_judged_counts_as_wrong(data: Path) -> None:
    """And is counted; a name is reached by one right concept."""
    file = judged(data, {"name": "Dog", "concept": "dog", "right": True})
    document = json.loads(told("--data", data, "--judgements", file, "--json"))
    without = json.loads(told("--data", data, "--json"))

    assert document["names"] == 4
    assert document["reached"]["mean"] == 0.25
    assert set(document["not_reached"]) == set(NAMES) - {"Dog"}
    assert document["unjudged"] == document["pairs"] - 1
    assert without["reached"]["mean"] == 0.0
    assert without["reached_at_most"] == without["taken_for_something"] >= 0.5


def test_what_is_left_to_judge_is_a_file_of_judgements(data: Path) -> None:
    """Pairs come without a verdict; with one they are not asked for again."""
    first = [json.loads(line) for line in told("--data", data, "--unjudged").splitlines()]
    file = judged(data, *({**pair, "right": False} for pair in first))

    assert {"name": "Cat", "concept": "cat", "right": None} in first
    assert told("--data", data, "--judgements", file, "--unjudged") == ""
    assert json.loads(told("--data", data, "--judgements", file, "--json"))["unjudged"] == 0


def test_judgements_that_differ_are_told(data: Path) -> None:
    """Lines without a verdict are none; two verdicts are one too many."""
    pair = {"name": "Dog", "concept": "dog"}
    open_ = judged(data, {**pair, "right": None}, {**pair, "right": True}, {**pair, "right": True})

    assert read_judgements(open_) == {("Dog", "dog"): True}
    with pytest.raises(CorruptData, match="line 2: 'Dog' as 'dog' was judged otherwise"):
        read_judgements(judged(data, {**pair, "right": True}, {**pair, "right": False}))
    with pytest.raises(CorruptData, match="line 1"):
        read_judgements(judged(data, {"name": 7}))
