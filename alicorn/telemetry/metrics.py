"""Metrics: how long searches and calls take, how they end, how far indexing has come.

The series, all under ``alicorn_``:

    search_seconds{step}        histogram   one step of a search: understand, rewrite, fan-out ...
    searches_total{outcome}     counter     searches: complete, partial, failed
    rpc_seconds{method}         histogram   one call, as the server saw it
    rpc_total{method,code}      counter     calls by their gRPC code
    photos_total{outcome}       counter     photos understood, skipped, failed
    log_sequence{part}          gauge       last write acknowledged (log) and searchable (a shard)

Labels come from fixed sets: never a query, a viewer or a photo, which would be private and without
bound. Each process has one `Metrics`, made by the command and passed to whoever measures.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

__all__ = ["BUCKETS_S", "CONTENT_TYPE", "Metrics"]

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
"""Of what `Metrics.render` returns."""

# A search takes milliseconds and its steps a part of one; beyond 5 s the deadline has ended it.
BUCKETS_S: Final = (
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
)  # fmt: skip
"""Upper bounds of the histograms' buckets, in seconds."""


class Metrics:
    """The series of one process. Safe for threads.

    Parameters
    ----------
    registry : CollectorRegistry or None
        Where the series are kept; None makes a new one, which also has the process's own
        (memory, CPU, open files).
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        if registry is None:
            registry = CollectorRegistry(auto_describe=True)
            ProcessCollector(registry=registry)
        self.registry = registry
        self._search_seconds = Histogram(
            "alicorn_search_seconds",
            "Time of one step of a search.",
            ["step"],
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._searches = Counter(
            "alicorn_searches_total", "Searches by outcome.", ["outcome"], registry=registry
        )
        self._rpc_seconds = Histogram(
            "alicorn_rpc_seconds",
            "Time of one call, as the server saw it.",
            ["method"],
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._rpcs = Counter(
            "alicorn_rpc_total", "Calls by gRPC code.", ["method", "code"], registry=registry
        )
        self._photos = Counter(
            "alicorn_photos_total", "Photos by outcome.", ["outcome"], registry=registry
        )
        self._log_sequence = Gauge(
            "alicorn_log_sequence", "Last write that a part has.", ["part"], registry=registry
        )

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure one step of a search, however it ends."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.search_step(name, time.perf_counter() - started)

    def search_step(self, name: str, seconds: float) -> None:
        """Count one step of a search that was measured elsewhere."""
        self._search_seconds.labels(name).observe(seconds)

    def search_ended(self, outcome: str) -> None:
        """Count one search: ``complete``, ``partial`` or ``failed``."""
        self._searches.labels(outcome).inc()

    def rpc(self, method: str, code: str, seconds: float) -> None:
        """Count one call of ``method`` (``/package.Service/Method``) that ended with ``code``."""
        self._rpc_seconds.labels(method).observe(seconds)
        self._rpcs.labels(method, code).inc()

    def photo(self, outcome: str) -> None:
        """Count one photo: ``understood``, ``skipped`` or ``failed``."""
        self._photos.labels(outcome).inc()

    def log_reached(self, part: str, sequence: int) -> None:
        """Note that ``part`` (``log``, ``shard-3``) has every write up to ``sequence``."""
        self._log_sequence.labels(part).set(sequence)

    def render(self) -> bytes:
        """Return every series in Prometheus's text form; its type is `CONTENT_TYPE`."""
        return generate_latest(self.registry)
