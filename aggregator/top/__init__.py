"""The top aggregator: a query from words to modules.

`life` has the whole path in order, the other files its steps: `rewrite` words to expressions,
`sight` who may see what, `ranking` hits to the second stage, `present` documents to results,
`explain` the chain for one photo.
"""

from __future__ import annotations

__all__: list[str] = []
