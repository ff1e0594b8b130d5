"""Training of both rankers on one half of judged photos, through the whole serving path.

Candidates are those that `evaluating.judged_library` gives for each label that names a concept;
their features are the rows that the shards made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from aggregator.direct import DirectDriver
from aggregator.top.stopwatch import Stopwatch
from alicorn.api.search.v1 import search_pb2
from alicorn.command.console import say, say_json
from alicorn.command.evaluating.judged_library import VIEWER, WHOLE, judged_library, uris_of
from alicorn.command.tiers import LocalTiers
from ranker.models.shipped import FOLDER, load_first_stage
from ranker.training.first_stage import train_first_stage
from ranker.training.judged import JudgedQuery
from ranker.training.judgements import EVALUATION_HALF, TRAINING_HALF, Judgements
from ranker.training.second_stage import train_second_stage
from understanding.concepts.coverage import covered, query_of_label

__all__ = ["train_first", "train_second"]


def _judged_queries(
    tiers: LocalTiers, judgements: Judgements, labels: Sequence[str]
) -> list[JudgedQuery]:
    """Return each label's candidates among the judged photos, as the serving path made them."""
    uris = uris_of(tiers)
    driver = DirectDriver({"rack": tiers.rack})
    queries: dict[str, list[str]] = {}
    for label in labels:
        queries.setdefault(query_of_label(label), []).append(label)
    judged = []
    for query, named in queries.items():
        request = search_pb2.SearchRequest(
            query=query,
            viewer=search_pb2.Viewer(id=VIEWER),
            without_folding=True,
            without_second_stage=True,
        )
        found = driver.run(tiers.top.life.find(request, Stopwatch(WHOLE.search_timeout_s)))
        (module,) = (one for one in found.modules if one.request.module == "public")
        verdicts = [
            _verdict(judgements, named, uris[photo]) for photo in module.candidates.ids.tolist()
        ]
        kept = np.array([verdict is not None for verdict in verdicts], dtype=np.bool_)
        candidates = module.candidates.take(kept)
        judged.append(
            JudgedQuery(
                query,
                candidates.features,
                np.array([v for v in verdicts if v is not None], dtype=np.uint8),
                candidates,
            )
        )
    return judged


def _verdict(judgements: Judgements, labels: Sequence[str], uri: str) -> bool | None:
    """Return whether a photo matches a query that ``labels`` share; None when nobody knows."""
    each = [judgements.judge(label, uri) for label in labels]
    if True in each:
        return True
    return None if None in each else False


def train_first(photos: Path, *, library: Path | None, out: Path | None) -> None:
    """Train the first stage's trees on the training half."""
    judged = judged_library(photos, library)
    with LocalTiers(judged, serving=WHOLE, writable=False, models=Path("none")) as tiers:
        tiers.catch_up()
        parts = _halves(tiers)
    card = train_first_stage(parts[0], out or FOLDER, held_out=parts[1])
    say_json(msgspec.to_builtins(card))


def train_second(photos: Path, *, library: Path | None, out: Path | None) -> None:
    """Train the second stage's network and cut-off on the training half."""
    folder = out or FOLDER
    forest = load_first_stage(folder)
    judged = judged_library(photos, library)
    with LocalTiers(judged, serving=WHOLE, writable=False, models=folder) as tiers:
        tiers.catch_up()
        parts = _halves(tiers)
    card = train_second_stage(parts[0], forest, folder, held_out=parts[1])
    say_json(msgspec.to_builtins(card))


def _halves(tiers: LocalTiers) -> tuple[list[JudgedQuery], list[JudgedQuery]]:
    judgements = Judgements.of(uris_of(tiers).values())
    labels = covered(judgements.labels)
    say(f"{len(labels)} of {len(judgements.labels)} labels are names of concepts")
    training, held_out = (
        _judged_queries(tiers, judgements.half(half), labels)
        for half in (TRAINING_HALF, EVALUATION_HALF)
    )
    return training, held_out
