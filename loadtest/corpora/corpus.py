"""A corpus: posting lists of words over documents in DocId order, with the two bytes of a hit.

One copy of the lists serves every edge: ``text:dog`` has the word's frequency beside each id,
``tag:dog`` a confidence byte that a BM25 share gave. Peers get the same lists as the index does.
Saved as one NumPy file an array, so that a corpus is drawn once and read afterwards.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.ordering import document_order
from alicorn.files import write_whole

__all__ = ["FORMAT", "Corpus", "bm25_bytes", "kept", "list_sizes", "ranks_of_documents"]

FORMAT: Final = 1
"""Raised when a generator draws something else: then corpora and peers' indexes are made again."""

_ABOUT: Final = "about.json"
_K1: Final = 1.2
_B: Final = 0.75


@dataclass(frozen=True, eq=False)
class Corpus:
    """Words, their lists, and what the documents are called."""

    name: str
    """Letter of the benchmarks: A, C."""
    about: str
    """One line for reports."""
    seed: int
    documents: int
    blob: npt.NDArray[np.uint8]
    """All words in byte order, one after the other, UTF-8."""
    word_offsets: npt.NDArray[np.uint64]
    """(words + 1,): where each begins in ``blob``."""
    posting_offsets: npt.NDArray[np.uint64]
    """(words + 1,): where each word's list begins in ``postings``; no list is empty."""
    postings: npt.NDArray[np.uint32]
    """Document numbers, ascending in each list: DocId order."""
    frequencies: npt.NDArray[np.uint8]
    """Beside ``postings``: times the word stands in the document."""
    confidences: npt.NDArray[np.uint8]
    """Beside ``postings``: 1..255, a quantised BM25 share."""
    ids: npt.NDArray[np.uint64]
    """(documents,): document ids."""
    sort_keys: npt.NDArray[np.uint32]
    """(documents,): descending, with few ties; equal ones have ascending ids."""

    @property
    def words(self) -> int:
        """Number of words."""
        return self.word_offsets.size - 1

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """(words,): documents that have each word."""
        return list_sizes(self.posting_offsets)

    @cached_property
    def by_frequency(self) -> npt.NDArray[np.int64]:
        """Numbers of the words, the most frequent first; equal ones in byte order."""
        return np.argsort(-self.counts, kind="stable")

    def word(self, number: int) -> str:
        """Return the word of that number."""
        start, end = int(self.word_offsets[number]), int(self.word_offsets[number + 1])
        return self.blob[start:end].tobytes().decode()

    def list_of(self, number: int) -> slice:
        """Return where the list of the word ``number`` is in ``postings``."""
        return slice(int(self.posting_offsets[number]), int(self.posting_offsets[number + 1]))

    def save(self, folder: Path) -> None:
        """Write the corpus into ``folder``, which may exist."""
        folder.mkdir(parents=True, exist_ok=True)
        plain: dict[str, Any] = {"format": FORMAT}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                np.save(folder / f"{field.name}.npy", value)
            else:
                plain[field.name] = value
        # Last: a folder without it is half written.
        write_whole(folder / _ABOUT, json.dumps(plain, sort_keys=True).encode(), durable=False)

    @classmethod
    def load(cls, folder: Path) -> Corpus | None:
        """Return the corpus in ``folder``; None where there is none of this format."""
        try:
            plain = json.loads((folder / _ABOUT).read_bytes())
        except FileNotFoundError:
            return None
        if plain.pop("format") != FORMAT:
            return None
        arrays = {
            field.name: np.load(folder / f"{field.name}.npy")
            for field in dataclasses.fields(cls)
            if field.name not in plain
        }
        return cls(**plain, **arrays)


def kept(folder: Path, make: Callable[[], Corpus]) -> Corpus:
    """Return the corpus in ``folder``, made and saved there if it is not there yet."""
    found = Corpus.load(folder)
    if found is None:
        found = make()
        found.save(folder)
    return found


def list_sizes(offsets: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return how many postings each list has, from the (lists + 1,) offsets."""
    signed = offsets.astype(np.int64)
    return signed[1:] - signed[:-1]


def bm25_bytes(
    offsets: npt.NDArray[np.uint64],
    postings: npt.NDArray[np.uint32],
    frequencies: npt.NDArray[np.uint8],
    documents: int,
) -> npt.NDArray[np.uint8]:
    """Return each hit's BM25 share as a byte, 255 for the largest of the corpus."""
    counts = list_sizes(offsets)
    times = frequencies.astype(np.float32)
    lengths = np.bincount(postings, weights=times, minlength=documents).astype(np.float32)
    shorter = _K1 * (1 - _B + _B * lengths / lengths.mean())
    rarity = np.log(1 + (documents - counts + 0.5) / (counts + 0.5)).astype(np.float32)
    shares = times * (_K1 + 1) / (times + shorter[postings])
    shares *= np.repeat(rarity, counts)
    shares *= 255 / shares.max()
    levels: npt.NDArray[np.uint8] = np.clip(np.ceil(shares), 1, 255).astype(np.uint8)
    return levels


def ranks_of_documents(
    documents: int, seed: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """Return (ids, sort-keys) in DocId order: keys fall, about one in forty is its neighbour's."""
    random = np.random.default_rng(seed)
    steps = random.integers(0, 40, documents).astype(np.uint32)
    keys = np.cumsum(steps, dtype=np.uint32)
    ids = (random.permutation(documents).astype(np.uint64) + np.uint64(1)) * np.uint64(7)
    order = document_order(keys, ids)
    return ids[order], keys[order]
