"""Photos with 50 tags each: documents as understanding makes them, for what they weigh.

Tags are drawn from 4,000 concepts by Zipf's law with falling confidence, the rest by chance; a
photo has a caption of a few words, a place, a camera and both codes that every photo has.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

import numpy as np

from alicorn.documents import Audience, AudienceKind, PhotoDocument, Place, Tag
from alicorn.documents.model import MAX_TAGS, static_rank

__all__ = ["SEED", "tagged_photos", "without_tags"]

SEED: Final = 23
_CONCEPTS: Final = 4_000
_WORDS: Final = 8
_VOCABULARY: Final = 10_000
_PLACES: Final = 500
_NEWEST_S: Final = 1_700_000_000
_SPAN_S: Final = 10 * 365 * 86_400


def tagged_photos(count: int, seed: int = SEED) -> list[PhotoDocument]:
    """Draw ``count`` photos; the same arguments give the same ones."""
    random = np.random.default_rng(seed)
    chances = 1 / np.arange(1, _CONCEPTS + 1)
    # The largest of chance ** (1 / draw) are a weighted draw without repeats (Efraimidis).
    tilted = np.log(chances / chances.sum())
    photos = []
    for number in range(count):
        keys = tilted + random.gumbel(size=_CONCEPTS)
        concepts = np.argpartition(keys, -MAX_TAGS)[-MAX_TAGS:]
        confidences = np.sort(random.beta(0.5, 3.0, MAX_TAGS))[::-1].clip(1e-3)
        taken_at = _NEWEST_S - int(random.integers(_SPAN_S))
        place = int(random.integers(_PLACES))
        words = random.zipf(1.3, _WORDS) % _VOCABULARY
        photos.append(
            PhotoDocument(
                id=number + 1,
                sort_key=static_rank(taken_at),
                content_hash=random.bytes(32),
                author=int(random.integers(1, 1_000)),
                audience=Audience(AudienceKind.FRIENDS),
                taken_at=taken_at,
                place=Place(place + 1, f"city {place}", "FR", 48.0, 2.0),
                camera="maker model one",
                caption=" ".join(f"word{word}" for word in words),
                album=f"album {number // 200}",
                tags=tuple(
                    Tag(f"concept {concept}", float(confidence))
                    for concept, confidence in zip(concepts, confidences, strict=True)
                ),
                visual=random.bytes(32),
                fingerprint=random.bytes(32),
                fingerprint_quality=100,
                quality=float(random.random()),
                popularity=int(random.geometric(0.01)),
                uri=f"{number // 1_000:03d}/photo{number:07d}.jpg",
                width=4_000,
                height=3_000,
                written=number + 1,
            )
        )
    return photos


def without_tags(photos: Sequence[PhotoDocument]) -> list[PhotoDocument]:
    """Return the same photos, none of them tagged."""
    return [dataclasses.replace(photo, tags=()) for photo in photos]
