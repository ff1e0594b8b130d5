"""Several segments to the bytes of one, without what is dead.

Works on arrays, not on documents: local ids are renumbered into the DocId order of the whole, the
changes of each term are built in, and terms without a hit disappear. Merging the segments of two
sets of documents gives byte for byte the segment that `postings.builder.build` makes of their
union.

Changed edges are in the lists alone: what a document says of itself, its forward tags among it, is
as it was written. A tag's term therefore stays, with an empty list, while a document has the tag.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from alicorn.documents.model import CODE_BYTES
from alicorn.documents.ordering import document_order
from alicorn.simd.memory import address_of
from indexserver._kernels import add_lists, count_alive, gather_bytes, move_tags, number_terms
from indexserver.postings.builder import ChoosePacked, assemble
from indexserver.postings.columns import CODES, COLUMNS
from indexserver.postings.dictionary import FlatTerms, flat_prefix_range, flat_terms
from indexserver.postings.forward.byterows import FlatBytes
from indexserver.postings.forward.tags import TAG_EDGE, DocumentTags
from indexserver.view import SegmentView

__all__ = ["merge"]

Integers = npt.NDArray[np.int64]


def merge(parts: Sequence[SegmentView], *, packed: ChoosePacked | None = None) -> bytes:
    """Return the bytes of one segment with the live documents of ``parts``.

    Parameters
    ----------
    parts : sequence of SegmentView
        At least one; a document is live in one of them at most.
    packed : ChoosePacked, optional
        Which lists of the new segment are cold; none unless given.

    Raises
    ------
    BadRequest
        If a document is live in two of them.
    """
    kept = [_kept(part) for part in parts]
    columns = _columns(parts, kept)
    order = document_order(columns["sort_keys"], columns["ids"])
    columns = {name: column[order] for name, column in columns.items()}
    new_local = np.empty(order.size, dtype=np.int64)
    new_local[order] = np.arange(order.size)
    renumbered = _renumbered(parts, kept, new_local)

    sources = [
        source for part, new in zip(parts, renumbered, strict=True) for source in _lists(part, new)
    ]
    terms, numbers = _numbered([source.terms for source in sources])
    lists = _merged(sources, numbers, terms[1].size - 1)
    stored = [i for i, source in enumerate(sources) if source.stored]
    first_tag = flat_prefix_range(terms, TAG_EDGE)[0]
    tags = _tags(parts, renumbered, [numbers[i] for i in stored], first_tag, order.size)

    used = np.diff(lists.offsets) > 0
    used[tags.terms.astype(np.int64) + first_tag] = True
    terms, lists, place = _without_unused(terms, lists, used)
    forward = tags._replace(
        terms=(place[tags.terms.astype(np.int64) + first_tag] - place[first_tag]).astype(np.uint32)
    )
    return assemble(
        terms,
        posting_offsets=lists.offsets.view(np.uint64),
        postings=lists.ids,
        hitdata=lists.hits,
        columns=columns,
        documents=_bodies(parts, kept, order),
        first_sequence=min(part.segment.first_sequence for part in parts),
        last_sequence=max(part.segment.last_sequence for part in parts),
        forward=forward,
        packed=packed,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Lists:
    """Posting lists, flat."""

    offsets: Integers
    ids: npt.NDArray[np.uint32]
    hits: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """Lists to be merged: those that a part has stored, or those that were changed since."""

    terms: FlatTerms
    lists: _Lists
    taken: npt.NDArray[np.bool_]
    """Lists that count: not those that were changed since."""
    renumbered: Integers
    """Shape (documents,): the new local id of each document, -1 for the dead."""
    stored: bool


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


def _renumbered(
    parts: Sequence[SegmentView], kept: Sequence[npt.NDArray[np.intp]], new_local: Integers
) -> list[Integers]:
    """Return for each part the new local id of each document, -1 for the dead."""
    found = []
    first = 0
    for part, locals_ in zip(parts, kept, strict=True):
        new = np.full(part.segment.documents, -1, dtype=np.int64)
        new[locals_] = new_local[first : first + locals_.size]
        first += locals_.size
        found.append(new)
    return found


def _lists(part: SegmentView, renumbered: Integers) -> list[_Source]:
    """Return the lists of ``part``: the stored ones, then the changed ones if there are any."""
    terms = part.segment.terms
    offsets, ids, hits = part.segment.lists.decode_all()
    taken = np.ones(len(terms), dtype=np.bool_)
    changed = sorted(part.changes)
    numbers = terms.find_many(changed)
    taken[numbers[numbers >= 0]] = False
    stored = _Lists(offsets.view(np.int64), ids, hits)
    found = [_Source(terms.flat(), stored, taken, renumbered, True)]
    if changed:
        now = [part.list_of(key) for key in changed]
        ends = np.zeros(len(now) + 1, dtype=np.int64)
        np.cumsum([postings.ids.size for postings in now], out=ends[1:])
        lists = _Lists(
            ends,
            np.concatenate([postings.ids for postings in now]),
            np.concatenate([postings.hits for postings in now]),
        )
        every = np.ones(len(now), dtype=np.bool_)
        found.append(_Source(flat_terms(changed), lists, every, renumbered, False))
    return found


def _numbered(dictionaries: Sequence[FlatTerms]) -> tuple[FlatTerms, list[Integers]]:
    """Return all terms once, ascending, and for each dictionary the numbers of its terms."""
    counts = [offsets.size - 1 for _, offsets in dictionaries]
    parts = np.array(
        [
            [address_of(blob), address_of(offsets), offsets.size - 1]
            for blob, offsets in dictionaries
        ],
        dtype=np.int64,
    )
    numbers = [np.empty(count, dtype=np.int64) for count in counts]
    places = np.array([address_of(of_part) for of_part in numbers], dtype=np.int64)
    heads = np.zeros(len(counts), dtype=np.int64)
    sources = np.empty((sum(counts), 2), dtype=np.int64)
    total = number_terms(
        address_of(parts), len(counts), address_of(heads), address_of(places), address_of(sources)
    )
    return _gathered(sources[:total]), numbers


def _gathered(sources: Integers) -> FlatTerms:
    """Return rows of bytes one after the other, from (place, size) of each, shape (n, 2)."""
    sources = np.ascontiguousarray(sources)
    offsets = np.zeros(len(sources) + 1, dtype=np.int64)
    np.cumsum(sources[:, 1], out=offsets[1:])
    blob = np.empty(int(offsets[-1]), dtype=np.uint8)
    gather_bytes(address_of(sources), len(sources), address_of(blob))
    return blob, offsets.view(np.uint64)


def _merged(sources: Sequence[_Source], numbers: Sequence[Integers], terms: int) -> _Lists:
    """Return the list of every term."""
    counts = np.zeros(terms, dtype=np.int64)
    arguments = []
    for source, of_source in zip(sources, numbers, strict=True):
        wanted = np.where(source.taken, of_source, -1)
        arguments.append(wanted)
        count_alive(
            address_of(source.lists.offsets), wanted.size, address_of(source.lists.ids),
            address_of(source.renumbered), address_of(wanted), address_of(counts),
        )  # fmt: skip
    offsets = np.zeros(terms + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    ids = np.empty(int(offsets[-1]), dtype=np.uint32)
    hits = np.empty(int(offsets[-1]), dtype=np.uint8)
    ends = offsets[:-1].copy()
    for source, wanted in zip(sources, arguments, strict=True):
        add_lists(
            address_of(source.lists.offsets), wanted.size, address_of(source.lists.ids),
            address_of(source.lists.hits), address_of(source.renumbered), address_of(wanted),
            address_of(offsets), address_of(ends), address_of(ids), address_of(hits),
        )  # fmt: skip
    return _Lists(offsets, ids, hits)


def _tags(
    parts: Sequence[SegmentView],
    renumbered: Sequence[Integers],
    numbers: Sequence[Integers],
    first_tag: int,
    documents: int,
) -> DocumentTags:
    """Return the forward index of the living, its terms counted from ``first_tag`` on."""
    lengths = np.zeros(documents, dtype=np.int64)
    found = []
    for part, new in zip(parts, renumbered, strict=True):
        tags = part.segment.forward.all()
        found.append(tags)
        alive = new >= 0
        lengths[new[alive]] = np.diff(tags.offsets)[alive]
    offsets = np.zeros(documents + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    terms = np.empty(int(offsets[-1]), dtype=np.uint32)
    levels = np.empty(int(offsets[-1]), dtype=np.uint8)
    for part, new, tags, of_part in zip(parts, renumbered, found, numbers, strict=True):
        of_tags = address_of(of_part) + 8 * part.segment.first_tag
        move_tags(
            address_of(tags.offsets), new.size, address_of(tags.terms), address_of(tags.levels),
            address_of(new), of_tags, first_tag, address_of(offsets), address_of(terms),
            address_of(levels),
        )  # fmt: skip
    return DocumentTags(offsets, terms, levels)


def _without_unused(
    terms: FlatTerms, lists: _Lists, used: npt.NDArray[np.bool_]
) -> tuple[FlatTerms, _Lists, Integers]:
    """Return terms and lists of those ``used``, and each term's new number, one more at the end."""
    place = np.zeros(used.size + 1, dtype=np.int64)
    np.cumsum(used, out=place[1:])
    if used.all():
        return terms, lists, place
    blob, offsets = terms
    bounds = offsets.view(np.int64)
    sources = np.stack([address_of(blob) + bounds[:-1], np.diff(bounds)], axis=1)[used]
    # A list that is not used is empty, so the ids and hits stay as they are.
    ends = np.append(lists.offsets[:-1][used], lists.offsets[-1])
    return _gathered(sources), _Lists(ends, lists.ids, lists.hits), place


def _bodies(
    parts: Sequence[SegmentView], kept: Sequence[npt.NDArray[np.intp]], order: npt.NDArray[np.intp]
) -> FlatBytes:
    """Return the bodies of the living in their new order; none where a part has none."""
    sources, owners = [], []
    for part, locals_ in zip(parts, kept, strict=True):
        if part.segment.bodies is None:
            return np.empty(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)
        blob, offsets = part.segment.bodies.flat()
        owners.append(blob)
        sources.append(
            np.stack([address_of(blob) + offsets[locals_], np.diff(offsets)[locals_]], axis=1)
        )
    joined, ends = _gathered(np.concatenate(sources)[order])
    return joined, ends.view(np.int64)
