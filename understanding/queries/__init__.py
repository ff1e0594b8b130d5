"""Queries: what the words that somebody typed ask for.

`understand` cuts a query into `filters` and words, puts `emoji` into words, guesses the language,
keeps the longest `terms` together, and leaves `stopwords` out; `model` is what comes back,
`embedding` makes a point of it, and `config` says what may be used. No image model and no network
takes part (PS-09, DB-06).
"""

from __future__ import annotations

from understanding.queries.config import UnderstandingConfig
from understanding.queries.kinds import Kind
from understanding.queries.model import Dropped, Phrase, TypedFilter, Understanding
from understanding.queries.terms import Terms
from understanding.queries.understand import understand

__all__ = [
    "Dropped",
    "Kind",
    "Phrase",
    "Terms",
    "TypedFilter",
    "Understanding",
    "UnderstandingConfig",
    "understand",
]
