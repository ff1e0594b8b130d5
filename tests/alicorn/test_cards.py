"""Cards of every room: found, read as what they are, and of the files beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from alicorn.cards import Card, ModelCard, card_path, sha256_of
from alicorn.errors import CorruptData, MissingModel
from ranker.models import card as of_rankers
from understanding.concepts import card as of_concepts
from understanding.photos import card as of_photos

ROOT = Path(__file__).resolve().parents[2]
KINDS: dict[str, type[Card]] = {
    "ranker/models": of_rankers.Card,
    "understanding/concepts/data": of_concepts.Card,
    "understanding/concepts/languages/data": of_concepts.Card,
    "understanding/photos/models": of_photos.Card,
    "understanding/texts/data": ModelCard,
}
CARDS = sorted(
    path
    for room in ("alicorn", "understanding", "indexserver", "aggregator", "ranker", "webtier")
    for path in (ROOT / room).rglob("*.card.json")
)
# One card speaks of all files of the taxonomy; `tests/understanding/concepts` compares them.
MODELS = sorted(
    path
    for room, pattern in (
        ("ranker/models", "*stage.txt"),
        ("ranker/models", "*.npz"),
        ("understanding/photos/models", "*.npz"),
        ("understanding/texts/data", "text-??????.json"),
        ("understanding/texts/data", "related.json"),
    )
    for path in (ROOT / room).glob(pattern)
)


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.name)
def test_every_shipped_card_is_of_the_kind_of_its_room(path: Path) -> None:
    """PS-07: data and licence are said of whatever was learnt."""
    card = KINDS[str(path.parent.relative_to(ROOT))].read(path)

    assert card.name
    if isinstance(card, ModelCard):
        assert card.data
        assert card.licence
        assert card.made_by.startswith(("alicorn train ", "pip install "))


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.name)
def test_what_was_learnt_ships_with_its_card(model: Path) -> None:
    """A file that was replaced without its card must not ship."""
    card = KINDS[str(model.parent.relative_to(ROOT))].read(card_path(model))

    assert isinstance(card, ModelCard)
    assert card.sha256 == sha256_of(model.read_bytes())


def test_a_card_of_another_kind_is_refused(tmp_path: Path) -> None:
    """A card with fields that nobody knows was written for something else."""
    path = tmp_path / "m.card.json"
    path.write_text('{"name": "a", "dates": []}')

    with pytest.raises(CorruptData, match="not a card"):
        Card.read(path)
    with pytest.raises(MissingModel, match="not used without one"):
        Card.read(tmp_path / "gone.card.json")
