"""Loops that find terms: hashing, the directory, and verifying one term in its block."""

from __future__ import annotations

__all__: list[str] = []
