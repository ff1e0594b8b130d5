"""Loops that verify the lists of a segment before any kernel follows them; see `lists`."""

from __future__ import annotations

__all__: list[str] = []
