"""What a rack does with each request: fan out, collect, merge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import structlog

from aggregator.exchange import Answer, Call, Calls, Lost, Policy
from aggregator.rack.merge import KnownServer, Merge
from alicorn.api.index.v1 import index_pb2
from alicorn.api.photo.v1 import photo_pb2
from alicorn.api.rack.v1 import rack_pb2
from alicorn.errors import (
    AlicornError,
    BadRequest,
    CorruptData,
    DeadlineSpent,
    ShapeError,
    ShardLoading,
)
from alicorn.rpc.packed import unpack

__all__ = ["DEFAULT_LIMIT", "MAX_LIMIT", "Rack"]

DEFAULT_LIMIT: Final = 500
MAX_LIMIT: Final = 100_000

# What a rack keeps of the time allowed, to merge and to answer.
_MARGIN_S: Final = 0.005

_log = structlog.get_logger(__name__)


class Rack:
    """The policy of one rack.

    Parameters
    ----------
    servers : sequence of KnownServer
        The index servers below it; their targets are the driver's.
    shard_timeout_s : float
        Wait this long for a server, then answer without it.
    """

    def __init__(self, servers: Sequence[KnownServer], *, shard_timeout_s: float) -> None:
        self._servers = {server.target: server for server in servers}
        self._shard_timeout_s = shard_timeout_s

    @property
    def shards(self) -> int:
        """Shards below this rack."""
        return sum(server.shards for server in self._servers.values())

    def search(
        self, request: rack_pb2.SearchRequest, allowed_s: float
    ) -> Policy[rack_pb2.SearchResponse]:
        """Ask every index server, merge-sort, keep the best N (PS-41)."""
        limit = request.limit or DEFAULT_LIMIT
        if limit > MAX_LIMIT:
            raise BadRequest(f"rack limit must be in 1..{MAX_LIMIT}, got {limit}")
        merge = Merge(limit, dict(self._servers))
        answers = yield self._everybody("Search", request.request, allowed_s)
        for target, answer in zip(self._servers, answers, strict=True):
            if isinstance(answer, Lost):
                self._lost(merge, target, answer.error)
            elif isinstance(answer, index_pb2.SearchResponse):
                try:
                    merge.answered(answer)
                except ShapeError as error:
                    # The server's fault, so not a BadRequest of whoever asked.
                    self._lost(merge, target, CorruptData(f"{target} answered nonsense: {error}"))
                    continue
                known = self._servers[target]
                self._servers[target] = KnownServer(target, known.shards, answer.coverage.documents)
        return merge.page()

    def fetch(
        self, request: rack_pb2.FetchRequest, allowed_s: float
    ) -> Policy[rack_pb2.FetchResponse]:
        """Ask every index server for the documents; return those found, in the order asked."""
        asked = unpack(request.ids, np.uint64, name="ids")
        answers: list[Answer] = yield self._everybody(
            "Fetch", index_pb2.FetchRequest(ids=request.ids), allowed_s
        )
        found: dict[int, photo_pb2.PhotoDocument] = {}
        for answer in answers:
            if isinstance(answer, index_pb2.FetchResponse):
                found.update((document.id, document) for document in answer.documents)
        if answers and all(isinstance(answer, Lost) for answer in answers):
            raise next(answer.error for answer in answers if isinstance(answer, Lost))
        documents = [found[key] for key in asked.tolist() if key in found]
        return rack_pb2.FetchResponse(
            found=index_pb2.FetchResponse(documents=documents),
            lost=sum(isinstance(answer, Lost) for answer in answers),
        )

    def status(self, allowed_s: float) -> Policy[rack_pb2.StatusResponse]:
        """Collect the status of every shard that answers."""
        answers = yield self._everybody("Status", index_pb2.StatusRequest(), allowed_s)
        shards = [
            shard
            for answer in answers
            if isinstance(answer, index_pb2.StatusResponse)
            for shard in answer.shards
        ]
        shards.sort(key=lambda shard: shard.shard)
        return rack_pb2.StatusResponse(shards=shards, expected=self.shards)

    def _lost(self, merge: Merge, target: str, error: AlicornError) -> None:
        # One that is still loading is no fault, and whoever waits for it asks every other second.
        tell = _log.info if isinstance(error, ShardLoading) else _log.warning
        tell("an index server is lost", target=target, error=str(error))
        merge.lost(target, error)

    def _everybody(
        self,
        method: str,
        request: index_pb2.SearchRequest | index_pb2.FetchRequest | index_pb2.StatusRequest,
        allowed_s: float,
    ) -> Calls:
        timeout_s = min(self._shard_timeout_s, allowed_s - _MARGIN_S)
        if timeout_s <= 0:
            raise DeadlineSpent(f"found {allowed_s:.3f} s left, needed more than {_MARGIN_S} s")
        return Calls(tuple(Call(target, method, request, timeout_s) for target in self._servers))
