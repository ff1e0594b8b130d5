"""Why a photo stands where it stands: the chain from word to rank.

word -> concept -> term -> first-stage contributions -> second stage -> near-copies folded -> the
edge that made it visible. Only for photos that the viewer may see: of any other there is nothing to
tell, and the answer is the one for a photo that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from aggregator.exchange import Policy, Work
from aggregator.top.life import Asked, QueryLife
from aggregator.top.matching import Wanted
from aggregator.top.models import TopModels
from aggregator.top.ranking import RankedModule
from aggregator.top.sight import names_of, phrase_of
from aggregator.top.stopwatch import Stopwatch
from alicorn.api.photo.v1 import photo_pb2
from alicorn.api.search.v1 import search_pb2
from alicorn.documents.hitdata import CONCEPT_ONE, confidence_of
from alicorn.errors import NotFound
from alicorn.log import AuthoritativeGraph
from ranker.features import FIRST_STAGE
from ranker.forest import Forest
from ranker.second_stage.pipeline import PhotoStory, explain
from understanding.queries import Kind

__all__ = ["explain_photo"]

# Contributions below it move nothing that anybody could see.
_LEAST_CONTRIBUTION: Final = 0.01
_MOST_CONTRIBUTIONS: Final = 6


def explain_photo(
    request: search_pb2.ExplainRequest,
    *,
    life: QueryLife,
    models: TopModels,
    graph: AuthoritativeGraph,
    allowed_s: float,
) -> Policy[search_pb2.ExplainResponse]:
    """Tell the chain for one photo under one query.

    Raises
    ------
    NotFound
        If the photo does not match the query, does not exist, or may not be seen.
    """
    watch = Stopwatch(allowed_s)
    photo_id = request.photo_id
    found = yield from life.find(request.search, watch)
    module = next(
        (m for m in found.modules if (m.candidates.ids == np.uint64(photo_id)).any()), None
    )
    wanted = [photo_id] if module else []
    fetched = yield from life.fetch(wanted, found.asked.circle.viewer, watch)
    if module is None or photo_id not in fetched.documents:
        raise NotFound(f"photo {photo_id} is not among what this query found for this viewer")
    document = fetched.documents[photo_id]
    names = yield Work(lambda: names_of(graph, [document.author]))
    story = explain(module.candidates, module.reranked, photo_id)
    position = story.first_rank - 1
    steps = [
        *_words(found.asked),
        *_terms(found.asked, document),
        *_first_stage(module, position, models.first_stage),
        *_second_stage(story),
        search_pb2.Step(
            stage="sight",
            text=phrase_of(int(module.reasons[position]), names.get(document.author, "")),
        ),
    ]
    return search_pb2.ExplainResponse(
        steps=steps,
        rank=story.rank,
        module=module.request.module if story.rank else "",
    )


def _words(asked: Asked) -> Iterator[search_pb2.Step]:
    for phrase in asked.understood.phrases if asked.understood else ():
        if phrase.text_only:
            yield search_pb2.Step(stage="word", text=f"“{phrase.text}” is looked for in texts")
        verb = "is most like" if phrase.kind is Kind.SIMILAR else "names the concept"
        for match in phrase.concepts:
            yield search_pb2.Step(
                stage="concept",
                text=f"“{phrase.text}” {verb} {match.concept}",
                value=match.weight,
            )
    for term in asked.understood.filters if asked.understood else ():
        yield search_pb2.Step(stage="word", text=f"only {term.edge} {term.value}")


def _terms(asked: Asked, document: photo_pb2.PhotoDocument) -> Iterator[search_pb2.Step]:
    for term in Wanted.of(asked.core).in_document(document):
        if term.edge == "tag":
            yield search_pb2.Step(
                stage="term",
                text=f"the picture shows {term.value}",
                value=confidence_of(term.hitdata),
            )
        elif term.edge == "text":
            times = "once" if term.hitdata == 1 else f"{term.hitdata} times"
            yield search_pb2.Step(
                stage="term", text=f"its text has “{term.value}” {times}", value=term.hitdata
            )
        else:
            yield search_pb2.Step(stage="term", text=f"its {term.edge} is {term.value}")


def _first_stage(
    module: RankedModule, position: int, forest: Forest | None
) -> Iterator[search_pb2.Step]:
    hits = module.hits
    score = int(hits.scores[position, 0]) / hits.score_unit
    if forest is None or hits.score_unit == CONCEPT_ONE:
        yield search_pb2.Step(stage="first stage", text="concept score", value=score)
        return
    contributions = forest.contributions(hits.features[position])
    added = contributions.by_feature
    best = np.argsort(-np.abs(added))[:_MOST_CONTRIBUTIONS]
    yield search_pb2.Step(
        stage="first stage",
        text=f"rank {position + 1} of {hits.count} by the first stage",
        value=score,
    )
    for column in best:
        if abs(added[column]) >= _LEAST_CONTRIBUTION:
            value = float(hits.features[position, column])
            yield search_pb2.Step(
                stage="first stage",
                text=f"{FIRST_STAGE.names[int(column)]} is {value:.3g}",
                value=float(added[column]),
            )


def _second_stage(story: PhotoStory) -> Iterator[search_pb2.Step]:
    if story.folded_under is not None:
        yield search_pb2.Step(
            stage="folded", text=f"shown behind photo {story.folded_under}: {story.reason}"
        )
        return
    if story.probability is not None:
        verdict = "too poor a match to be shown" if story.cut else f"rank {story.rank} at the end"
        yield search_pb2.Step(
            stage="second stage",
            text=f"{verdict}; a match with probability {story.probability:.2f}",
            value=story.score,
        )
    if story.outlier > 0:
        yield search_pb2.Step(
            stage="second stage",
            text="how far it looks from the other results",
            value=story.outlier,
        )
    for copy in story.absorbed:
        yield search_pb2.Step(stage="folded", text=f"stands for photo {copy.id}: {copy.reason}")
