"""Texts: what is known of the words of captions, whoever's captions they are.

statistics.py   how common a word is, and so what it is worth to find it
related.py      words that say nearly the same: a bike is a bicycle, and who sits was sitting
words.py        both, as the rewriting of queries asks for them
build.py        related words out of captions, for `alicorn train related-words`

Both ship, made of captions of public photos, and are the same for everybody: what they do to an
answer can tell nothing of photos that a viewer may not see (docs/decisions/002).
"""

from __future__ import annotations

__all__ = ["build", "related", "statistics", "words"]
