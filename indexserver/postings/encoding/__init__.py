"""Loops that write lists: choosing the form of each, and every section; see `encode`."""

from __future__ import annotations

__all__: list[str] = []
