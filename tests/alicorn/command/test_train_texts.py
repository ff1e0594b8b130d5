"""`alicorn train text-statistics` and `related-words`: what is read, and what is made of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alicorn.cards import ModelCard, card_path
from alicorn.command import train_texts
from alicorn.errors import ConfigError, NotFound
from ranker.training.splits import EVALUATION_HALF, TRAINING_HALF, coco_key, half_of
from understanding.texts.related import FILE, RelatedWords
from understanding.texts.statistics import SHIPPED, load_latest


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    """Give a file of two pictures, three captions."""
    path = tmp_path / "captions.jsonl"
    lines = [{"captions": ["a cat on a mat", "one cat"]}, {"captions": ["a dog"], "id": 7}]
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return path


def test_text_statistics_are_made_from_lines_of_captions(
    captions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under the number of what ships, which they replace."""
    out = tmp_path / "out"
    train_texts.text_statistics(captions, out, data="three captions", licence="CC0")

    card = json.loads(capsys.readouterr().out)
    made = load_latest(out)

    assert card["metrics"] == {"pictures": 2, "captions": 3, "words": 9}
    assert (card["data"], card["licence"]) == ("three captions", "CC0")
    assert {path.name for path in out.glob("text-*.json")} == {
        path.name for path in SHIPPED.glob("text-*.json")
    }
    assert made is not None
    assert made.documents == 2


def test_related_words_are_made_with_a_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The card belongs to the file, so that a changed one is noticed."""
    path = tmp_path / "captions.jsonl"
    line = json.dumps({"captions": ["a dog rides", "a puppy riding"]})
    path.write_text("\n".join([line] * 4), "utf-8")
    train_texts.related_words(path, tmp_path, data="eight captions", licence="CC0")

    assert json.loads(capsys.readouterr().out)["metrics"]["pictures"] == 4
    ModelCard.read(card_path(tmp_path / FILE)).checked(tmp_path / FILE, remedy="")
    assert dict(RelatedWords.read(tmp_path / FILE).of("ride")) != {}


def test_only_the_training_half_of_coco_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Captions that measure have taught nothing."""
    images = {
        half: next(i for i in range(1, 99) if half_of(coco_key(i)) == half)
        for half in (TRAINING_HALF, EVALUATION_HALF)
    }
    said = {TRAINING_HALF: "cats cats", EVALUATION_HALF: "zebras"}
    path = tmp_path / "captions.jsonl"
    lines = [{"image": images[half], "captions": [said[half]]} for half in images] * 3
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    train_texts.text_statistics(path, tmp_path, data="", licence="")

    made = load_latest(tmp_path)

    assert json.loads(capsys.readouterr().out)["metrics"]["pictures"] == 3
    assert made is not None
    assert dict(made.frequencies) == {"cat": 3}


@pytest.mark.parametrize(
    ("content", "error", "told"),
    [
        (None, NotFound, "cannot read"),
        ("{", ConfigError, "needed lines with a list 'captions'"),
        ('{"caption": "one"}', ConfigError, "captions"),
    ],
)
def test_captions_that_are_none_are_refused(
    tmp_path: Path, content: str | None, error: type[Exception], told: str
) -> None:
    """The file, what was found in it and what was needed."""
    captions = tmp_path / "captions.jsonl"
    if content is not None:
        captions.write_text(content, "utf-8")

    for command in (train_texts.text_statistics, train_texts.related_words):
        with pytest.raises(error, match=told):
            command(captions, tmp_path, data="three captions", licence="CC0")
