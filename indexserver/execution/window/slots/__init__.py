"""Slots: sets of a window's documents, and what a step of a program makes of one."""

from __future__ import annotations

__all__: list[str] = []
