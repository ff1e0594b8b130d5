"""Loops over the list directory: entries, rows of lists, lists decoded; see `encode`."""

from __future__ import annotations

__all__: list[str] = []
