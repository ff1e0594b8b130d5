"""Model cards: each shipped file has one, and the two belong together."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from alicorn.cards import card_path
from alicorn.errors import CorruptData, MissingModel
from understanding.photos import models
from understanding.photos.card import Card, read_checked

SHIPPED = Path(models.__file__).parent
CARDS = sorted(SHIPPED.glob("*.card.json"))


def card_of(data: bytes) -> Card:
    return Card(
        name="a model", made_by="a command", data="some photos", training_size=3,
        licence="CC0", metrics={"spearman": 0.5}, sha256=hashlib.sha256(data).hexdigest(),
    )  # fmt: skip


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.name)
def test_every_shipped_card_says_what_its_model_was_trained_on(path: Path) -> None:
    """PS-07: each model's card states its training set and size."""
    card = Card.read(path)

    assert card.data
    assert card.licence
    assert card.made_by
    assert card.training_size > 0
    assert len(card.sha256) == 64


def test_every_shipped_model_has_a_card_that_fits() -> None:
    """A model that was replaced without its card must not ship."""
    shipped = sorted(SHIPPED.glob("*.npz"))

    assert [path.name for path in shipped] == ["itq.npz"]
    for path in shipped:
        assert read_checked(path) == path.read_bytes()


def test_a_card_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Written for people, read by the program."""
    card = card_of(b"model")
    card.write(tmp_path / "m.card.json")

    assert Card.read(tmp_path / "m.card.json") == card
    assert (tmp_path / "m.card.json").read_bytes().endswith(b"}\n")


def test_an_altered_model_is_refused_with_both_hashes(tmp_path: Path) -> None:
    """Codes by another model's planes compare with nothing in the index."""
    model = tmp_path / "m.npz"
    card_of(b"model").write(card_path(model))
    model.write_bytes(b"other")

    with pytest.raises(MissingModel, match=hashlib.sha256(b"other").hexdigest()):
        read_checked(model)


def test_a_missing_model_and_a_missing_card_are_named(tmp_path: Path) -> None:
    """Which of the two is absent decides what to do."""
    model = tmp_path / "m.npz"
    with pytest.raises(MissingModel, match=r"no card at .*m\.card\.json"):
        read_checked(model)

    card_of(b"model").write(card_path(model))
    with pytest.raises(MissingModel, match=r"no model at .*m\.npz"):
        read_checked(model)


@pytest.mark.parametrize("text", ["", "{}", '{"name": 1}', "[]", "\xff"])
def test_what_is_no_card_is_corrupt(tmp_path: Path, text: str) -> None:
    """A damaged card must not let any model pass."""
    path = tmp_path / "m.card.json"
    path.write_text(text, encoding="latin-1")

    with pytest.raises(CorruptData, match="not a card"):
        Card.read(path)
