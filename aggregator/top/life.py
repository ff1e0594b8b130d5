"""A query's life: from words and a viewer to modules, one step after the other (PS-31 to PS-48).

    who asks -> what is meant -> rewriting -> racks -> sight -> second stage -> documents -> modules

Sight comes right after the racks: what the viewer may not see is gone before any signal, fold,
threshold, name or count. Policies here are generators (`aggregator.exchange`), so the same lines
run in one process and over gRPC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from aggregator.exchange import Call, Calls, Lost, Policy, Work
from aggregator.hits import parse_hits
from aggregator.top.matching import Wanted
from aggregator.top.models import TopModels
from aggregator.top.present import ids_to_fetch, module_of, title_of
from aggregator.top.ranking import RankedModule, rank_module
from aggregator.top.rewrite import (
    Circle,
    Rewritten,
    core_of,
    expression_of,
    is_browsing,
    modules_of,
)
from aggregator.top.sight import circle_of, names_of, viewer_of, visible
from aggregator.top.stopwatch import Stopwatch
from aggregator.top.tokens import TokenKey
from aggregator.top.understood import notices_of, parts_of, related_to
from alicorn.api.index.v1 import index_pb2
from alicorn.api.photo.v1 import photo_pb2
from alicorn.api.rack.v1 import rack_pb2
from alicorn.api.search.v1 import search_pb2
from alicorn.config.serving import ServingConfig
from alicorn.documents.text import tokens
from alicorn.errors import BadRequest, CorruptData, DeadlineSpent, ShapeError
from alicorn.log import AuthoritativeGraph
from alicorn.query import Expr, print_expression
from alicorn.rpc.packed import pack
from ranker.second_stage.pipeline import Options
from understanding.queries import Understanding, understand

__all__ = ["CUT_DOCUMENTS", "Asked", "Fetched", "Found", "QueryLife"]

DEFAULT_LIMIT: Final = 60

CUT_DOCUMENTS: Final = "documents"
"""Coverage: photos that were found are not shown, since their shard was lost meanwhile."""

# What the top keeps of the time allowed, to rank, to fetch documents and to answer.
_MARGIN_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, understood."""

    circle: Circle
    understood: Understanding | None
    """None for an s-expression."""
    core: Expr
    limit: int
    now: int
    """Naive local seconds."""
    options: Options
    browsing: bool
    """Nothing to rank by: newest first."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a request, before documents are fetched."""

    asked: Asked
    modules: tuple[RankedModule, ...]
    coverage: search_pb2.Coverage


@dataclass(frozen=True, slots=True)
class Fetched:
    """Documents of what is shown."""

    documents: dict[int, photo_pb2.PhotoDocument]
    """By id; those that are gone or hidden by now are missing."""
    lost: bool
    """Whether an index server gave no answer, so that others may be missing."""


class QueryLife:
    """The policy of the top aggregator for searches.

    Parameters
    ----------
    graph : AuthoritativeGraph
        Who may see what; the only word on it.
    models : TopModels
    serving : ServingConfig
    key : TokenKey or None
        With it only signed tokens name a viewer.
    default_viewer : int
        Who is served, without tokens, when a request names nobody.
    now_local : callable
        Naive local time in seconds since 1970-01-01.
    """

    def __init__(
        self,
        *,
        graph: AuthoritativeGraph,
        models: TopModels,
        serving: ServingConfig,
        key: TokenKey | None,
        default_viewer: int,
        now_local: Callable[[], int],
    ) -> None:
        self._graph = graph
        self._models = models
        self._serving = serving
        self._key = key
        self._default_viewer = default_viewer
        self._now_local = now_local

    def viewer(self, viewer: search_pb2.Viewer) -> int:
        """Return the person whom a request speaks for."""
        return viewer_of(viewer, self._key, self._default_viewer)

    def search(
        self, request: search_pb2.SearchRequest, allowed_s: float
    ) -> Policy[search_pb2.SearchResponse]:
        """Answer a query for a viewer."""
        watch = Stopwatch(min(allowed_s, self._serving.search_timeout_s))
        found = yield from self.find(request, watch)
        wanted = ids_to_fetch(found.modules, found.asked.limit)
        fetched = yield from self.fetch(wanted, found.asked.circle.viewer, watch)
        documents = fetched.documents
        if fetched.lost:
            found.coverage.cuts.append(CUT_DOCUMENTS)
        authors = [document.author for document in documents.values()]
        names = yield Work(lambda: names_of(self._graph, authors))
        watch.lap("fetch")
        response = self._respond(found, documents, names, request)
        watch.lap("present")
        for step, milliseconds in watch.laps().items():
            response.timings_ms[step] = milliseconds
        return response

    def find(self, request: search_pb2.SearchRequest, watch: Stopwatch) -> Policy[Found]:
        """Run a request up to the final order of each module."""
        viewer = self.viewer(request.viewer)
        circle = yield Work(lambda: circle_of(self._graph, viewer))
        asked = yield Work(lambda: self._understand(request, circle))
        watch.lap("understand")
        requests = modules_of(asked.core, circle)
        left_s = watch.left_s() - _MARGIN_S
        if left_s <= 0:
            raise DeadlineSpent(f"found {watch.left_s():.3f} s left, needed more than {_MARGIN_S}")
        answers = yield Calls(
            tuple(
                Call("rack", "Search", self._rack_request(asked, one), left_s) for one in requests
            )
        )
        watch.lap("retrieve")
        responses: list[rack_pb2.SearchResponse] = []
        for answer in answers:
            if isinstance(answer, Lost):
                raise answer.error
            responses.append(answer)
        try:
            all_hits = [parse_hits(response.hits) for response in responses]
        except ShapeError as error:
            # The rack's fault, so not a BadRequest of whoever asked.
            raise CorruptData(f"the rack answered nonsense: {error}") from None
        sighted = yield Work(
            lambda: [visible(self._graph, circle.viewer, hits) for hits in all_hits]
        )
        watch.lap("privacy")
        model = None if asked.browsing else self._models.second_stage
        modules = tuple(
            rank_module(one, seen, model, asked.options)
            for one, seen in zip(requests, sighted, strict=True)
        )
        watch.lap("second-stage")
        return Found(asked, modules, _coverage(responses))

    def fetch(self, ids: list[int], viewer: int, watch: Stopwatch) -> Policy[Fetched]:
        """Return the documents of ``ids`` that can be had and that ``viewer`` may see, by id.

        They are of a later moment than the hits, and the index may be behind the graph: so the
        graph is asked again, after they are here, and only the version that it knows is shown. An
        older one may say what was never for the viewer.
        """
        if not ids:
            return Fetched({}, lost=False)
        request = rack_pb2.FetchRequest(ids=pack(np.array(ids, dtype=np.uint64)))
        (answer,) = yield Calls((Call("rack", "Fetch", request, max(watch.left_s(), 0.05)),))
        if isinstance(answer, Lost):
            raise answer.error
        documents = {document.id: document for document in answer.found.documents}
        found = np.array(list(documents), dtype=np.uint64)
        sight = yield Work(lambda: self._graph.sight(viewer, found))
        versions = np.array([d.written for d in documents.values()], dtype=np.uint64)
        shown = found[sight.allowed & (versions == sight.written)]
        seen = {id_: documents[id_] for id_ in shown.tolist()}
        return Fetched(seen, lost=answer.lost > 0)

    def _understand(self, request: search_pb2.SearchRequest, circle: Circle) -> Asked:
        limit = request.limit or DEFAULT_LIMIT
        if limit > self._serving.max_limit:
            raise BadRequest(f"limit must be in 1..{self._serving.max_limit}, got {limit}")
        understood = None
        if request.is_expression:
            core = expression_of(request.query)
        else:
            understood = understand(request.query, self._models.terms, request.languages)
            core = core_of(understood, lambda words: self._people_named(words, circle))
        return Asked(
            circle=circle,
            understood=understood,
            core=core,
            limit=limit,
            now=request.now or self._now_local(),
            options=Options(
                without_cutoff=request.without_cutoff,
                without_folding=request.without_folding,
                without_second_stage=request.without_second_stage,
            ),
            browsing=is_browsing(core),
        )

    def _people_named(self, words: str, circle: Circle) -> list[int]:
        """Return who has ``words`` in the name; nobody whom a block keeps apart from the viewer."""
        wanted = set(tokens(words))
        return [
            person.id
            for person in self._graph.people()
            if wanted and wanted <= set(tokens(person.name)) and person.id not in circle.blocked
        ]

    def _rack_request(self, asked: Asked, one: Rewritten) -> rack_pb2.SearchRequest:
        static = asked.browsing
        return rack_pb2.SearchRequest(
            limit=self._serving.rack_hits,
            request=index_pb2.SearchRequest(
                expression=print_expression(one.expression),
                id_arrays=[pack(array) for array in one.id_arrays],
                order=index_pb2.ORDER_STATIC if static else index_pb2.ORDER_CONCEPT,
                retrieve_limit=self._serving.retrieve_limit,
                scorers=("concept",) if static else self._models.scorers,
                limit=self._serving.shard_hits,
                with_features=True,
                with_columns=True,
                ranking=index_pb2.RankingContext(
                    now=asked.now,
                    viewer=asked.circle.viewer,
                    friends=pack(asked.circle.friends),
                ),
            ),
        )

    def _respond(
        self,
        found: Found,
        documents: dict[int, photo_pb2.PhotoDocument],
        names: dict[int, str],
        request: search_pb2.SearchRequest,
    ) -> search_pb2.SearchResponse:
        asked = found.asked
        wanted = Wanted.of(asked.core)
        modules = [
            module_of(
                module,
                wanted,
                documents,
                title=title_of(module.request.module, bool(asked.circle.friends.size)),
                expression=print_expression(module.request.expression),
                limit=asked.limit,
                name=lambda person: names.get(person, ""),
                families=self._models.families,
                with_features=request.with_features,
            )
            for module in found.modules
        ]
        shown = [module for module in modules if module.photos]
        understood = asked.understood
        # What was found and then lost is no missing match; the coverage says it.
        anything = bool(shown) or CUT_DOCUMENTS in found.coverage.cuts
        response = search_pb2.SearchResponse(
            query=request.query,
            understood=parts_of(understood) if understood else (),
            expression=print_expression(asked.core),
            modules=shown,
            coverage=found.coverage,
            notices=notices_of(understood, anything=anything),
            related=() if anything else related_to(understood, self._models.terms),
        )
        if request.with_features and found.modules:
            response.feature_names.extend(found.modules[0].hits.feature_names)
        return response


def _coverage(responses: list[rack_pb2.SearchResponse]) -> search_pb2.Coverage:
    """Return how complete an answer is, as shares of shards.

    Not of documents: their numbers would tell of photos that the viewer may not see.
    """
    shards = max((r.coverage.shards for r in responses), default=0)
    answered = min((r.coverage.answered for r in responses), default=0)
    cuts = sorted({cut for r in responses for cut in r.coverage.cuts})
    return search_pb2.Coverage(
        shards=shards,
        answered=answered,
        share=answered / shards if shards else 0.0,
        cuts=cuts,
    )
