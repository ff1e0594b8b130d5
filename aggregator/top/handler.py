"""The top in one process: every method of `SearchService` as a plain call.

The same five methods as `alicorn.client.SearchClient`, so a page or a command cannot tell whether
it talks to its own process or to a cluster.
"""

from __future__ import annotations

from aggregator.direct import DirectDriver, Handler
from aggregator.top.measured import measured
from aggregator.top.top import Top
from alicorn.api.search.v1 import search_pb2
from alicorn.telemetry import Metrics

__all__ = ["TopHandler"]


class TopHandler:
    """Runs `Top` by calling the rack's handler directly.

    Parameters
    ----------
    top : Top
    rack : Handler
        Answers "Search", "Fetch" and "Status" of the rack.
    allowed_s : float
        Seconds for a request that brings no deadline of its own.
    metrics : Metrics or None
        Where searches are counted; None counts none.
    """

    def __init__(
        self, top: Top, rack: Handler, *, allowed_s: float, metrics: Metrics | None = None
    ) -> None:
        self._top = top
        self._driver = DirectDriver({"rack": rack})
        self._allowed_s = allowed_s
        self._metrics = metrics

    def search(
        self, request: search_pb2.SearchRequest, allowed_s: float | None = None
    ) -> search_pb2.SearchResponse:
        """Answer a query for a viewer."""
        policy = self._top.search(request, self._seconds(allowed_s))
        return self._driver.run(measured(policy, self._metrics))

    def explain(
        self, request: search_pb2.ExplainRequest, allowed_s: float | None = None
    ) -> search_pb2.ExplainResponse:
        """Tell why one photo stands where it stands."""
        return self._driver.run(self._top.explain(request, self._seconds(allowed_s)))

    def get_picture(
        self, request: search_pb2.GetPictureRequest, allowed_s: float | None = None
    ) -> search_pb2.GetPictureResponse:
        """Return a small picture, to those who may see the photo."""
        return self._driver.run(self._top.get_picture(request, self._seconds(allowed_s)))

    def list_viewers(
        self, request: search_pb2.ListViewersRequest, allowed_s: float | None = None
    ) -> search_pb2.ListViewersResponse:
        """Name the people whom one may search as."""
        return self._driver.run(self._top.list_viewers(request, self._seconds(allowed_s)))

    def get_status(
        self, request: search_pb2.GetStatusRequest, allowed_s: float | None = None
    ) -> search_pb2.GetStatusResponse:
        """Say what is served and how far understanding has come."""
        return self._driver.run(self._top.get_status(request, self._seconds(allowed_s)))

    def _seconds(self, allowed_s: float | None) -> float:
        return self._allowed_s if allowed_s is None else min(allowed_s, self._allowed_s)
