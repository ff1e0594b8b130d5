"""Points by match: each match is looked up in each list."""

from __future__ import annotations

__all__: list[str] = []
