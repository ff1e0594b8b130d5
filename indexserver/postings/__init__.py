"""Segments: immutable files of posting lists, forward columns and documents.

layout.py       magic, section table, checksums: bytes <-> named sections
dictionary.py   sorted terms, searched where they lie
columns.py      the forward index: one array a field, in DocId order
builder.py      documents -> the bytes of a segment
segment.py      the bytes of a segment, checked, as arrays
"""

from __future__ import annotations

__all__ = ["builder", "columns", "dictionary", "layout", "segment"]
