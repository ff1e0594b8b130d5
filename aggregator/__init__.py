"""Rack and top aggregators: fan-out, merge, rewriting, privacy, second stage, modules.

Policies here own no socket, clock or task: they are generators that yield what must be done
(`exchange.Calls`, `exchange.Work`) and receive the answers. Two drivers run them: `direct` in the
caller's thread, and `asynchronous` over gRPC. `rack` merges shards, `top` lives a query.
"""

from __future__ import annotations

__all__: list[str] = []
