"""The table of requirements: whole, and of tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| ((?:PS|DB)-\d\d) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROWS = {row[0]: row[2] for row in ROW.findall((ROOT / "docs" / "requirements.md").read_text())}
EVERY = [f"PS-{n:02d}" for n in range(1, 50)] + [f"DB-{n:02d}" for n in range(1, 14)]


def test_every_requirement_has_its_row() -> None:
    """What nobody has begun says "not yet"; it is not left out."""
    assert list(ROWS) == EVERY


@pytest.mark.parametrize("row", EVERY)
def test_a_row_names_tests_that_are_there_or_says_not_yet(row: str) -> None:
    """A test that was renamed leaves no row that claims it."""
    told = ROWS[row]
    tests = re.findall(r"`(tests/[^`]+)`", told)

    assert tests or told.startswith("not yet")
    assert [test for test in tests if not (ROOT / test).is_file()] == []


def test_tests_name_requirements_that_exist() -> None:
    """An id that is no row sends a reader nowhere."""
    named = {
        (identifier, path.name)
        for path in (ROOT / "tests").rglob("*.py")
        for identifier in re.findall(r"\b(?:PS|DB)-\d+\b", path.read_text("utf-8"))
    }

    assert {(row, name) for row, name in named if row not in EVERY} == set()
