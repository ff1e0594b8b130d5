"""Meaning: from words that name no concept to the concepts nearest to what they mean.

space.py        what any vectors of words are to the rest: senses of a term, as vectors
"""

from __future__ import annotations

__all__ = ["space"]
