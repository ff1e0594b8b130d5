"""What does a posting weigh, and what do a photo's tags?

Data    corpora A and C, one segment each, every list hot (as kernels read it) or cold (packed);
        a library of photos with 50 tags each, through the real builder
Report  bytes a posting: lists with their HitData and their share of the directory, beside tantivy's
        lists with frequencies; bytes a photo: what the index weighs with tags less what it weighs
        without them (inverted, forward and dictionary), and all in. Every list is decoded again
        and compared with what went in
Run     alicorn bench memory
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexserver.postings.builder import build
from indexserver.postings.segment import Segment
from loadtest.brute import refuse
from loadtest.corpora import photos
from loadtest.corpora.assembled import segment_bytes
from loadtest.corpora.corpus import Corpus
from loadtest.report import Report, Row, report_of
from loadtest.workbench import Workbench

__all__ = ["memory_rows", "run"]

_FORMS: Final = {"ram": (3.7, 3.0), "packed": (2.9, 2.2)}
"""Bytes a posting: promised and hoped for."""

_DROPBOX_BYTES: Final = 500.0
"""What Dropbox's photo search keeps of an image, inverted and forward ("How image search works at
Dropbox", 2021)."""


def run(bench: Workbench) -> Report:
    """Measure every row that ``bench`` wants."""
    return report_of(memory_rows(bench))


def memory_rows(bench: Workbench) -> list[Row]:
    """Return the rows of postings and of photos."""
    rows = [
        _posting_row(bench, row_id, name, form)
        for name in ("A", "C")
        for form in _FORMS
        if bench.wants(row_id := f"bytes/{name}/{form}")
    ]
    ids = ("photo-bytes/photos/tags", "photo-bytes/photos/all")
    if bench.wanted(ids):
        rows += [row for row in _photo_rows(bench, ids) if bench.wants(row.id)]
    return rows


def _posting_row(bench: Workbench, row_id: str, name: str, form: str) -> Row:
    limit, aim = _FORMS[form]
    fields: dict[str, Any] = {
        "question": f"bytes of a posting with its HitData byte, {form} form",
        "unit": "bytes",
        "peer": "tantivy with frequencies",
        "limit": limit,
        "limit_aim": aim,
        "measured": "lists, HitData and directory over all postings",
        "note": "theirs are packed blocks without their directory, and frequencies are smaller "
        "numbers than confidences",
    }
    corpus = bench.corpus(name)
    if corpus is None:
        return bench.row(row_id, name, **fields)
    tantivy = bench.tantivy(name)
    bench.tell(row_id)
    cold = np.full(corpus.words, form == "packed", dtype=np.bool_)
    segment = Segment.read(segment_bytes(corpus, packed=cold), row_id)
    _check(segment, corpus, row_id)
    size = sum(segment.lists.bytes_by_part().values())
    return bench.row(
        row_id,
        name,
        ours=size / corpus.postings.size,
        theirs=None if tantivy is None else tantivy.bytes_a_posting,
        **fields,
    )


def _check(segment: Segment, corpus: Corpus, what: str) -> None:
    found: tuple[npt.NDArray[Any], ...] = segment.lists.decode_all()
    needed: tuple[npt.NDArray[Any], ...]
    needed = (corpus.posting_offsets, corpus.postings, corpus.confidences)
    for name, at in (("offsets", 0), ("ids", 1), ("hits", 2)):
        if not np.array_equal(found[at], needed[at]):
            raise refuse(f"{name} of {what}", found[at], needed[at])


def _photo_rows(bench: Workbench, ids: tuple[str, str]) -> list[Row]:
    count = bench.scale.photos
    bench.tell(f"{count:,} photos of 50 tags")
    documents = photos.tagged_photos(count)
    whole = build(documents)
    bare = build(photos.without_tags(documents))
    segment = Segment.read(whole, ids[0])
    for local in (0, count // 2, count - 1):
        found = segment.document(local)
        needed = next(d for d in documents if d.id == found.id)
        if {tag.concept for tag in found.tags} != {tag.concept for tag in needed.tags}:
            raise refuse(f"tags of photo {found.id}", found.tags, needed.tags)
    shared: dict[str, Any] = {
        "unit": "bytes",
        "better": "less",
        "data": f"{count:,} photos with 50 tags each out of 4,000 concepts",
        "seed": photos.SEED,
        "measured": "bytes of the segment over its photos",
    }
    return [
        Row(
            id=ids[0],
            question="50 tags of a photo, inverted and forward, dictionary included",
            ours=(len(whole) - len(bare)) / count,
            peer="Dropbox's published figure",
            theirs=_DROPBOX_BYTES,
            limit=_DROPBOX_BYTES,
            limit_aim=200.0,
            **shared,
        ),
        Row(
            id=ids[1],
            question="a photo all in: lists, columns, codes, document",
            ours=len(whole) / count,
            note=", ".join(
                f"{part} {size / count:.1f}" for part, size in segment.bytes_by_part.items()
            ),
            **shared,
        ),
    ]
