"""A search, counted: how it ended and how long each of its steps took."""

from __future__ import annotations

from typing import Final

from aggregator.exchange import Policy
from alicorn.api.search.v1 import search_pb2
from alicorn.errors import BadRequest, Forbidden, NotFound, Unauthenticated, Unsupported
from alicorn.telemetry import Metrics

__all__ = ["measured"]

# What the caller must change: a mistyped query wakes nobody.
_REFUSALS: Final = (BadRequest, Unsupported, Unauthenticated, Forbidden, NotFound)


def measured(
    policy: Policy[search_pb2.SearchResponse], metrics: Metrics | None
) -> Policy[search_pb2.SearchResponse]:
    """Run ``policy`` as it is, and tell ``metrics``, where there are any, what came of it.

    A search is partial when a shard did not answer, or not to its end, and refused when the caller
    has something to change. One that its caller gave up is not counted: nobody knows how it would
    have ended.
    """
    if metrics is None:
        return (yield from policy)
    try:
        response = yield from policy
    except _REFUSALS:
        metrics.search_ended("refused")
        raise
    except Exception:
        metrics.search_ended("failed")
        raise
    coverage = response.coverage
    metrics.search_ended("complete" if coverage.answered == coverage.shards else "partial")
    for step, milliseconds in response.timings_ms.items():
        metrics.search_step(step, milliseconds / 1e3)
    return response
