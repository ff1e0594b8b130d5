"""Training of both rankers on one half of what is judged, through the whole serving path.

Photos of Caltech-101 are asked for by their labels, images of COCO by one of their captions. The
candidates are what the serving path finds in the libraries that `evaluating` makes for measuring;
their features are the rows that the shards made. What belongs to the other half is taken out of
every candidate set, so the halves share neither queries nor candidates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from aggregator.direct import DirectDriver
from aggregator.top.ranking import RankedModule
from aggregator.top.stopwatch import Stopwatch
from alicorn.api.search.v1 import search_pb2
from alicorn.command.console import say, say_json
from alicorn.command.evaluating.caption_library import caption_library, read_captions
from alicorn.command.evaluating.judged_library import VIEWER, WHOLE, judged_library, uris_of
from alicorn.command.library import Library
from alicorn.command.tiers import LocalTiers
from ranker.models.shipped import FOLDER, load_first_stage
from ranker.training.first_stage import train_first_stage
from ranker.training.judged import JudgedQuery
from ranker.training.judgements import Judgements
from ranker.training.second_stage import train_second_stage
from ranker.training.splits import EVALUATION_HALF, TRAINING_HALF, disjoint, half_of
from understanding.concepts.coverage import query_of_label

__all__ = ["Judged", "judged_captions", "judged_photos", "train_first", "train_second"]

MOST_CAPTIONS: Final = 250
"""Captions of each half that are asked for: more teach nothing new, and each is a search."""

MOST_CANDIDATES: Final = 500
"""Of a caption, which finds nearly everything: as many as the second stage sees when it serves."""

_DATA: Final = "Caltech-101, the training half of the photos"
_CAPTIONS: Final = "; COCO captions, val 2017, the training half of the images"

# A folder without models: the path then does without them, and says so in the log.
_NO_MODELS: Final = Path("none")


@dataclass(frozen=True, slots=True)
class Judged:
    """Judged queries of both halves."""

    training: tuple[JudgedQuery, ...]
    held_out: tuple[JudgedQuery, ...]

    def __add__(self, other: Judged) -> Judged:
        return Judged(self.training + other.training, self.held_out + other.held_out)


def train_first(
    photos: Path,
    *,
    captions: Path | None,
    library: Path | None,
    captions_library: Path | None,
    out: Path | None,
) -> None:
    """Train the first stage's trees on the training halves."""
    judged = _judged(photos, captions, library, captions_library, models=_NO_MODELS)
    card = train_first_stage(
        judged.training,
        out or FOLDER,
        held_out=judged.held_out,
        data=_DATA + (_CAPTIONS if captions else ""),
        made_by=_made_by("first-stage", captions),
    )
    say_json(msgspec.to_builtins(card))


def train_second(
    photos: Path,
    *,
    captions: Path | None,
    library: Path | None,
    captions_library: Path | None,
    out: Path | None,
) -> None:
    """Train the second stage's network and cut-offs on the training halves."""
    folder = out or FOLDER
    forest = load_first_stage(folder)
    judged = _judged(photos, captions, library, captions_library, models=folder)
    card = train_second_stage(
        judged.training,
        forest,
        folder,
        held_out=judged.held_out,
        data=_DATA + (_CAPTIONS if captions else ""),
        made_by=_made_by("second-stage", captions),
    )
    say_json(msgspec.to_builtins(card))


def _made_by(stage: str, captions: Path | None) -> str:
    with_captions = f" --captions {captions.name}" if captions else ""
    return f"alicorn train {stage} --photos photos{with_captions}"


def _judged(
    photos: Path,
    captions: Path | None,
    library: Path | None,
    captions_library: Path | None,
    *,
    models: Path,
) -> Judged:
    judged = judged_photos(judged_library(photos, library), models=models)
    if captions is not None:
        judged += judged_captions(captions, captions_library, models=models)
    return judged


def judged_photos(library: Library, *, models: Path) -> Judged:
    """Return the labels of the judged photos as queries, by the hashes of the photos' paths.

    Labels that find no photo at all are left out.
    """
    with _opened(library, models) as tiers:
        uris = uris_of(tiers)
        judgements = Judgements.of(uris.values())
        halves = [judgements.half(half) for half in (TRAINING_HALF, EVALUATION_HALF)]
        queries: dict[str, list[str]] = {}
        for label in judgements.labels:
            queries.setdefault(query_of_label(label), []).append(label)
        found: tuple[list[JudgedQuery], list[JudgedQuery]] = ([], [])
        for query, labels in queries.items():
            module = _find(tiers, query)
            for half, judged in zip(halves, found, strict=True):
                photos = module.candidates.ids.tolist()
                verdicts = [_verdict(half, labels, uris[photo]) for photo in photos]
                one = _judge(query, module, verdicts)
                if one.labels.size:
                    judged.append(one)
    say(f"{len(found[0])} of {len(queries)} labels find photos of the training half")
    return Judged(*map(tuple, found))


def judged_captions(captions: Path, library: Path | None, *, models: Path) -> Judged:
    """Return captions as queries for their image, by the hashes of the images' numbers.

    Of each half `MOST_CAPTIONS`, in the order of the file, with the best `MOST_CANDIDATES` each.
    """
    images = read_captions(captions)
    halves: dict[int, list[str]] = {TRAINING_HALF: [], EVALUATION_HALF: []}
    for image in images:
        halves[half_of(image.key)].append(image.key)
    disjoint(halves[TRAINING_HALF], halves[EVALUATION_HALF])
    asked = {image.key: image.asked for image in images}
    found: list[tuple[JudgedQuery, ...]] = []
    made = caption_library(captions.expanduser().resolve().parents[1], images, library)
    with _opened(made, models) as tiers:
        uris = uris_of(tiers)
        for half in (TRAINING_HALF, EVALUATION_HALF):
            judged = []
            own = {photo: uri for photo, uri in uris.items() if half_of(uri) == half}
            for key in halves[half][:MOST_CAPTIONS]:
                module = _find(tiers, asked[key])
                photos = module.candidates.ids.tolist()
                verdicts = [own[photo] == key if photo in own else None for photo in photos]
                one = _judge(asked[key], module, verdicts, most=MOST_CANDIDATES)
                if one.teaches:
                    judged.append(one)
            found.append(tuple(judged))
    say(f"{len(found[0])} captions of the training half find their image")
    return Judged(*found)


@contextmanager
def _opened(library: Library, models: Path) -> Iterator[LocalTiers]:
    """Open ``library`` for whole candidate sets, with the rankers in ``models``."""
    with LocalTiers(library, serving=WHOLE, writable=False, models=models) as tiers:
        tiers.catch_up()
        yield tiers


def _find(tiers: LocalTiers, query: str) -> RankedModule:
    """Return what the serving path finds before its second stage."""
    request = search_pb2.SearchRequest(
        query=query,
        viewer=search_pb2.Viewer(id=VIEWER),
        without_folding=True,
        without_second_stage=True,
    )
    policy = tiers.top.life.find(request, Stopwatch(WHOLE.search_timeout_s))
    found = DirectDriver({"rack": tiers.rack}).run(policy)
    return next(one for one in found.modules if one.request.module == "public")


def _judge(
    query: str,
    module: RankedModule,
    verdicts: Sequence[bool | None],
    *,
    most: int | None = None,
) -> JudgedQuery:
    """Return the candidates of ``module`` with their verdicts; what nobody knows is left out."""
    kept = np.flatnonzero([one is not None for one in verdicts])[:most]
    candidates = module.candidates.take(kept)
    return JudgedQuery(
        query,
        candidates.features,
        np.array([bool(verdicts[i]) for i in kept.tolist()], dtype=np.uint8),
        candidates,
        described=module.request.described,
    )


def _verdict(judgements: Judgements, labels: Sequence[str], uri: str) -> bool | None:
    """Return whether a photo matches a query that ``labels`` share; None when nobody knows."""
    each = [judgements.judge(label, uri) for label in labels]
    if True in each:
        return True
    return None if None in each else False
