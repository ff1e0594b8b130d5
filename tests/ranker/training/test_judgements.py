"""Labels, halves and what may be trained on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ranker.training.judgements import (
    EVALUATION_HALF,
    SHOWN_TOO,
    TRAINING_HALF,
    Judgements,
    half_of,
    label_of,
)


@pytest.mark.parametrize(
    ("uri", "label"),
    [
        ("caltech101/panda/image_0001.jpg", "panda"),
        ("photos/caltech101/sea_horse/image_0001.jpg", "sea_horse"),
        ("photos/coco/0001.jpg", None),
        ("caltech101/image_0001.jpg", None),
        ("caltech101/panda/more/image_0001.jpg", None),
        ("notcaltech101/panda/image_0001.jpg", None),
        ("", None),
    ],
)
def test_the_folder_says_what_a_photo_shows(uri: str, label: str | None) -> None:
    """Photos elsewhere are not judged."""
    assert label_of(uri) == label


def test_a_moved_library_keeps_its_halves() -> None:
    """Else a model would be measured on what it was trained on."""
    uris = [f"caltech101/panda/image_{i:04}.jpg" for i in range(64)]

    assert [half_of(u) for u in uris] == [half_of(f"old/place/{u}") for u in uris]
    assert {half_of(u) for u in uris} == {TRAINING_HALF, EVALUATION_HALF}


def test_halves_never_change() -> None:
    """Models in the project were trained by this split; another one would make cards untrue."""
    uris = [f"caltech101/ant/image_{i:04}.jpg" for i in range(1, 13)]

    assert [half_of(u) for u in uris] == [0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1]


def test_judging_tells_matches_others_and_neither() -> None:
    """A crocodile's head shows a crocodile: training on it as a miss would teach nonsense."""
    uris = {name: f"caltech101/{name}/1.jpg" for name in ("crocodile", "crocodile_head", "ant")}
    judgements = Judgements.of([*uris.values(), "coco/1.jpg"])

    assert judgements.judge("crocodile", uris["crocodile"]) is True
    assert judgements.judge("crocodile", uris["crocodile_head"]) is None
    assert judgements.judge("crocodile", uris["ant"]) is False
    assert judgements.judge("crocodile", "coco/1.jpg") is None
    assert judgements.labels == ("ant", "crocodile", "crocodile_head")
    assert judgements.relevant("unicorn") == frozenset()


@pytest.mark.data
def test_the_development_photos_are_judged(data_dir: Path) -> None:
    """2,637 photos in 100 categories, in two halves that share none and miss none."""
    lines = (data_dir / "photos" / "index.jsonl").read_text().splitlines()
    judgements = Judgements.of(json.loads(line)["file"] for line in lines)
    train, test = judgements.half(TRAINING_HALF), judgements.half(EVALUATION_HALF)

    assert (len(judgements.label_by_uri), len(judgements.labels)) == (2637, 100)
    assert train.label_by_uri.keys() | test.label_by_uri.keys() == judgements.label_by_uri.keys()
    assert not train.label_by_uri.keys() & test.label_by_uri.keys()
    assert train.labels == test.labels == judgements.labels
    assert set(SHOWN_TOO) < set(judgements.labels)
    for labels in SHOWN_TOO.values():
        assert labels < set(judgements.labels)
