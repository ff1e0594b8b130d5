"""The loops of the term dictionary: `coding` writes and reads its blocks, `lookup` finds terms."""

from __future__ import annotations

__all__: list[str] = []
