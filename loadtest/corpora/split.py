"""Corpus B: the documents of A in several segments, some of them deleted.

Runs of DocIds, as a log makes them: what is sealed together was written together, and the newest
documents come first. Interleaved, every segment has its share of all times; that is what a bulk
load in random order would leave.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from loadtest.corpora._kernels import lists_of_part, take_lists
from loadtest.corpora.corpus import Corpus

__all__ = ["SEED", "Part", "deleted", "split"]

SEED: Final = 17


@dataclass(frozen=True, eq=False)
class Part:
    """The documents of one segment."""

    corpus: Corpus
    documents_of: npt.NDArray[np.uint32]
    """(documents,): the number of each in the whole corpus, ascending."""


def deleted(documents: int, share: float = 0.01, seed: int = SEED) -> npt.NDArray[np.bool_]:
    """Return which documents of the whole corpus are deleted."""
    return np.random.default_rng(seed).random(documents) < share


def split(corpus: Corpus, parts: int, *, interleaved: bool = False) -> list[Part]:
    """Return ``corpus`` in ``parts`` of equal size, at most 255."""
    numbers = np.arange(corpus.documents, dtype=np.int64)
    part_of = (numbers % parts if interleaved else numbers * parts // corpus.documents).astype(
        np.uint8
    )
    found = []
    for part in range(parts):
        documents_of = np.flatnonzero(part_of == part).astype(np.uint32)
        local_of = np.zeros(corpus.documents, dtype=np.uint32)
        local_of[documents_of] = np.arange(documents_of.size, dtype=np.uint32)
        counts, postings, frequencies, confidences = lists_of_part(
            corpus.posting_offsets,
            corpus.postings,
            corpus.frequencies,
            corpus.confidences,
            part_of,
            local_of,
            part,
        )
        words = np.flatnonzero(counts)
        posting_offsets = np.zeros(words.size + 1, dtype=np.uint64)
        np.cumsum(counts[words], out=posting_offsets[1:])
        lengths = (corpus.word_offsets[1:] - corpus.word_offsets[:-1])[words]
        word_offsets = np.zeros(words.size + 1, dtype=np.uint64)
        np.cumsum(lengths, out=word_offsets[1:])
        found.append(
            Part(
                dataclasses.replace(
                    corpus,
                    name=f"{corpus.name}{part}",
                    documents=documents_of.size,
                    blob=take_lists(corpus.word_offsets, corpus.blob, words),
                    word_offsets=word_offsets,
                    posting_offsets=posting_offsets,
                    postings=postings,
                    frequencies=frequencies,
                    confidences=confidences,
                    ids=corpus.ids[documents_of],
                    sort_keys=corpus.sort_keys[documents_of],
                ),
                documents_of,
            )
        )
    return found
