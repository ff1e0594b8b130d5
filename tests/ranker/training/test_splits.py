"""Halves: everything is in one, nothing in both, and none ever changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import BadRequest
from ranker.training.splits import EVALUATION_HALF, TRAINING_HALF, coco_key, disjoint, half_of


@given(keys=st.sets(st.text(), max_size=40))
def test_the_halves_share_nothing(keys: set[str]) -> None:
    """What is measured with was never trained on."""
    training = {key for key in keys if half_of(key) == TRAINING_HALF}
    evaluation = {key for key in keys if half_of(key) == EVALUATION_HALF}
    disjoint(training, evaluation)

    assert training | evaluation == keys
    assert not training & evaluation


def test_both_halves_are_about_as_large() -> None:
    """Of 5,000 numbers a fair coin would put 2,360 to 2,640 into one half, with 4 sigma."""
    halves = [half_of(coco_key(number)) for number in range(5_000)]

    assert 2_360 <= sum(halves) <= 2_640


def test_halves_of_images_never_change() -> None:
    """Models in the project were trained by this split; another one would make cards untrue."""
    assert [half_of(coco_key(n)) for n in (139, 285, 785, 872, 1000)] == [0, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("training", "evaluation"),
    [
        (["coco/285"], []),
        ([], ["caltech101/ant/image_0001.jpg"]),
        (["caltech101/ant/image_0001.jpg"], ["caltech101/ant/image_0001.jpg"]),
    ],
)
def test_what_is_in_the_wrong_half_is_refused(training: list[str], evaluation: list[str]) -> None:
    """A figure measured on what was trained on means nothing."""
    with pytest.raises(BadRequest, match=r"in the wrong half \(1 of them\)"):
        disjoint(training, evaluation)
