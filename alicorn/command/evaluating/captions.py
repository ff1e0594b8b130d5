"""`alicorn evaluate captions`: find the image again that somebody else has described.

Four captions of each image are its text, the fifth is the query, the image is to be found. All
images are searched; those of the evaluation half (`ranker.training.splits`) are asked for, since
what was trained on captions was trained on those of the other half.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from alicorn.command.console import out, say_json
from alicorn.command.evaluating.caption_library import (
    FILE,
    CaptionedImage,
    caption_library,
    read_captions,
)
from alicorn.command.evaluating.comparison import BOTH_HALVES, HELD_OUT, Way, compare
from alicorn.command.evaluating.served import ALICORN, served_ways
from alicorn.command.evaluating.switches import Switch
from alicorn.command.evaluating.table import print_ends, print_rows
from ranker.evaluation.baselines.bm25 import Bm25
from ranker.evaluation.baselines.chance import Chance
from ranker.evaluation.measuring import Query, QuerySet
from ranker.training.splits import EVALUATION_HALF, TRAINING_HALF, disjoint, half_of

__all__ = ["evaluate"]

_SET: Final = "captions"
_MAIN: Final = "ndcg_at_10"
_LIMIT: Final = 100
"""As deep as the deepest figure looks."""


@dataclass(frozen=True)
class _Itself:
    """Judgements under which every image matches its own caption alone."""

    keys: tuple[str, ...]
    asked: frozenset[str]
    """Keys that may be asked for."""

    @cached_property
    def label_by_uri(self) -> Mapping[str, str]:
        """Every image is judged, also one that is not asked for: it is a wrong answer."""
        return {key: key for key in self.keys}

    def relevant(self, label: str) -> frozenset[str]:
        """Return the image itself, if it may be asked for."""
        return frozenset({label}) & self.asked


def evaluate(
    data: Path,
    *,
    library: Path | None,
    without: Sequence[Switch],
    ablate: bool,
    both_halves: bool,
    per_query: bool,
    as_json: bool,
) -> None:
    """Ask for images by captions in every way; print what each got.

    Parameters
    ----------
    data : Path
        The development data, with ``captions/coco_val2017.jsonl``.

    Raises
    ------
    NotFound, CorruptData
        If there are no captions, or they cannot be read.
    """
    images = read_captions(data / FILE)
    keys = tuple(image.key for image in images)
    held_out = frozenset(key for key in keys if half_of(key) == EVALUATION_HALF)
    training = frozenset(key for key in keys if half_of(key) == TRAINING_HALF)
    disjoint(training, held_out)
    judges = {HELD_OUT: _Itself(keys, held_out)}
    if both_halves:
        judges[BOTH_HALVES] = _Itself(keys, held_out | training)
    queries = tuple(
        Query(text=image.asked, about=image.key, labels=frozenset({image.key})) for image in images
    )
    made = caption_library(data, images, library)
    rows = compare(
        chain(
            served_ways(made, without, ablate=ablate, untrained=both_halves, limit=_LIMIT),
            _baselines(images),
        ),
        [QuerySet(name=_SET, queries=queries)],
        judges,
    )
    if as_json:
        say_json({"rows": msgspec.to_builtins(rows), "without": [str(s) for s in without]})
        return
    print_rows(rows, main=_MAIN)
    out.print(f"\n{len(images):,} images searched, four captions each", markup=False)
    if per_query:
        print_ends(
            (row for row in rows if row.way == ALICORN and row.judged_by == HELD_OUT), main=_MAIN
        )


def _baselines(images: Sequence[CaptionedImage]) -> Iterator[Way]:
    keys = [image.key for image in images]
    yield Way("BM25", Bm25(keys, [image.text for image in images]))
    yield Way("random", Chance(keys))
