"""Loops that write and read the blocks of front-coded terms."""

from __future__ import annotations

__all__: list[str] = []
