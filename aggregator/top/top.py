"""The top aggregator: every method of `SearchService` as a policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

import alicorn
from aggregator.exchange import Call, Calls, Lost, Policy, Work
from aggregator.top.explain import explain_photo
from aggregator.top.life import QueryLife
from aggregator.top.models import TopModels
from aggregator.top.sight import viewer_of
from aggregator.top.tokens import TokenKey
from alicorn.api.rack.v1 import rack_pb2
from alicorn.api.search.v1 import search_pb2
from alicorn.config.serving import ServingConfig
from alicorn.errors import NotFound
from alicorn.log import AuthoritativeGraph

__all__ = ["Surroundings", "Top"]


class Surroundings(Protocol):
    """What the top needs of the library that it serves."""

    @property
    def name(self) -> str:
        """Name of the library, for people."""

    @property
    def sample(self) -> bool:
        """Whether it is the sample shelf, where the viewer may be switched."""

    @property
    def default_viewer(self) -> int:
        """Who is served, without tokens, when a request names nobody."""

    def picture(self, photo_id: int) -> bytes:
        """Return the small picture of a photo; NotFound if there is none."""

    def understanding(self) -> search_pb2.Understanding:
        """Return how far the photos have been understood."""


class Top:
    """The policies of the top aggregator.

    Parameters are those of `QueryLife`, and the library's `Surroundings`.
    """

    def __init__(
        self,
        *,
        graph: AuthoritativeGraph,
        models: TopModels,
        serving: ServingConfig,
        surroundings: Surroundings,
        now_local: Callable[[], int],
        key: TokenKey | None = None,
    ) -> None:
        self._graph = graph
        self._models = models
        self._surroundings = surroundings
        self._key = key
        self._life = QueryLife(
            graph=graph,
            models=models,
            serving=serving,
            key=key,
            default_viewer=surroundings.default_viewer,
            now_local=now_local,
        )

    @property
    def life(self) -> QueryLife:
        """The path of a query; training asks it for whole candidate sets."""
        return self._life

    def search(
        self, request: search_pb2.SearchRequest, allowed_s: float
    ) -> Policy[search_pb2.SearchResponse]:
        """Answer a query for a viewer."""
        return self._life.search(request, allowed_s)

    def explain(
        self, request: search_pb2.ExplainRequest, allowed_s: float
    ) -> Policy[search_pb2.ExplainResponse]:
        """Tell why one photo stands where it stands."""
        return explain_photo(
            request,
            life=self._life,
            models=self._models,
            graph=self._graph,
            allowed_s=allowed_s,
        )

    def get_picture(
        self,
        request: search_pb2.GetPictureRequest,
        allowed_s: float,
    ) -> Policy[search_pb2.GetPictureResponse]:
        """Return a small picture to those who may see the photo; NotFound to all others."""
        viewer = self._viewer(request.viewer)

        def read() -> bytes:
            ids = np.array([request.photo_id], dtype=np.uint64)
            if not self._graph.sight(viewer, ids).allowed[0]:
                raise NotFound(f"there is no picture of photo {request.photo_id}")
            return self._surroundings.picture(request.photo_id)

        jpeg = yield Work(read)
        return search_pb2.GetPictureResponse(jpeg=jpeg)

    def list_viewers(
        self,
        request: search_pb2.ListViewersRequest,
        allowed_s: float,
    ) -> Policy[search_pb2.ListViewersResponse]:
        """Name the sample people; nobody with tokens, or in a library of one's own."""
        if self._key is not None:
            return search_pb2.ListViewersResponse()
        default = self._surroundings.default_viewer
        if not self._surroundings.sample:
            return search_pb2.ListViewersResponse(default_id=default)
        people = yield Work(self._graph.people)
        return search_pb2.ListViewersResponse(
            people=[search_pb2.Person(id=p.id, name=p.name) for p in people], default_id=default
        )

    def get_status(
        self, request: search_pb2.GetStatusRequest, allowed_s: float
    ) -> Policy[search_pb2.GetStatusResponse]:
        """Say what is served; numbers of photos only where there are no viewers to tell apart."""
        response = search_pb2.GetStatusResponse(
            library=self._surroundings.name,
            version=alicorn.__version__,
            sample=self._surroundings.sample and self._key is None,
        )
        self._viewer(request.viewer)
        (answer,) = yield Calls((Call("rack", "Status", rack_pb2.StatusRequest(), allowed_s),))
        if not isinstance(answer, Lost):
            response.shards_expected = answer.expected
            response.shards.extend(
                search_pb2.Shard(
                    shard=shard.shard,
                    documents=shard.documents,
                    segments=shard.segments,
                    sequence=shard.sequence,
                    bytes_by_part=shard.bytes_by_part,
                )
                for shard in answer.shards
            )
        if self._key is not None:
            for shard in response.shards:
                shard.ClearField("documents")
                shard.ClearField("segments")
                shard.ClearField("sequence")
                shard.ClearField("bytes_by_part")
            return response
        response.documents = sum(shard.documents for shard in response.shards)
        understanding = yield Work(self._surroundings.understanding)
        response.understanding.CopyFrom(understanding)
        return response

    def _viewer(self, viewer: search_pb2.Viewer) -> int:
        return viewer_of(viewer, self._key, self._surroundings.default_viewer)
