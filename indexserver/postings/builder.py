"""Documents to the bytes of a segment.

Local ids follow DocId order (sort-key descending, id ascending), so a posting list in order of
local ids is in static-rank order, and the first hits of a list are its best ones. The same bytes
are a file on disk or a segment in memory.

    header                           JSON: counts and the range of the log that the segment holds
    terms, term_starts, term_slots   the dictionary: `dictionary`
    list_...                         the posting lists: `encode`
    columns and codes                one array a field: `columns`
    by_id                            u32: local ids in order of document id
    forward, forward_...             the tags of each document: `forward.tags`
    documents, documents_...         what else there is of it: `forward.bodies`

Documents 7 (sort-key 5) and 9 (sort-key 6) with ``tag:cat`` on both get local ids 1 and 0; the
list of ``tag:cat`` is 0, 1 and ``by_id`` is 1, 0.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from alicorn.documents import PhotoDocument
from alicorn.documents.terms import terms_of
from alicorn.errors import BadRequest
from indexserver.postings.columns import CODES, COLUMNS, HAS_JOINT, Columns, columns_of
from indexserver.postings.dictionary import (
    FlatTerms,
    TermDictionary,
    flat_prefix_range,
    flat_terms,
    term_key,
)
from indexserver.postings.encode import encode_lists
from indexserver.postings.forward.bodies import BODIES, body_of
from indexserver.postings.forward.byterows import ByteRows, FlatBytes, flat_bytes
from indexserver.postings.forward.tags import TAG_EDGE, DocumentTags, ForwardTags, tags_of_lists
from indexserver.postings.layout import FORMAT, pack_sections

__all__ = ["ChoosePacked", "assemble", "build"]

ChoosePacked: TypeAlias = Callable[
    [npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint8], int],
    npt.NDArray[np.bool_] | None,
]
"""(offsets, ids, hits, documents) of all lists -> which of them are to be cold, or None."""


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
        documents=[body_of(document) for document in rows],
        first_sequence=first_sequence,
        last_sequence=last_sequence,
    )


def assemble(
    keys: Sequence[bytes] | FlatTerms,
    *,
    posting_offsets: npt.NDArray[np.uint64],
    postings: npt.NDArray[np.uint32],
    hitdata: npt.NDArray[np.uint8],
    columns: Columns,
    documents: Sequence[bytes] | FlatBytes,
    first_sequence: int = 0,
    last_sequence: int = 0,
    forward: DocumentTags | None = None,
    packed: npt.NDArray[np.bool_] | ChoosePacked | None = None,
) -> bytes:
    """Return the bytes of a segment from its parts, which are already in DocId order.

    Parameters
    ----------
    keys : sequence of bytes, or FlatTerms (a tuple)
        Terms, strictly increasing.
    posting_offsets : uint64, shape (terms + 1,)
        Where each term's list begins in ``postings`` (uint32 local ids) and ``hitdata`` (uint8).
    columns : mapping
        As `columns_of` makes them; their rows are the documents of the segment.
    documents : sequence of bytes, or FlatBytes (a tuple)
        The bodies (`forward.bodies`), one a row; none at all for a segment that is searched and
        never fetched from.
    forward : DocumentTags, optional
        The forward index; what the lists of ``tag:`` terms say unless given.
    packed : bool, shape (terms,), or ChoosePacked, optional
        Which lists are cold.

    Raises
    ------
    BadRequest
        If two rows have the same document id, terms do not ascend, or counts differ.
    """
    ids = columns["ids"]
    by_id = np.argsort(ids, kind="stable").astype(np.uint32)
    repeated = np.flatnonzero(ids[by_id[1:]] == ids[by_id[:-1]])
    if repeated.size:
        raise BadRequest(f"document {ids[by_id[repeated[0]]]} stands twice in one segment")
    bodies = documents if isinstance(documents, tuple) else flat_bytes(list(documents))
    found = bodies[1].size - 1
    if found not in {0, ids.size}:
        raise BadRequest(f"a segment of {ids.size} documents needs as many bodies, got {found}")
    terms = keys if isinstance(keys, tuple) else flat_terms(keys)
    if forward is None:
        forward = _forward(terms, posting_offsets, postings, hitdata, int(ids.size))
    if callable(packed):
        packed = packed(posting_offsets, postings, hitdata, int(ids.size))
    lists = encode_lists(posting_offsets, postings, hitdata, int(ids.size), packed=packed)
    header: dict[str, Any] = {
        "bodies": found,
        "documents": int(ids.size),
        "first_sequence": first_sequence,
        "format": FORMAT,
        "last_sequence": last_sequence,
        "list_bytes": {name: len(content) for name, content in lists.items()},
        "postings": int(postings.size),
        "terms": int(terms[1].size) - 1,
    }
    sections: dict[str, bytes] = {"header": json.dumps(header, sort_keys=True).encode()}
    sections |= TermDictionary.encode(terms)
    sections |= lists
    sections |= {
        name: np.asarray(columns[name], dtype=kind).tobytes() for name, kind in COLUMNS.items()
    }
    for name in CODES:
        # Joint codes exist only once the two towers are trained: no room for them before.
        if name != "joint" or np.any(columns["flags"] & HAS_JOINT):
            sections[name] = columns[name].tobytes()
    sections["by_id"] = by_id.tobytes()
    sections |= ForwardTags.encode(forward)
    sections |= ByteRows.encode(BODIES, bodies)
    return pack_sections(sections)


def _forward(
    terms: FlatTerms,
    offsets: npt.NDArray[np.uint64],
    ids: npt.NDArray[np.uint32],
    hits: npt.NDArray[np.uint8],
    documents: int,
) -> DocumentTags:
    """Return the forward index that the lists of tags give."""
    first, end = flat_prefix_range(terms, TAG_EDGE)
    return tags_of_lists(offsets[first : end + 1].astype(np.int64), ids, hits, documents)
