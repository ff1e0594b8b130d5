"""One list in one window: where its hits lie, and whether it holds a document."""

from __future__ import annotations

__all__: list[str] = []
