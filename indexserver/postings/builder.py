"""Documents to the bytes of a segment.

Local ids follow DocId order (sort-key descending, id ascending), so a posting list in order of
local ids is in static-rank order, and the first hits of a list are its best ones. The same bytes
are a file on disk or a segment in memory.

    header      JSON: counts and the range of the log that the segment holds
    terms, term_offsets            the dictionary
    posting_offsets                u64, terms + 1: where each list begins
    postings                       u32: local ids, ascending in each list
    hitdata                        u8: the byte beside each hit
    columns and codes              see `columns`
    by_id                          u32: local ids in order of document id
    documents, document_offsets    `alicorn.documents.codec`, and u64 where each begins

Documents 7 (sort-key 5) and 9 (sort-key 6) with ``tag:cat`` on both get local ids 1 and 0; the
list of ``tag:cat`` is 0, 1 and ``by_id`` is 1, 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from alicorn.documents import PhotoDocument
from alicorn.documents.codec import encode
from alicorn.documents.terms import terms_of
from alicorn.errors import BadRequest
from indexserver.postings.columns import CODES, COLUMNS, HAS_JOINT, Columns, columns_of
from indexserver.postings.dictionary import TermDictionary, term_key
from indexserver.postings.layout import FORMAT, pack_sections

__all__ = ["assemble", "build"]


def build(
    documents: Iterable[PhotoDocument], *, first_sequence: int = 0, last_sequence: int = 0
) -> bytes:
    """Return the bytes of a segment that holds ``documents``.

    The same documents give the same bytes, in whatever order they come.

    Parameters
    ----------
    documents : iterable of PhotoDocument
        Ids distinct; any order.
    first_sequence, last_sequence : int
        Range of the log that they come from.

    Raises
    ------
    BadRequest
        If two documents have the same id.
    """
    rows = sorted(documents, key=lambda d: (-d.sort_key, d.id))
    lists: dict[bytes, tuple[list[int], list[int]]] = {}
    text_lengths, top_tags = [], []
    for local, document in enumerate(rows):
        words = top = 0
        for term in terms_of(document):
            ids, hits = lists.setdefault(term_key(term.edge, term.value), ([], []))
            ids.append(local)
            hits.append(term.hitdata)
            if term.edge == "text":
                words += term.hitdata
            elif term.edge == "tag":
                top = max(top, term.hitdata)
        text_lengths.append(words)
        top_tags.append(top)
    keys = sorted(lists)
    offsets = np.zeros(len(keys) + 1, dtype=np.uint64)
    np.cumsum([len(lists[key][0]) for key in keys], out=offsets[1:])
    return assemble(
        keys,
        posting_offsets=offsets,
        postings=np.array([i for key in keys for i in lists[key][0]], dtype=np.uint32),
        hitdata=np.array([h for key in keys for h in lists[key][1]], dtype=np.uint8),
        columns=columns_of(rows, text_lengths=text_lengths, top_tags=top_tags),
        documents=[encode(document) for document in rows],
        first_sequence=first_sequence,
        last_sequence=last_sequence,
    )


def assemble(
    keys: Sequence[bytes],
    *,
    posting_offsets: npt.NDArray[np.uint64],
    postings: npt.NDArray[np.uint32],
    hitdata: npt.NDArray[np.uint8],
    columns: Columns,
    documents: Sequence[bytes],
    first_sequence: int,
    last_sequence: int,
) -> bytes:
    """Return the bytes of a segment from its parts, which are already in DocId order.

    Raises
    ------
    BadRequest
        If two rows have the same document id.
    """
    ids = columns["ids"]
    by_id = np.argsort(ids, kind="stable").astype(np.uint32)
    repeated = np.flatnonzero(ids[by_id[1:]] == ids[by_id[:-1]])
    if repeated.size:
        raise BadRequest(f"document {ids[by_id[repeated[0]]]} stands twice in one segment")
    dictionary = TermDictionary.of(keys)
    document_offsets = np.zeros(len(documents) + 1, dtype=np.uint64)
    np.cumsum([len(document) for document in documents], out=document_offsets[1:])
    header: dict[str, Any] = {
        "documents": len(documents),
        "first_sequence": first_sequence,
        "format": FORMAT,
        "last_sequence": last_sequence,
        "postings": int(postings.size),
        "terms": len(keys),
    }
    sections: dict[str, bytes] = {
        "header": json.dumps(header, sort_keys=True).encode(),
        "terms": dictionary.blob.tobytes(),
        "term_offsets": dictionary.offsets.tobytes(),
        "posting_offsets": posting_offsets.tobytes(),
        "postings": postings.tobytes(),
        "hitdata": hitdata.tobytes(),
    }
    sections |= {name: columns[name].tobytes() for name in COLUMNS}
    for name in CODES:
        # Joint codes exist only once the two towers are trained: no room for them before.
        if name != "joint" or np.any(columns["flags"] & HAS_JOINT):
            sections[name] = columns[name].tobytes()
    sections["by_id"] = by_id.tobytes()
    sections["document_offsets"] = document_offsets.tobytes()
    sections["documents"] = b"".join(documents)
    return pack_sections(sections)
