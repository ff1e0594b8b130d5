"""The forward index: one array a field, in DocId order.

What scoring, ranges, privacy lineage and the second stage need of a document without reading the
document itself. Local id i is row i of every column. Codes are columns too, 32 bytes a row; the
joint codes are stored only where a document has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from alicorn.documents import PhotoDocument
from alicorn.documents.model import CODE_BYTES, UNKNOWN_TIME

__all__ = [
    "CODES",
    "COLUMNS",
    "HAS_FINGERPRINT",
    "HAS_JOINT",
    "HAS_VISUAL",
    "RANGE_FIELDS",
    "Columns",
    "columns_of",
]

Columns: TypeAlias = Mapping[str, npt.NDArray[Any]]

HAS_VISUAL: Final = 1
HAS_JOINT: Final = 2
HAS_FINGERPRINT: Final = 4
"""Bits of ``flags``: which codes a document has; a code of zeros is one too."""

COLUMNS: Final[Mapping[str, str]] = {
    "ids": "<u8",
    "sort_keys": "<u4",
    "authors": "<u8",
    "audiences": "<u1",
    "taken_at": "<i8",
    "quality": "<f4",
    "popularity": "<u4",
    "widths": "<u2",
    "heights": "<u2",
    "text_lengths": "<u2",
    "top_tags": "<u1",
    "tag_counts": "<u1",
    "fingerprint_qualities": "<u1",
    "flags": "<u1",
}
"""Scalar columns and their types. Sizes above 65,535 pixels or words are kept as that."""

CODES: Final = ("visual", "joint", "fingerprints")
"""Columns of `CODE_BYTES` a row, zeros where a document has none."""

RANGE_FIELDS: Final[Mapping[str, str]] = {
    "taken-at": "taken_at",
    "sort-key": "sort_keys",
    "popularity": "popularity",
    "width": "widths",
    "height": "heights",
}
"""Fields of `range`, and the column of each."""

_U16: Final = 65_535


def columns_of(
    documents: Sequence[PhotoDocument],
    *,
    text_lengths: Sequence[int],
    top_tags: Sequence[int],
) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of ``documents``, one row each, in their order.

    Parameters
    ----------
    text_lengths : sequence of int
        Words indexed for each document, repeats counted.
    top_tags : sequence of int
        The largest tag byte of each document, 0 without tags.
    """
    scalars: dict[str, list[Any]] = {
        "ids": [d.id for d in documents],
        "sort_keys": [d.sort_key for d in documents],
        "authors": [d.author for d in documents],
        "audiences": [int(d.audience.kind) for d in documents],
        "taken_at": [UNKNOWN_TIME if d.taken_at is None else d.taken_at for d in documents],
        "quality": [d.quality for d in documents],
        "popularity": [d.popularity for d in documents],
        "widths": [min(d.width, _U16) for d in documents],
        "heights": [min(d.height, _U16) for d in documents],
        "text_lengths": [min(length, _U16) for length in text_lengths],
        "top_tags": list(top_tags),
        "tag_counts": [len(d.tags) for d in documents],
        "fingerprint_qualities": [min(d.fingerprint_quality, 255) for d in documents],
        "flags": [_flags(d) for d in documents],
    }
    found = {name: np.array(scalars[name], dtype=kind) for name, kind in COLUMNS.items()}
    found["visual"] = _codes([d.visual for d in documents])
    found["joint"] = _codes([d.joint for d in documents])
    found["fingerprints"] = _codes([d.fingerprint for d in documents])
    return found


def _flags(document: PhotoDocument) -> int:
    return (
        (HAS_VISUAL if document.visual else 0)
        | (HAS_JOINT if document.joint else 0)
        | (HAS_FINGERPRINT if document.fingerprint else 0)
    )


def _codes(codes: Sequence[bytes]) -> npt.NDArray[np.uint8]:
    joined = b"".join(code or b"\0" * CODE_BYTES for code in codes)
    return np.frombuffer(joined, dtype=np.uint8).reshape(-1, CODE_BYTES)
