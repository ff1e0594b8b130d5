"""The serving path as a way to search: which parts it has, and what it refuses to be judged by."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from alicorn.command.evaluating.caption_library import caption_library, read_captions
from alicorn.command.evaluating.served import ALICORN, UNTRAINED, served_ways, understanding_without
from alicorn.command.evaluating.switches import Switch
from alicorn.command.library import Library
from alicorn.errors import ConfigError
from ranker.evaluation.measuring import Query
from ranker.models.shipped import FOLDER


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Give a library of two images, described."""
    path = tmp_path / "captions.jsonl"
    described = {1: "a dog runs", 2: "a cat sleeps"}
    lines = [{"image": number, "captions": [said] * 5} for number, said in described.items()]
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return caption_library(tmp_path, read_captions(path), tmp_path / "library")


def asked(text: str) -> Query:
    return Query(text=text, about=text, labels=frozenset())


def test_each_way_answers_and_says_whether_it_was_trained(library: Library) -> None:
    """The path, the path without its rankers, and without each other part in turn."""
    ways = {}
    for way in served_ways(library, [Switch.PROJECTION], ablate=True, untrained=True):
        assert way.search(asked("dog")) == ["coco/1"]
        assert way.search(asked("?!")) == []
        ways[way.name] = way.trained

    assert ways == {
        ALICORN: True,
        UNTRAINED: False,
        "alicorn without common-component": True,
        "alicorn without ancestors": True,
        "alicorn without languages": True,
        "alicorn without second-stage": True,
        "alicorn without first-stage": False,
    }


def test_switches_reach_the_understanding() -> None:
    """Each leaves out its own part and no other."""
    whole = understanding_without([])
    names = ("projection", "common_component", "ancestors")

    assert [getattr(whole, name) for name in names] == [True, True, True]
    assert whole.languages is None
    assert understanding_without([Switch.LANGUAGES]).languages == ()
    for switch, name in zip(Switch, names, strict=False):
        without = understanding_without([switch])
        assert [other for other in names if not getattr(without, other)] == [name]


def test_a_ranker_of_another_split_is_refused(library: Library, tmp_path: Path) -> None:
    """It may have been trained on what would judge it."""
    models = tmp_path / "models"
    shutil.copytree(FOLDER, models, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    card = models / "first_stage.card.json"
    document = json.loads(card.read_text())
    document["parameters"]["split"] = "by-date-2"
    card.write_text(json.dumps(document))

    with pytest.raises(ConfigError, match="was trained by the split 'by-date-2'"):
        next(served_ways(library, [], ablate=False, untrained=False, models=models))
