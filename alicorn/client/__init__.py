"""The public API for other programs: search an Alicorn server over gRPC.

from alicorn.client import SearchClient
from alicorn.api.search.v1 import search_pb2

with SearchClient("127.0.0.1:8738") as alicorn:
    answer = alicorn.search(search_pb2.SearchRequest(query="cat"))
"""

from __future__ import annotations

from alicorn.client.search import SearchClient

__all__ = ["SearchClient"]
