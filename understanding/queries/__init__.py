"""Queries: what the words that somebody typed ask for.

`understand` cuts a query into `filters` and words, puts `emoji` into words, keeps the longest terms
of the concepts' lexicon together, and leaves `stopwords` out; `model` is what comes back. No image
model and no network takes part (PS-09, DB-06).
"""

from __future__ import annotations

from understanding.queries.model import Phrase, Understanding
from understanding.queries.understand import understand

__all__ = ["Phrase", "Understanding", "understand"]
