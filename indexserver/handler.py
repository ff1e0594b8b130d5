"""The shards of one process behind one request: messages in, messages out, no sockets.

Each shard answers by itself and the answers are merged by the order everywhere, so one process with
two shards gives the same bytes as two processes and a rack. A shard whose time was over is left
out, and the coverage says so; when all are, the request fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from alicorn.api.index.v1 import index_pb2
from alicorn.api.photo.v1 import photo_pb2
from alicorn.errors import AlicornError, BadRequest, ConfigError, DeadlineSpent
from alicorn.query import Extract
from alicorn.rpc.status import status_of
from indexserver.execution.answers import CUT_DEADLINE
from indexserver.search import Hits, ShardAnswer, ShardSearch
from indexserver.shard import Shard
from indexserver.wire import (
    MAX_BATCH,
    parse_fetch,
    parse_search,
    render_hits,
    render_status,
)

__all__ = ["IndexHandler"]


class IndexHandler:
    """Answers `alicorn.api.index.v1` for the shards of this process. Thread-safe."""

    def __init__(
        self, shards: Sequence[Shard], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if not shards:
            raise ConfigError("an index server needs at least one shard, got none")
        self._shards = tuple(sorted(shards, key=lambda shard: shard.config.shard))
        self._clock = clock

    def search(
        self, request: index_pb2.SearchRequest, deadline_s: float | None = None
    ) -> index_pb2.SearchResponse:
        """Return the best hits of all shards.

        Raises
        ------
        AlicornError
            As `Shard.search` and `parse_search`; DeadlineSpent only if no shard found anything in
            time.
        """
        started = self._clock()
        search = parse_search(request, deadline_s, clock=self._clock)
        answers: list[ShardAnswer | AlicornError] = []
        for shard in self._shards:
            try:
                answers.append(shard.search(search))
            except DeadlineSpent as error:
                answers.append(error)
        return self._response(search, answers, started)

    def search_batch(
        self, request: index_pb2.SearchBatchRequest, deadline_s: float | None = None
    ) -> index_pb2.SearchBatchResponse:
        """Return an answer or an error for each request, in order.

        Raises
        ------
        BadRequest
            If there are more than `MAX_BATCH`.
        """
        if len(request.requests) > MAX_BATCH:
            raise BadRequest(
                f"at most {MAX_BATCH} searches fit in a batch, got {len(request.requests)}"
            )
        started = self._clock()
        results: dict[int, index_pb2.SearchResult] = {}
        searches: dict[int, ShardSearch] = {}
        for number, one in enumerate(request.requests):
            try:
                searches[number] = parse_search(one, deadline_s, clock=self._clock)
            except AlicornError as error:
                results[number] = _failed(error)
        answers = [shard.search_many(list(searches.values())) for shard in self._shards]
        for (number, search), of_shards in zip(
            searches.items(), zip(*answers, strict=True), strict=True
        ):
            try:
                response = self._response(search, of_shards, started)
                results[number] = index_pb2.SearchResult(response=response)
            except AlicornError as error:
                results[number] = _failed(error)
        return index_pb2.SearchBatchResponse(
            results=[results[number] for number in range(len(request.requests))]
        )

    def fetch(self, request: index_pb2.FetchRequest) -> index_pb2.FetchResponse:
        """Return the live documents among those asked for, in that order.

        Raises
        ------
        BadRequest
            If too many are asked for.
        """
        ids = parse_fetch(request)
        found: dict[int, bytes] = {}
        for shard in self._shards:
            found |= shard.fetch_encoded(ids)
        return index_pb2.FetchResponse(
            documents=[photo_pb2.PhotoDocument.FromString(found[i]) for i in ids if i in found]
        )

    def status(self) -> index_pb2.StatusResponse:
        """Return what the process holds, by shard number."""
        return index_pb2.StatusResponse(
            shards=[render_status(shard.status()) for shard in self._shards]
        )

    def _response(
        self, search: ShardSearch, answers: Sequence[ShardAnswer | AlicornError], started: float
    ) -> index_pb2.SearchResponse:
        """Merge what the shards answered.

        Raises
        ------
        AlicornError
            If a shard cannot answer at all, or none had the time.
        """
        found = []
        for answer in answers:
            if isinstance(answer, ShardAnswer):
                found.append(answer)
            elif not isinstance(answer, DeadlineSpent):
                raise answer
        if not found:
            raise DeadlineSpent("the time was over before any shard found anything: allow more")
        whole = [answer for answer in found if CUT_DEADLINE not in answer.cuts]
        cuts = {cut for answer in found for cut in answer.cuts}
        if len(found) < len(answers):
            cuts.add(CUT_DEADLINE)
        # M is a shard's: two shards here give what two processes give.
        hits = Hits.merged([answer.hits for answer in found], search.limit * len(found))
        if isinstance(search.expression, Extract):
            hits = hits.distinct()
        return index_pb2.SearchResponse(
            hits=render_hits(hits),
            coverage=index_pb2.Coverage(
                shards=len(self._shards),
                answered=len(whole),
                documents=sum(shard.view.documents for shard in self._shards),
                documents_answered=sum(answer.documents for answer in whole),
                cuts=sorted(cuts),
            ),
            # Where some were not counted, the sum would be no number of anything.
            matched=sum(a.matched for a in found) if all(a.exact for a in found) else 0,
            unmet_shares=[share for answer in found for share in answer.unmet_shares],
            spent_us=int((self._clock() - started) * 1e6),
        )


def _failed(error: AlicornError) -> index_pb2.SearchResult:
    return index_pb2.SearchResult(error=f"{status_of(error).name}: {error}")
