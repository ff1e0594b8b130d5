"""Segments: immutable files of posting lists, forward columns and documents.

layout.py       magic, section table, checksums: bytes <-> named sections
forms.py        how a list lies in memory, and the row that describes one to a kernel
encode.py       lists -> their sections; lists.py: the sections, verified, as rows
thawed.py       cold lists that were read from flash; cold.py: their pages of a mapped file
dictionary.py   sorted terms, searched where they lie
columns.py      the forward index: one array a field, in DocId order
forward/        what else there is by document: its tags, and the rest of it
builder.py      documents -> the bytes of a segment
reader.py       sections as arrays of the sizes that were promised
segment.py      the bytes of a segment, checked, as arrays

Folders with nothing but `_kernels` are loops: directory, encoding, packed, verify and windows of
lists, terms of the dictionary.
"""

from __future__ import annotations

__all__ = [
    "builder",
    "cold",
    "columns",
    "dictionary",
    "encode",
    "forms",
    "forward",
    "layout",
    "lists",
    "reader",
    "segment",
    "thawed",
]
