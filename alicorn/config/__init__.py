"""Settings from outside, read in one place and checked at birth.

`cluster` describes which process serves what (`cluster.toml`), `serving` how a query is served, and
`places` where libraries, caches and state are kept on this machine.
"""

from __future__ import annotations

__all__: list[str] = []
