"""Corpus C: what people wrote below photos and videos, repeated with fresh ids.

The captions of the development data in the order of their files, each a document, and all of them
again until there are enough: real words in real company, and neighbours that speak of one picture.
Words are those that ``text:`` finds a photo by (`alicorn.documents.text`), plurals taken off.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from alicorn.documents.text import stem, tokens
from alicorn.errors import NotFound
from loadtest.corpora._kernels import invert
from loadtest.corpora.corpus import Corpus, bm25_bytes, ranks_of_documents

__all__ = ["SEED", "captions_corpus", "captions_in"]

SEED: Final = 11
"""Of the ids and sort-keys; the captions are as they are."""
_FILES: Final = ("coco_val2017.jsonl", "flickr8k.jsonl", "msrvtt.jsonl")


def captions_in(data: Path) -> Iterator[str]:
    """Return every caption of the development data in ``data``.

    Raises
    ------
    NotFound
        If a file of captions is missing.
    """
    for name in _FILES:
        path = data / "captions" / name
        if not path.is_file():
            raise NotFound(f"no captions at {path}: --data names the development data")
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield from json.loads(line)["captions"]


def captions_corpus(data: Path, documents: int) -> Corpus:
    """Return the corpus of ``documents`` captions."""
    stems: dict[str, str] = {}
    numbers: dict[str, int] = {}
    sizes: list[int] = []
    words: list[int] = []
    times: list[int] = []
    for caption in captions_in(data):
        found: Counter[str] = Counter()
        for token in tokens(caption):
            if token not in stems:
                stems[token] = stem(token)
            found[stems[token]] += 1
        sizes.append(len(found))
        words.extend(numbers.setdefault(word, len(numbers)) for word in found)
        times.extend(min(count, 255) for count in found.values())
        if len(sizes) == documents:
            break
    # Numbers in order of the bytes, as a dictionary has them.
    names = sorted(numbers, key=str.encode)
    place = np.empty(len(names), dtype=np.int32)
    place[[numbers[name] for name in names]] = np.arange(len(names))
    copies = -(-documents // len(sizes))
    lengths = np.tile(np.array(sizes, dtype=np.uint64), copies)[:documents]
    offsets = np.zeros(documents + 1, dtype=np.uint64)
    np.cumsum(lengths, out=offsets[1:])
    size = int(offsets[-1])
    posting_offsets, postings, frequencies = invert(
        offsets,
        np.tile(place[np.array(words, dtype=np.int32)], copies)[:size],
        np.tile(np.array(times, dtype=np.uint8), copies)[:size],
        len(names),
    )
    encoded = [name.encode() for name in names]
    word_offsets = np.zeros(len(names) + 1, dtype=np.uint64)
    np.cumsum([len(name) for name in encoded], out=word_offsets[1:])
    ids, sort_keys = ranks_of_documents(documents, SEED)
    return Corpus(
        name="C",
        about=f"{documents:,} captions ({len(sizes):,} different ones, repeated), "
        f"{size / documents:.1f} words each, {len(names):,} words",
        seed=SEED,
        documents=documents,
        blob=np.frombuffer(b"".join(encoded), dtype=np.uint8),
        word_offsets=word_offsets,
        posting_offsets=posting_offsets,
        postings=postings,
        frequencies=frequencies,
        confidences=bm25_bytes(posting_offsets, postings, frequencies, documents),
        ids=ids,
        sort_keys=sort_keys,
    )
