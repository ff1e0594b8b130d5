"""A corpus as segments: built by the index server's own builder, from arrays.

Documents have columns (drawn by chance where the corpus says nothing of them) and no bodies: none
of these benchmarks fetches one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.model import CODE_BYTES
from indexserver.postings.builder import assemble
from indexserver.postings.columns import CODES, COLUMNS, HAS_FINGERPRINT, HAS_VISUAL
from indexserver.postings.segment import Segment
from indexserver.view import SegmentView, View
from loadtest.corpora._kernels import prefixed
from loadtest.corpora.corpus import Corpus
from loadtest.corpora.short_lists import ShortLists
from loadtest.corpora.split import Part

__all__ = ["segment_bytes", "segment_bytes_of_lists", "segment_of", "view_of", "view_of_parts"]

_SEED: Final = 19
_NEWEST_S: Final = 1_700_000_000
_SPAN_S: Final = 10 * 365 * 86_400


def segment_bytes(
    corpus: Corpus,
    edges: Sequence[str] = ("tag",),
    *,
    packed: npt.NDArray[np.bool_] | None = None,
) -> bytes:
    """Return the segment of ``corpus`` with a list of every word for each of ``edges``.

    Parameters
    ----------
    edges : sequence of str
        Of ``tag`` (HitData is the confidence) and ``text`` (the frequency), in this order.
    packed : bool, shape (edges * words,), optional
        Which lists are kept in the cold form; none unless said.
    """
    words = [
        prefixed(
            corpus.blob,
            corpus.word_offsets,
            np.frombuffer(f"{edge}:".encode(), dtype=np.uint8),
        )
        for edge in edges
    ]
    hits = {"tag": corpus.confidences, "text": corpus.frequencies}
    return assemble(
        (np.concatenate([blob for blob, _ in words]), _joined([at for _, at in words])),
        posting_offsets=_joined([corpus.posting_offsets] * len(edges)),
        postings=np.tile(corpus.postings, len(edges)),
        hitdata=np.concatenate([hits[edge] for edge in edges]),
        columns=_columns(corpus.ids, corpus.sort_keys, _lengths(corpus)),
        documents=[],
        first_sequence=0,
        last_sequence=0,
        packed=packed,
    )


def segment_bytes_of_lists(lists: ShortLists) -> bytes:
    """Return the segment of ``lists``."""
    return assemble(
        lists.keys(),
        posting_offsets=lists.posting_offsets,
        postings=lists.postings,
        hitdata=np.zeros(lists.postings.size, dtype=np.uint8),
        columns=_columns(lists.ids, lists.sort_keys, None),
        documents=[],
        first_sequence=0,
        last_sequence=0,
    )


def segment_of(corpus: Corpus, edges: Sequence[str] = ("tag",)) -> Segment:
    """Return `segment_bytes` opened, in memory."""
    return Segment.read(segment_bytes(corpus, edges), corpus.name)


def view_of(*segments: Segment) -> View:
    """Return the view of whole segments."""
    return View(tuple(SegmentView(segment) for segment in segments))


def view_of_parts(
    parts: Sequence[Part], dead: npt.NDArray[np.bool_], edges: Sequence[str] = ("tag",)
) -> View:
    """Return the view of ``parts`` without the ``dead`` documents of the whole corpus."""
    return View(
        tuple(
            SegmentView(segment_of(part.corpus, edges), ~dead[part.documents_of]) for part in parts
        )
    )


def _joined(offsets: Sequence[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    """Return the offsets of runs that stand one after the other."""
    pieces, start = [np.zeros(1, dtype=np.uint64)], np.uint64(0)
    for run in offsets:
        pieces.append(run[1:] + start)
        start += run[-1]
    return np.concatenate(pieces)


def _lengths(corpus: Corpus) -> npt.NDArray[np.uint16]:
    words = np.bincount(corpus.postings, weights=corpus.frequencies, minlength=corpus.documents)
    lengths: npt.NDArray[np.uint16] = np.minimum(words, 65_535).astype(np.uint16)
    return lengths


def _columns(
    ids: npt.NDArray[np.uint64],
    sort_keys: npt.NDArray[np.uint32],
    text_lengths: npt.NDArray[np.uint16] | None,
) -> dict[str, npt.NDArray[Any]]:
    """Return every column: what photos have, by chance."""
    documents = ids.size
    random = np.random.default_rng(_SEED)
    columns: dict[str, npt.NDArray[Any]] = {
        "ids": ids,
        "sort_keys": sort_keys,
        "authors": random.integers(1, 5_000, documents),
        "audiences": random.integers(1, 5, documents),
        "taken_at": _NEWEST_S - np.sort(random.integers(0, _SPAN_S, documents)),
        "quality": random.random(documents),
        "popularity": random.geometric(0.01, documents),
        "widths": random.integers(300, 6_000, documents),
        "heights": random.integers(300, 6_000, documents),
        "top_tags": random.integers(100, 256, documents),
        "tag_counts": random.integers(1, 51, documents),
        "fingerprint_qualities": random.integers(0, 101, documents),
        "flags": np.full(documents, HAS_VISUAL | HAS_FINGERPRINT),
    }
    if text_lengths is not None:
        columns["text_lengths"] = text_lengths
    found = {
        name: columns.get(name, np.zeros(documents)).astype(kind) for name, kind in COLUMNS.items()
    }
    for name in CODES:
        found[name] = (
            np.zeros((documents, CODE_BYTES), dtype=np.uint8)
            if name == "joint"
            else random.integers(0, 256, (documents, CODE_BYTES), dtype=np.uint8)
        )
    return found
