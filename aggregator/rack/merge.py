"""One merge: what has answered, what is lost, and the page that comes of it.

A plain object without sockets or clocks. A lost index server costs its share of the results and is
said in the coverage; only when nobody answered is there no page.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aggregator.hits import HitArrays, merged, parse_hits, render_hits
from alicorn.api.index.v1 import index_pb2
from alicorn.api.rack.v1 import rack_pb2
from alicorn.errors import AlicornError, BadRequest, TryElsewhere, Unsupported

__all__ = ["KnownServer", "Merge"]


@dataclass(frozen=True, slots=True)
class KnownServer:
    """What a rack knows of one index server before it answers."""

    target: str
    shards: int
    """Shards that it holds."""
    documents: int = 0
    """Documents in them, as last reported."""


@dataclass(slots=True)
class Merge:
    """Answers of one fan-out, to be merged into at most ``limit`` hits."""

    limit: int
    servers: dict[str, KnownServer]
    """Everybody who was asked, by target."""
    _hits: list[HitArrays] = field(default_factory=list)
    _coverages: list[index_pb2.Coverage] = field(default_factory=list)
    _matched: list[int | None] = field(default_factory=list)
    """None where a server did not count all."""
    _unmet: list[str] = field(default_factory=list)
    _lost: list[tuple[str, AlicornError]] = field(default_factory=list)

    def answered(self, response: index_pb2.SearchResponse) -> None:
        """Take one server's answer; ShapeError if its arrays do not fit together."""
        self._hits.append(parse_hits(response.hits))
        self._coverages.append(response.coverage)
        counted = response.matched >= response.hits.count
        self._matched.append(response.matched if counted else None)
        self._unmet.extend(response.unmet_shares)

    def lost(self, target: str, error: AlicornError) -> None:
        """Take that ``target`` gave no answer.

        Raises
        ------
        BadRequest, Unsupported
            If the request itself is at fault: every server would say the same.
        """
        if isinstance(error, BadRequest | Unsupported):
            raise error
        self._lost.append((target, error))

    def page(self) -> rack_pb2.SearchResponse:
        """Return the merged answer.

        Raises
        ------
        AlicornError
            If nobody answered: the first reason.
        """
        if not self._hits:
            raise self._lost[0][1] if self._lost else TryElsewhere("there is no index server")
        coverage = index_pb2.Coverage()
        cuts: set[str] = set()
        for part in self._coverages:
            coverage.shards += part.shards
            coverage.answered += part.answered
            coverage.documents += part.documents
            coverage.documents_answered += part.documents_answered
            cuts.update(part.cuts)
        for target, _ in self._lost:
            coverage.shards += self.servers[target].shards
            coverage.documents += self.servers[target].documents
        coverage.cuts.extend(sorted(cuts))
        return rack_pb2.SearchResponse(
            hits=render_hits(merged(self._hits, self.limit)),
            coverage=coverage,
            matched=sum(filter(None, self._matched)) if None not in self._matched else 0,
            unmet_shares=self._unmet,
        )
