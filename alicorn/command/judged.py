"""Judged photos: a library of them, training on one half, evaluation on the other.

The folder names say what the photos of Caltech-101 show, so they must not be searchable: the judged
library gives every photo an empty album and caption, and what is found is found by the picture.
Everything goes through the whole serving path; features are the rows that the shards made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from rich.table import Table

from aggregator.direct import DirectDriver
from aggregator.top.stopwatch import Stopwatch
from alicorn.api.search.v1 import search_pb2
from alicorn.command.console import out, say, say_json
from alicorn.command.index import fill
from alicorn.command.library import Library, LibrarySettings, create_library
from alicorn.command.tiers import LocalTiers
from alicorn.config.places import library_of_folder
from alicorn.config.serving import ServingConfig
from alicorn.documents import Audience, AudienceKind
from alicorn.errors import NotFound
from ranker.evaluation.photos import EvaluationReport, evaluate_photos
from ranker.models.shipped import FOLDER, load_first_stage
from ranker.training.first_stage import train_first_stage
from ranker.training.judged import JudgedQuery
from ranker.training.judgements import EVALUATION_HALF, TRAINING_HALF, Judgements
from ranker.training.second_stage import train_second_stage
from understanding.concepts.coverage import covered, query_of_label
from understanding.concepts.lexicon import Lexicon
from understanding.photos.scan import scan
from understanding.photos.sidecar import PhotoEntry, Shelf, ShelfPerson

__all__ = ["evaluate", "judged_library", "train_first", "train_second"]

_VIEWER: Final = 1
_PHOTOGRAPHER: Final = 2

# Whole candidate sets: what is measured or learnt is the order, not where a page ends.
_WHOLE: Final = ServingConfig(
    retrieve_limit=5_000,
    shard_hits=2_500,
    rack_hits=5_000,
    search_timeout_s=60.0,
    shard_timeout_s=30.0,
)


def judged_library(photos: Path, path: Path | None) -> Library:
    """Return the judged library of the folder ``photos``, made or brought up to date.

    Raises
    ------
    NotFound
        If the folder has no photos at ``caltech101/<label>/``.
    """
    folder = photos.expanduser().resolve()
    if not folder.is_dir():
        raise NotFound(f"found no folder at {photos}, needed one with caltech101/<label>/")
    found = scan(folder).photos
    if not Judgements.of(photo.uri for photo in found).labels:
        raise NotFound(f"found no photos at {photos}/caltech101/<label>/, needed judged ones")
    where = path or Path(f"{library_of_folder(folder)}-judged")
    library = create_library(
        where, LibrarySettings(name="Judged photos", photos=str(folder), shards=2)
    )
    said = PhotoEntry(owner=_PHOTOGRAPHER, audience=Audience(AudienceKind.PUBLIC), album="")
    shelf = Shelf(
        people=(ShelfPerson(_VIEWER, "Viewer"), ShelfPerson(_PHOTOGRAPHER, "Photographer")),
        photos={photo.uri: said for photo in found},
    )
    fill(library, workers=0, shelf=shelf)
    return library


def _uris(tiers: LocalTiers) -> dict[int, str]:
    """Return the uri of every photo in the log, by id."""
    return {photo: document.uri for photo, document in tiers.documents()}


def _judged_queries(
    tiers: LocalTiers, judgements: Judgements, labels: Sequence[str]
) -> list[JudgedQuery]:
    """Return each label's candidates among the judged photos, as the serving path made them."""
    uris = _uris(tiers)
    driver = DirectDriver({"rack": tiers.rack})
    queries: dict[str, list[str]] = {}
    for label in labels:
        queries.setdefault(query_of_label(label), []).append(label)
    judged = []
    for query, named in queries.items():
        request = search_pb2.SearchRequest(
            query=query,
            viewer=search_pb2.Viewer(id=_VIEWER),
            without_folding=True,
            without_second_stage=True,
        )
        found = driver.run(tiers.top.life.find(request, Stopwatch(_WHOLE.search_timeout_s)))
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
    with LocalTiers(judged, serving=_WHOLE, writable=False, models=Path("none")) as tiers:
        tiers.catch_up()
        parts = _halves(tiers)
    card = train_first_stage(parts[0], out or FOLDER, held_out=parts[1])
    say_json(msgspec.to_builtins(card))


def train_second(photos: Path, *, library: Path | None, out: Path | None) -> None:
    """Train the second stage's network and cut-off on the training half."""
    folder = out or FOLDER
    forest = load_first_stage(folder)
    judged = judged_library(photos, library)
    with LocalTiers(judged, serving=_WHOLE, writable=False, models=folder) as tiers:
        tiers.catch_up()
        parts = _halves(tiers)
    card = train_second_stage(parts[0], forest, folder, held_out=parts[1])
    say_json(msgspec.to_builtins(card))


def _halves(tiers: LocalTiers) -> tuple[list[JudgedQuery], list[JudgedQuery]]:
    judgements = Judgements.of(_uris(tiers).values())
    labels = covered(judgements.labels)
    say(f"{len(labels)} of {len(judgements.labels)} labels are names of concepts")
    training, held_out = (
        _judged_queries(tiers, judgements.half(half), labels)
        for half in (TRAINING_HALF, EVALUATION_HALF)
    )
    return training, held_out


def evaluate(photos: Path, *, library: Path | None, both_halves: bool, as_json: bool) -> None:
    """Search for every covered label; print its precision at 10 over photos not trained on.

    Cut-off and folding are off: what is measured is the order.
    """
    judged = judged_library(photos, library)
    with LocalTiers(judged, serving=_WHOLE, writable=False) as tiers:
        tiers.catch_up()
        uris = _uris(tiers).values()
        everything = Judgements.of(uris)
        judgements = everything if both_halves else everything.half(EVALUATION_HALF)
        labels = covered(judgements.labels)

        def search(query: str) -> list[str]:
            response = tiers.search.search(
                search_pb2.SearchRequest(
                    query=query,
                    viewer=search_pb2.Viewer(id=_VIEWER),
                    limit=_WHOLE.max_limit,
                    without_cutoff=True,
                    without_folding=True,
                )
            )
            return [photo.uri for module in response.modules for photo in module.photos]

        lemmas = Lexicon.load().known_lemmas()
        exact = [label for label in labels if label.replace("_", " ").lower() in lemmas]
        strict = evaluate_photos(search, judgements, labels, query_of=query_of_label)
        by_lemma = evaluate_photos(search, judgements, exact, query_of=query_of_label)
        merged = evaluate_photos(search, _SameQuery(judgements), labels, query_of=query_of_label)
    if as_json:
        say_json(
            {
                "strict": msgspec.to_builtins(strict),
                "same_query_together": msgspec.to_builtins(merged),
                "labels_that_equal_a_lemma": msgspec.to_builtins(by_lemma),
                "not_covered": sorted(set(judgements.labels) - set(labels)),
            }
        )
        return
    _print_report(strict, merged, by_lemma)


class _SameQuery:
    """Judgements under which photos of labels with the same query match each other.

    ``crocodile`` and ``crocodile_head`` are both asked for as "crocodile", and both show one.
    """

    def __init__(self, judgements: Judgements) -> None:
        self._judgements = judgements
        self.label_by_uri = judgements.label_by_uri

    def relevant(self, label: str) -> frozenset[str]:
        """Photos of ``label`` and of every label that is asked for by the same words."""
        same = [
            other
            for other in self._judgements.labels
            if query_of_label(other) == query_of_label(label)
        ]
        return frozenset().union(*(self._judgements.relevant(other) for other in same))


def _print_report(
    strict: EvaluationReport, merged: EvaluationReport, by_lemma: EvaluationReport
) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("label", "query", "photos", "P@10", "P@10 same query", "NDCG@10", "MRR"):
        table.add_column(heading, justify="left" if heading in {"label", "query"} else "right")
    for row, other in zip(strict.rows, merged.rows, strict=True):
        table.add_row(
            row.label,
            row.query,
            str(row.relevant),
            f"{row.precision_at_10:.2f}",
            f"{other.precision_at_10:.2f}",
            f"{row.ndcg_at_10:.2f}",
            f"{row.reciprocal_rank:.2f}",
        )
    out.print(table)
    for name, report in (
        ("strict", strict),
        ("labels with the same query together", merged),
        ("strict, labels that equal a lemma letter by letter", by_lemma),
    ):
        interval = report.means["precision_at_10"]
        out.print(
            f"precision at 10, {name}: {interval.mean:.3f} "
            f"({interval.low:.3f} to {interval.high:.3f}) over {len(report.labels)} labels and "
            f"{report.judged} photos; a perfect order would get {report.ceiling:.3f}",
            markup=False,
        )
