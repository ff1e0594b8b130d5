"""`alicorn tour`, whole: what it claims holds, it changes nothing, and a broken claim ends it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from alicorn.command.main import app
from alicorn.command.tiers import LocalTiers
from alicorn.command.tour.copies import COPIES
from alicorn.command.tour.shard import SHARD
from alicorn.command.tour.stage import Stage, staged
from alicorn.errors import AlicornError

TITLES = [
    *("Search", "Why this photo", "End a friendship", "Stop a shard"),
    "Fold and unfold near-copies",
]


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give everybody here one empty home."""
    path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patched:
        for name in ("XDG_DATA_HOME", "XDG_STATE_HOME"):
            patched.setenv(name, str(path / name))
        yield path


@pytest.fixture(scope="module")
def document(home: Path) -> dict[str, Any]:
    """Give what the tour printed as JSON, in an empty home."""
    result = _tour("--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module")
def stage(document: dict[str, Any]) -> Iterator[Stage]:
    with staged() as opened:
        yield opened


def _tour(*typed: str) -> Result:
    return CliRunner().invoke(app, ["tour", *typed])


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        # Read marks of SQLite; what they mark is in the database.
        if path.is_file() and not path.name.endswith(("-shm", "-wal", "progress.json"))
    }


def test_the_tour_has_five_steps_that_say_what_is_typed_and_what_to_notice(
    document: dict[str, Any],
) -> None:
    assert [step["title"] for step in document["steps"]] == TITLES
    assert all(step["says"] and step["typed"] and step["notice"] for step in document["steps"])
    assert all(
        len(row) == len(step["columns"]) for step in document["steps"] for row in step["rows"]
    )


def test_each_step_found_what_it_promised(document: dict[str, Any]) -> None:
    """PS-38, PS-37, PS-42 and PS-46, as a visitor sees them."""
    search, why, friendship, shard, copies = (step["found"] for step in document["steps"])

    assert search["coffee"]["photos"] == ["espresso.png"]
    assert search["kitten"]["photos"][0].startswith("chelsea")
    assert search["rocket"]["photos"][0].startswith("launch-pad")
    assert (why["photo"], why["rank"], why["module"]) == ("espresso.png", 1, "social")
    assert why["plan"]["matched"] == 2
    assert (friendship["seen"], friendship["left"]) == ([True, False, True], [])
    assert shard["coverage"] == [1.0, 0.5, 1.0]
    assert 0 < shard["photos"][1] < shard["photos"][0] == shard["photos"][2]
    assert (copies["folded"], copies["unfolded"]) == (1, 3)
    assert copies["reasons"] == ["same picture"]


def test_a_second_tour_is_told_in_words_and_changes_nothing(
    document: dict[str, Any], home: Path
) -> None:
    """Without a terminal it does not wait; nothing is remembered as the library used last."""
    before = _files(home)
    result = _tour()

    assert result.exit_code == 0, result.stderr
    assert [title for title in TITLES if title not in result.stdout] == []
    assert "50%" in result.stdout
    assert document["shelf"] in result.stderr
    assert _files(home) == before
    assert not (home / "XDG_STATE_HOME").exists()
    assert [path.name for path in (home / "XDG_DATA_HOME/alicorn/libraries").iterdir()] == [
        "tour-shelf"
    ]


def test_a_friendship_that_does_not_end_ends_the_tour(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tour is a test: what it claims of privacy it has looked at."""
    monkeypatch.setattr(Stage, "end_friendship", lambda _: None)
    result = _tour("--yes")

    assert result.exit_code == 1
    assert "step 3, end a friendship: the tour claims what does not hold" in result.stderr
    assert TITLES[3] not in result.stdout


def test_a_shard_that_goes_on_answering_is_noticed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalTiers, "stop_shard", lambda *_: None)

    with pytest.raises(AlicornError, match="needed the whole, half and the whole"):
        SHARD.play(stage)


def test_copies_that_are_not_folded_are_noticed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfolded = stage.search("cat", folding=False)
    monkeypatch.setattr(Stage, "search", lambda *_, **__: unfolded)

    with pytest.raises(AlicornError, match="found no near-copies"):
        COPIES.play(stage)
