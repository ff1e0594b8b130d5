"""Photo search: what every tier speaks.

`alicorn` holds the wire contracts (`api`), the query language (`query`), the document model
(`documents`), the update log and the authoritative graph (`log`) and the plumbing (`rpc`,
`config`, `telemetry`). `alicorn.client` is the public API for other programs, and
`alicorn.command` is the roof that puts the tiers together.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.0.1.dev0"
