"""Several segments to the bytes of one, without what is dead.

Works on arrays, not on documents: local ids are renumbered into the DocId order of the whole, the
changes of each term are built in, and terms without a hit disappear. Merging the segments of two
sets of documents gives byte for byte the segment that `postings.builder.build` makes of their
union.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from alicorn.documents.model import CODE_BYTES
from alicorn.documents.ordering import document_order
from indexserver.postings.builder import assemble
from indexserver.postings.columns import CODES, COLUMNS
from indexserver.view import SegmentView

__all__ = ["merge"]


def merge(parts: Sequence[SegmentView]) -> bytes:
    """Return the bytes of one segment with the live documents of ``parts``.

    Parameters
    ----------
    parts : sequence of SegmentView
        At least one; a document is live in one of them at most.

    Raises
    ------
    BadRequest
        If a document is live in two of them.
    """
    kept = [_kept(part) for part in parts]
    columns = _columns(parts, kept)
    order = document_order(columns["sort_keys"], columns["ids"])
    columns = {name: column[order] for name, column in columns.items()}
    new_local = np.empty(order.size, dtype=np.uint32)
    new_local[order] = np.arange(order.size, dtype=np.uint32)

    keys, offsets, postings, hitdata = _postings(parts, kept, new_local)
    encoded = [
        part.segment.encoded_document(local)
        for part, locals_ in zip(parts, kept, strict=True)
        for local in locals_.tolist()
    ]
    return assemble(
        keys,
        posting_offsets=offsets,
        postings=postings,
        hitdata=hitdata,
        columns=columns,
        documents=[encoded[i] for i in order.tolist()],
        first_sequence=min(part.segment.first_sequence for part in parts),
        last_sequence=max(part.segment.last_sequence for part in parts),
    )


def _kept(part: SegmentView) -> npt.NDArray[np.intp]:
    """Local ids that live, ascending."""
    if part.live is None:
        return np.arange(part.segment.documents)
    return np.flatnonzero(part.live)


def _columns(
    parts: Sequence[SegmentView], kept: Sequence[npt.NDArray[np.intp]]
) -> dict[str, npt.NDArray[Any]]:
    columns = {}
    for name in (*COLUMNS, *CODES):
        pieces = []
        for part, locals_ in zip(parts, kept, strict=True):
            column = part.segment.columns.get(name)
            if column is None:  # a segment without joint codes beside one that has them
                column = np.zeros((part.segment.documents, CODE_BYTES), dtype=np.uint8)
            pieces.append(column[locals_])
        columns[name] = np.concatenate(pieces)
    return columns


def _postings(
    parts: Sequence[SegmentView],
    kept: Sequence[npt.NDArray[np.intp]],
    new_local: npt.NDArray[np.uint32],
) -> tuple[list[bytes], npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Return keys, offsets, local ids and HitData of all lists together."""
    keys = sorted({key for part in parts for key in [*part.segment.terms.keys(), *part.changes]})
    number = {key: i for i, key in enumerate(keys)}
    terms, ids, hits = [], [], []
    first = 0
    for part, locals_ in zip(parts, kept, strict=True):
        segment = part.segment
        renumbered = np.full(segment.documents, -1, dtype=np.int64)
        renumbered[locals_] = new_local[first : first + locals_.size]
        first += locals_.size

        stored = segment.terms.keys()
        of_term = np.array([number[key] for key in stored], dtype=np.int64)
        unchanged = np.array([key not in part.changes for key in stored], dtype=np.bool_)
        ends = segment.posting_offsets.astype(np.int64)
        lengths = ends[1:] - ends[:-1]
        take = np.repeat(unchanged, lengths)
        pieces = [
            (np.repeat(of_term, lengths)[take], segment.postings[take], segment.hitdata[take])
        ]
        for key in part.changes:
            now = part.list_of(key)
            pieces.append((np.full(now.ids.size, number[key], dtype=np.int64), now.ids, now.hits))
        for piece_terms, piece_ids, piece_hits in pieces:
            moved = renumbered[piece_ids]
            alive = moved >= 0
            terms.append(piece_terms[alive])
            ids.append(moved[alive].astype(np.uint32))
            hits.append(piece_hits[alive])

    all_terms, all_ids, all_hits = np.concatenate(terms), np.concatenate(ids), np.concatenate(hits)
    order = np.lexsort((all_ids, all_terms))
    counts = np.bincount(all_terms, minlength=len(keys))
    used = np.flatnonzero(counts)
    offsets = np.zeros(used.size + 1, dtype=np.uint64)
    np.cumsum(counts[used], out=offsets[1:])
    return [keys[i] for i in used.tolist()], offsets, all_ids[order], all_hits[order]
