"""Compact embeddings: distances between 256-bit codes."""

from __future__ import annotations

__all__ = ["hamming"]
