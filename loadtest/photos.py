"""Photos: how many are understood in a second, and what does one weigh in the index?

Data    the photos of a folder, the first N by path
Report  photos a second and core of the whole engine in this process (decode, EXIF, fingerprint,
        classifier, codes, tags, thumbnail), beside the bare classifier over pictures that are
        already in memory; bytes a photo of each part of the index
Run     alicorn bench search --photos DIR
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from alicorn.errors import NotFound
from loadtest.report import Row
from understanding.photos.classifier import Classifier
from understanding.photos.engine import PhotoEngine
from understanding.photos.outcome import Item, Understood

__all__ = ["bytes_rows", "understanding_rows"]

_BATCH: Final = 8
_REPEATS: Final = 3


def understanding_rows(photos: Sequence[Path]) -> list[Row]:
    """Measure the engine and the bare classifier in turn over the same photos, one core.

    Raises
    ------
    NotFound
        If none of the photos can be understood.
    """
    engine, classifier = PhotoEngine.load(threads=1), Classifier.load(threads=1)
    items = [Item(str(path), path.name) for path in photos]
    batches = [items[at : at + _BATCH] for at in range(0, len(items), _BATCH)]
    squares = np.zeros((_BATCH, 224, 224, 3), dtype=np.uint8)
    engine.understand(items[:1])
    classifier.run(squares)
    whole, bare = [], []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        done = sum(
            isinstance(outcome, Understood)
            for batch in batches
            for outcome in engine.understand(batch)
        )
        if not done:
            raise NotFound(f"none of {len(photos)} photos can be understood")
        whole.append(done / (time.perf_counter() - begun))
        begun = time.perf_counter()
        for batch in batches:
            classifier.run(squares[: len(batch)])
        bare.append(len(items) / (time.perf_counter() - begun))
    return [
        Row(
            id="understanding/photos/per-core",
            question="photos understood in a second on one core, from the file to the document",
            ours=median(whole),
            peer="ONNX Runtime alone, pictures in memory",
            theirs=median(bare),
            unit="photos/s",
            better="more",
        )
    ]


def bytes_rows(bytes_by_part: Mapping[str, int], documents: int) -> list[Row]:
    """Return what a photo weighs in each part of the index, and in all."""
    parts = {**bytes_by_part, "all": sum(bytes_by_part.values())}
    return [
        Row(
            id=f"bytes/photo/{part}",
            question=f"bytes of a photo in the index: {part}",
            ours=size / documents if documents else None,
            unit="bytes",
            better="less",
        )
        for part, size in sorted(parts.items())
    ]
