"""Corpora that benchmarks search: posting lists made from a seed in seconds, kept in a folder.

synthetic.py    A: synthetic documents, Zipf vocabulary with topics
split.py        B: the documents of A in several segments, some deleted
captions.py     C: captions that people wrote, repeated
short_lists.py  D: millions of short lists
photos.py       photos with 50 tags each, as documents
trees.py        rows of features, and trees over them
corpus.py       what A and C have in common; saved and read again
assembled.py    a corpus as segments, through the index server's own builder
"""

from __future__ import annotations

__all__ = [
    "assembled",
    "captions",
    "corpus",
    "photos",
    "short_lists",
    "split",
    "synthetic",
    "trees",
]
