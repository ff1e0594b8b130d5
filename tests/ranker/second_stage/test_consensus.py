"""What the best results look like moves up what looks like them."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ranker.scores import SCORE_ONE
from ranker.second_stage.consensus import (
    JUDGES,
    MOST_MOVED,
    STRENGTH,
    TEMPERATURE,
    agreed,
)


def _codes(*, like: list[int], seed: int = 5) -> np.ndarray:
    """Return a code for each entry of ``like``: that of its family, with a few bits changed."""
    drawn = np.random.default_rng(seed)
    families = drawn.integers(0, 256, (max(like) + 1, 32), dtype=np.uint8)
    codes = families[like]
    codes[np.arange(len(like)), drawn.integers(0, 32, len(like))] ^= 1
    return codes


def _points(*values: float) -> np.ndarray:
    return np.array([round(value * SCORE_ONE) for value in values], dtype=np.int64)


def test_the_odd_one_out_falls_behind_those_that_agree() -> None:
    """Six herons and a car: the car was second."""
    scores = _points(2.0, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4)

    order = np.argsort(-agreed(scores, _codes(like=[0, 1, 0, 0, 0, 0, 0])), kind="stable")

    assert order.tolist() == [0, 2, 3, 4, 5, 6, 1]


def test_what_is_far_better_stays_first() -> None:
    """Likeness is worth some points, not all."""
    scores = _points(30.0, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4)

    assert agreed(scores, _codes(like=[1, 0, 0, 0, 0, 0, 0])).argmax() == 0


def test_few_codes_change_nothing() -> None:
    """Texts have no looks, and four pictures no majority."""
    scores = _points(3, 2, 1, 0, -1, -2)
    codes = _codes(like=[0, 0, 1, 1, 1, 1])
    codes[:2] = 0

    assert agreed(scores, codes).tolist() == scores.tolist()
    assert agreed(scores[:0], codes[:0]).size == 0


@given(
    like=st.lists(st.integers(0, 4), min_size=5, max_size=70),
    steps=st.lists(st.integers(0, 3 * SCORE_ONE), min_size=70, max_size=70),
)
def test_the_new_scores_are_those_of_the_formula(like: list[int], steps: list[int]) -> None:
    """Against plain loops, and never past the best or below what follows."""
    n = len(like)
    scores = -np.cumsum(np.array(steps[:n], dtype=np.int64))
    codes = _codes(like=like)

    found = agreed(scores, codes)

    head = min(n, MOST_MOVED)
    points = [score / SCORE_ONE for score in scores[:head].tolist()]
    last = points[min(JUDGES, head) - 1]
    chances = [math.exp((min(p, last) - last) / TEMPERATURE) for p in points]
    bits = np.unpackbits(codes, axis=1)
    z = [
        sum(
            chances[j] * max(1 - 2 * int((bits[i] != bits[j]).sum()) / 256, 0) ** 2
            for j in range(head)
            if j != i
        )
        / sum(chances[j] for j in range(head) if j != i)
        for i in range(head)
    ]
    if max(z) == 0:
        assert found.tolist() == scores.tolist()
        return
    wanted = [p + STRENGTH * math.log(max(v / max(z), 0.3)) for p, v in zip(points, z, strict=True)]
    # Where two are equal but for rounding, either may stand first.
    ordered = np.array(wanted)[np.argsort(-found[:head], kind="stable")]
    assert (np.diff(ordered) <= 1e-9).all() or np.unique(scores[:head]).size < head
    assert sorted(found.tolist()) == sorted(scores.tolist())
    assert found.max() <= scores[0]
    assert found[head:].tolist() == scores[head:].tolist()
