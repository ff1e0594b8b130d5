"""Points by document: each list is walked into a row of sums."""

from __future__ import annotations

__all__: list[str] = []
