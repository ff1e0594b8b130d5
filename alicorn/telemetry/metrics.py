"""Metrics: how long searches and calls take, how they end, how far indexing has come.

The series, all under ``alicorn_``:

    search_seconds{step}              histogram   one step of a search, and the "total" of all
    searches_total{outcome}           counter     searches: complete, partial, refused, failed
    rpc_seconds{method}               histogram   one call, as the server saw it
    rpc_total{method,code}            counter     calls by their gRPC code
    photos_total{outcome}             counter     photos understood, known already, failed
    log_sequence{part}                gauge       last write acknowledged (log), searchable (shard)
    web_requests_total{route,status}  counter     answers of the web tier
    web_request_seconds{route}        histogram   from a request to the end of its answer

Labels come from fixed sets: never a query, a viewer or a photo, which would be private and without
bound. Each process has one `Metrics`, made by the command and passed to whoever measures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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

from alicorn.errors import AlicornError

__all__ = ["BUCKETS_S", "CONTENT_TYPE", "Metrics"]

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
"""Of what `Metrics.render` returns."""

# A search takes milliseconds and its steps a part of one; beyond 5 s the deadline has ended it.
BUCKETS_S: Final = (
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
)  # fmt: skip
"""Upper bounds of the histograms' buckets, in seconds."""


class Metrics:
    """The series of one process, in a registry of their own. Safe for threads.

    Beside Alicorn's own there are those of the process: memory, CPU, open files.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self._registry)
        self._search_seconds = self._histogram("search_seconds", "Time of one step.", ["step"])
        self._searches = self._counter("searches_total", "Searches by outcome.", ["outcome"])
        self._rpc_seconds = self._histogram(
            "rpc_seconds", "Time of one call, as the server saw it.", ["method"]
        )
        self._rpcs = self._counter("rpc_total", "Calls by gRPC code.", ["method", "code"])
        self._photos = self._counter("photos_total", "Photos by outcome.", ["outcome"])
        self._log_sequence = Gauge(
            "alicorn_log_sequence",
            "Last write that a part has; NaN when it cannot be read.",
            ["part"],
            registry=self._registry,
        )
        self._requests = self._counter(
            "web_requests_total", "Requests answered.", ["route", "status"]
        )
        self._request_seconds = self._histogram(
            "web_request_seconds", "Time from a request to the end of its answer.", ["route"]
        )

    def search_step(self, name: str, seconds: float) -> None:
        """Count one step of a search."""
        self._search_seconds.labels(name).observe(seconds)

    def search_ended(self, outcome: str) -> None:
        """Count one search: ``complete``, ``partial``, ``refused`` or ``failed``."""
        self._searches.labels(outcome).inc()

    def rpc(self, method: str, code: str, seconds: float) -> None:
        """Count one call of ``method`` (``/package.Service/Method``) that ended with ``code``."""
        self._rpc_seconds.labels(method).observe(seconds)
        self._rpcs.labels(method, code).inc()

    def photos(self, outcome: str, count: int) -> None:
        """Count photos of the folder: ``understood``, ``known`` or ``failed``."""
        self._photos.labels(outcome).inc(count)

    def log_part(self, part: str, sequence: Callable[[], int]) -> None:
        """Tell how far ``part`` (``log``, ``shard-3``) is; ``sequence`` is asked at each render."""

        def read() -> float:
            try:
                return float(sequence())
            except AlicornError:
                # A log that cannot be read is seen as a gap; the other series are needed then.
                return math.nan

        self._log_sequence.labels(part).set_function(read)

    def web_request(self, route: str, status: int, seconds: float) -> None:
        """Count one answer of the web tier, under its route's name."""
        self._requests.labels(route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def render(self) -> bytes:
        """Return every series in Prometheus's text form; its type is `CONTENT_TYPE`."""
        return generate_latest(self._registry)

    def _counter(self, name: str, about: str, labels: Sequence[str]) -> Counter:
        return Counter(f"alicorn_{name}", about, labels, registry=self._registry)

    def _histogram(self, name: str, about: str, labels: Sequence[str]) -> Histogram:
        return Histogram(
            f"alicorn_{name}", about, labels, buckets=BUCKETS_S, registry=self._registry
        )
