"""What the web tier asks of the top aggregator: five calls, in the messages of the wire.

In one process the aggregator is called directly, in a cluster over gRPC; the page cannot tell.
"""

from __future__ import annotations

from typing import Protocol

from alicorn.api.search.v1 import search_pb2 as pb

__all__ = ["SearchBackend"]


class SearchBackend(Protocol):
    """`alicorn.api.search.v1.SearchService`, as plain synchronous calls.

    Implementations are thread-safe: requests arrive from a pool of threads. All methods raise
    subclasses of `alicorn.errors.AlicornError` and nothing else on purpose; a picture or photo that
    the viewer may not see is `NotFound`, exactly as one that does not exist.
    """

    def search(self, request: pb.SearchRequest) -> pb.SearchResponse:
        """Answer a query: modules in the order of the page, photos best first."""
        ...

    def explain(self, request: pb.ExplainRequest) -> pb.ExplainResponse:
        """Tell why one photo stands where it stands."""
        ...

    def get_picture(self, request: pb.GetPictureRequest) -> pb.GetPictureResponse:
        """Return a small JPEG without metadata."""
        ...

    def list_viewers(self, request: pb.ListViewersRequest) -> pb.ListViewersResponse:
        """Name the people whom one may search as."""
        ...

    def get_status(self, request: pb.GetStatusRequest) -> pb.GetStatusResponse:
        """Say what is served and how far understanding has come."""
        ...
