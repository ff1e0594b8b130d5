"""Simple ways to search, to compare with; each is a `ranker.evaluation.measuring.Ranking`.

    chance.py       a seeded shuffle: what a figure is worth
    tag_match.py    the query must be the name of a tag; confidences are added
    bm25.py         BM25 over texts, by bm25s (extra `bench`)
    conse.py        ConSE: a photo's vector is the mean of its concepts', near the query's
    projection.py   Dropbox's formula, a photo's confidences times the query's projection

Ties are broken by the order of the uris that a baseline was given.
"""

from __future__ import annotations

__all__ = ["bm25", "chance", "conse", "projection", "tag_match"]
