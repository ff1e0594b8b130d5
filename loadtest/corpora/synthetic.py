"""Corpus A: synthetic documents whose words follow Zipf's law, with topics.

About 34 distinct words a document out of 50,000 (Zipf exponent 1.0); 30 % of them go through the
document's two topics, of which there are 200, each saying other, rarer words instead of the 2,000
most frequent ones. So words come together as they do in text, and a word's list has no order that a
compressor could use: DocId order is random here, which is hard on every engine alike.

Words are called ``t00000`` and so on, the most frequent first.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from loadtest.corpora._kernels import draw_documents, invert, take_lists
from loadtest.corpora.corpus import Corpus, bm25_bytes, list_sizes, ranks_of_documents

__all__ = ["SEED", "synthetic_corpus"]

SEED: Final = 7
_LENGTH: Final = 36
"""Words drawn for a document, repeats counted; 34 of them differ."""
_TOPICS: Final = 200
_TOPICAL: Final = 2_000
"""Ranks that a topic says otherwise."""
_HEAD: Final = 60
"""Of these, so many become fairly frequent words, the others any."""
_DIGITS: Final = 5


def synthetic_corpus(documents: int, vocabulary: int = 50_000, seed: int = SEED) -> Corpus:
    """Draw the corpus; the same arguments give the same arrays.

    Words that no document has are left out, so a small corpus has a smaller vocabulary.
    """
    chances = 1 / np.arange(1, vocabulary + 1)
    random = np.random.default_rng(seed)
    topics = np.tile(np.arange(vocabulary, dtype=np.int32), (_TOPICS, 1))
    least = min(20, vocabulary - 1)
    for topic in topics:
        topical = min(_TOPICAL, vocabulary)
        topic[:topical] = random.integers(least, vocabulary, topical)
        head = min(_HEAD, vocabulary)
        topic[:head] = random.integers(least, min(3_000, vocabulary), head)
    offsets, words, times = draw_documents(
        random, documents, _LENGTH, np.cumsum(chances / chances.sum()), topics
    )
    lists, postings, frequencies = invert(offsets, words, times, vocabulary)
    counts = list_sizes(lists)
    order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    posting_offsets = np.zeros(order.size + 1, dtype=np.uint64)
    np.cumsum(counts[order], out=posting_offsets[1:])
    postings = take_lists(lists, postings, order)
    frequencies = take_lists(lists, frequencies, order)
    names = "".join(f"t{number:0{_DIGITS}d}" for number in range(order.size)).encode()
    ids, sort_keys = ranks_of_documents(documents, seed)
    return Corpus(
        name="A",
        about=f"{documents:,} synthetic documents, {postings.size / documents:.1f} words each, "
        f"{order.size:,} words, Zipf 1.0",
        seed=seed,
        documents=documents,
        blob=np.frombuffer(names, dtype=np.uint8),
        word_offsets=np.arange(order.size + 1, dtype=np.uint64) * np.uint64(_DIGITS + 1),
        posting_offsets=posting_offsets,
        postings=postings,
        frequencies=frequencies,
        confidences=bm25_bytes(posting_offsets, postings, frequencies, documents),
        ids=ids,
        sort_keys=sort_keys,
    )
