"""Loops of the term dictionary: hashing, front coding, look-ups. `dictionary` is their face."""

from __future__ import annotations

__all__: list[str] = []
