"""What a segment knows of a document by its number: its tags, and what no column holds.

byterows.py  rows of bytes of any length, and where each begins
tags.py      the tags of each document: numbers of terms and confidence bytes
bodies.py    the rest of a document, and the whole put together again
"""

from __future__ import annotations

__all__ = ["bodies", "byterows", "tags"]
