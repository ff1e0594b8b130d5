"""Halves of judged things: one trains, the other measures, and no list has to be kept.

What is judged (a photo by its path, a captioned image by its number) falls into a half by a hash of
its key alone:

    "caltech101/panda/image_0002.jpg"  -> BLAKE2b, first byte, lowest bit -> 0
    "coco/285"                         -> 1, for the image of this number in any part of COCO

So a photo that a folder moves, or that two sets share, stays in its half. Everything that
trains asks for `TRAINING_HALF`, everything that measures what was trained for `EVALUATION_HALF`;
`disjoint` is the assertion that both make.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from alicorn.errors import BadRequest

__all__ = [
    "EVALUATION_HALF",
    "SPLIT",
    "TRAINING_HALF",
    "coco_key",
    "disjoint",
    "half_of",
]

TRAINING_HALF: Final = 0
EVALUATION_HALF: Final = 1

SPLIT: Final = "blake2b-1"
"""Name of this way to split, for the cards of what was trained by it."""


def half_of(key: str) -> int:
    """Return the half, `TRAINING_HALF` or `EVALUATION_HALF`, of what is known as ``key``.

    Examples
    --------
    >>> [half_of(key) for key in ("caltech101/ant/image_0001.jpg", "coco/285")]
    [0, 1]
    """
    return hashlib.blake2b(key.encode(), digest_size=8).digest()[0] & 1


def coco_key(image: int) -> str:
    """Return the key of an image of COCO: its number there, without zeros before it."""
    return f"coco/{image}"


def disjoint(training: Iterable[str], evaluation: Iterable[str]) -> None:
    """See that nothing is trained on that is measured with, and that each key is in its half.

    Parameters
    ----------
    training, evaluation : iterable of str
        Keys, as `half_of` takes them.

    Raises
    ------
    BadRequest
        If a key is in the other half, or in both; the message names the first in order.
    """
    seen = set(training)
    measured = set(evaluation)
    strayed = {key for key in seen if half_of(key) != TRAINING_HALF}
    strayed |= {key for key in measured if half_of(key) != EVALUATION_HALF}
    strayed |= seen & measured
    if strayed:
        raise BadRequest(
            f"found {min(strayed)!r} in the wrong half ({len(strayed)} of them), needed halves as "
            "ranker.training.splits makes them"
        )
