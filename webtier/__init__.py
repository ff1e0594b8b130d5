"""The web tier: the results page and the JSON API, the room that people see first.

It speaks to the top aggregator through `SearchBackend` alone, in one process by direct calls and in
a cluster over gRPC, and holds no photo, index or ranking of its own. A page is rendered on the
server and works without JavaScript; a few small modules then add the keyboard, the details panel
and live progress.

`webtier.app.create_app` makes the Starlette application, `webtier.server` runs it, and
`webtier.json_view` gives the JSON that the API and the command line share.
"""

from __future__ import annotations

from webtier.backend import SearchBackend
from webtier.config import WebConfig
from webtier.json_view import explain_json, search_json, status_json

__all__ = ["SearchBackend", "WebConfig", "explain_json", "search_json", "status_json"]
