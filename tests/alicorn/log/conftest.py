"""A log in a folder of its own, with five people, and the graph read from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alicorn.log import PutPerson, SqliteGraph, SqliteLog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteLog]:
    found = SqliteLog(path, busy_timeout_s=2.0)
    names = ("Ada", "Ben", "Cleo", "Dev", "Eve")
    found.append([PutPerson(number, name) for number, name in enumerate(names, start=1)])
    yield found
    found.close()


@pytest.fixture
def graph(path: Path, log: SqliteLog) -> Iterator[SqliteGraph]:
    found = SqliteGraph(path)
    yield found
    found.close()
