"""Loops over the list directory: choosing forms, writing entries, rows of lists; see `encode`."""

from __future__ import annotations

__all__: list[str] = []
