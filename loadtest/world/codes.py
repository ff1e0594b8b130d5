"""Visual codes and fingerprints: near for photos that look alike, and only for those.

A visual code is the signs of 256 projections of a vector, as a real one is (ITQ). The vector has
four parts: what is shown (classes that are near in the taxonomy have near vectors), the moment, the
shot, and noise. Their shares were chosen so that distances are those which folding
(`ranker.second_stage.fold`) says of real photos: shots of one burst some 28 bits, other photos of
one kind mostly beyond 60, photos of different things about 128.

A fingerprint is random; a copy differs from its original in a few bits of either.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.model import CODE_BYTES
from loadtest.world.seeing import Seen
from understanding.concepts.taxonomy import Taxonomy

__all__ = ["fingerprints", "flipped", "visual_codes"]

_DIMENSIONS: Final = 64
_SHOWN, _MOMENT, _SHOT, _NOISE = 0.40, 0.42, 0.12, 0.06
"""Shares of the variance."""
_SEED: Final = 20_240_501
"""Directions of classes and projections: the same in every world, as a model's are."""
_NARROW: Final = 40
"""Concepts above more classes than this say little of how a thing looks."""


@cache
def _directions() -> npt.NDArray[np.float32]:
    """Return a vector of length 1 for each class, near for near classes."""
    taxonomy = Taxonomy.load()
    random = np.random.default_rng(_SEED)
    leaves = sum(concept.class_index is not None for concept in taxonomy.concepts)
    found = np.zeros((leaves, _DIMENSIONS))
    for below in taxonomy.leaves_below:
        if len(below) <= _NARROW:
            found[list(below)] += random.normal(size=_DIMENSIONS)
    return _unit(found).astype(np.float32)


@cache
def _projections() -> npt.NDArray[np.float32]:
    random = np.random.default_rng(_SEED + 1)
    return random.normal(size=(_DIMENSIONS, CODE_BYTES * 8)).astype(np.float32)


def visual_codes(
    seen: Seen,
    moments: npt.NDArray[np.int64],
    shots: npt.NDArray[np.int64],
    random: np.random.Generator,
) -> npt.NDArray[np.uint8]:
    """Draw the visual codes of photos.

    Parameters
    ----------
    moments, shots : int64, shape (photos,)
        From 0 on; photos of one burst have the same shot.

    Returns
    -------
    uint8, shape (photos, 32)
    """
    probabilities = seen.probabilities.astype(np.float32)[:, :, np.newaxis]
    shown = _unit((_directions()[seen.classes] * probabilities).sum(axis=1))
    parts = (
        (_SHOWN, shown),
        (_MOMENT, _drawn(int(moments.max(initial=0)) + 1, random)[moments]),
        (_SHOT, _drawn(int(shots.max(initial=0)) + 1, random)[shots]),
        (_NOISE, _drawn(len(shots), random)),
    )
    vectors = np.sum([np.sqrt(np.float32(share)) * part for share, part in parts], axis=0)
    return np.packbits(vectors @ _projections() > 0, axis=1)


def fingerprints(photos: int, random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Draw fingerprints, uint8, shape (photos, 32)."""
    return random.integers(0, 256, (photos, CODE_BYTES), dtype=np.uint8)


def flipped(
    codes: npt.NDArray[np.uint8], most: int, random: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Return ``codes``, shape (n, 32), with at most ``most`` bits of each turned."""
    masks = np.zeros(codes.shape, dtype=np.uint8)
    bits = random.integers(0, CODE_BYTES * 8, (len(codes), most))
    turned = random.random(bits.shape) < random.random((len(codes), 1))
    rows = np.broadcast_to(np.arange(len(codes))[:, np.newaxis], bits.shape)
    ones = np.left_shift(1, bits % 8).astype(np.uint8)
    np.bitwise_or.at(masks, (rows[turned], bits[turned] // 8), ones[turned])
    return codes ^ masks


def _drawn(count: int, random: np.random.Generator) -> npt.NDArray[np.float32]:
    return _unit(random.standard_normal((count, _DIMENSIONS), dtype=np.float32))


def _unit(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: npt.NDArray[np.float32] = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return found
