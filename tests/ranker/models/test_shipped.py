"""Models and their cards belong together."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from alicorn.cards import card_path
from alicorn.errors import CorruptData, MissingModel
from ranker.features import FIRST_STAGE
from ranker.models import FOLDER, Card, load_first_stage, load_second_stage


def card_of(model: Path, **changes: str) -> Card:
    values = {
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "schema_version": FIRST_STAGE.version,
    } | changes
    return Card(
        name="first_stage",
        file=model.name,
        features_learned=("concept_score",),
        made_by="a test",
        data="none",
        licence="none",
        parameters={"seed": 1, "worlds": True, "rate": 0.5, "lightgbm": "4"},
        metrics={"held_out_precision_at_10": 0.5},
        limits="",
        **values,
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "first_stage.txt"
    path.write_text("a model")
    return path


def test_a_card_reads_as_it_was_written(model: Path) -> None:
    """What a model is made of must survive."""
    card = card_of(model)
    card.write(card_path(model))

    assert Card.read(model.with_name("first_stage.card.json")) == card


@pytest.mark.parametrize("load", [load_first_stage, load_second_stage])
def test_an_absent_model_says_which_command_makes_it(load, tmp_path: Path) -> None:
    """The server starts without, and tells what is missing."""
    with pytest.raises(MissingModel, match=r"alicorn train (first|second)-stage"):
        load(tmp_path)


def test_a_model_without_its_card_is_not_used(model: Path) -> None:
    """Nobody knows what it was trained on."""
    with pytest.raises(MissingModel, match="not used without one"):
        load_first_stage(model.parent)


def test_an_altered_model_is_refused(model: Path) -> None:
    """The checksum on the card is that of the file that was measured."""
    card_of(model).write(card_path(model))
    model.write_text("another model")
    with pytest.raises(MissingModel, match=r"by its card; .*alicorn train first-stage"):
        load_first_stage(model.parent)


def test_a_model_of_an_older_schema_is_refused(model: Path) -> None:
    """Both versions are named, and what to do."""
    card_of(model, schema_version="0123").write(card_path(model))
    with pytest.raises(MissingModel, match=f"0123, this is {FIRST_STAGE.version}"):
        load_first_stage(model.parent)


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "first_stage"}'])
def test_a_damaged_card_is_refused(model: Path, text: str) -> None:
    """Half a card vouches for nothing."""
    card_path(model).write_text(text)
    with pytest.raises(CorruptData, match="not a card"):
        Card.read(card_path(model))


def test_what_is_shipped_loads() -> None:
    """A model in the package must fit the code beside it; each comes with its card."""
    for load, name in (
        (load_first_stage, "first_stage.txt"),
        (load_second_stage, "second_stage.npz"),
    ):
        if (FOLDER / name).exists():
            load()
        else:
            assert not card_path(FOLDER / name).exists()
