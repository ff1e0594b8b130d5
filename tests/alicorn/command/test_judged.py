"""What the rankers learn from: judged queries of one half, through the whole serving path."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from alicorn.command.evaluating.caption_library import read_captions
from alicorn.command.judged import judged_captions
from ranker.features import FIRST_STAGE
from ranker.training.splits import EVALUATION_HALF, TRAINING_HALF, half_of

ANIMALS = ("zebra", "giraffe", "elephant", "horse", "sheep", "bear", "cow", "dog")
PLACES = ("meadow", "kitchen", "harbour", "street", "forest")


@pytest.fixture(scope="module")
def captions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give 40 images with five captions each, as COCO's file has them."""
    path = tmp_path_factory.mktemp("data") / "captions" / "coco_val2017.jsonl"
    path.parent.mkdir()
    lines = []
    for number, (animal, place) in enumerate((a, p) for a in ANIMALS for p in PLACES):
        said = [f"a {animal} walks slowly through some green {place} today"] * 5
        lines.append(json.dumps({"image": 1_000 + number, "captions": said}))
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_the_halves_of_the_captions_share_neither_queries_nor_candidates(
    captions: Path, tmp_path: Path
) -> None:
    """What is measured was not seen, not even as a wrong answer."""
    judged = judged_captions(captions, tmp_path / "library", models=Path("none"))
    images = {image.asked: image.key for image in read_captions(captions)}
    ids = [
        {photo for one in half if one.columns is not None for photo in one.columns.ids.tolist()}
        for half in (judged.training, judged.held_out)
    ]

    assert len(judged.training) + len(judged.held_out) == len(images) == 40
    for half, queries in (
        (TRAINING_HALF, judged.training),
        (EVALUATION_HALF, judged.held_out),
    ):
        assert {half_of(images[one.query]) for one in queries} == {half}
    assert not ids[0] & ids[1]


def test_a_caption_is_a_description_whose_image_alone_matches(
    captions: Path, tmp_path: Path
) -> None:
    """DB-12: words of the others are found, and the image has the most of them."""
    judged = judged_captions(captions, tmp_path / "library", models=Path("none"))
    said = FIRST_STAGE.index("said_share")

    for one in judged.training + judged.held_out:
        assert one.described
        assert one.labels.sum() == 1
        best = one.features[:, said].max()
        assert one.features[np.argmax(one.labels), said] == best
