"""How the tiers talk: packed arrays, error codes, servers and channels with the right settings."""

from __future__ import annotations

__all__: list[str] = []
