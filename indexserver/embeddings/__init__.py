"""Compact embeddings: distances between 256-bit codes, and the nearest of them.

hamming.py    distances of one code to some documents
nearest.py    the k nearest, under any filter
within.py     all within a radius, as a bitmap
inputs.py     what must hold of arrays before their addresses reach a kernel
search/       the loop that finds the nearest
_kernels.py   distances by addresses, for whoever has a window of documents at hand
"""

from __future__ import annotations

__all__ = ["hamming", "nearest", "within"]
