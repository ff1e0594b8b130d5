"""Loops of the windowed forms, SPARSE and DENSE: sizes, writing, reading; see `forms`."""

from __future__ import annotations

__all__: list[str] = []
