"""The loops of the search for the nearest codes."""

from __future__ import annotations

__all__: list[str] = []
