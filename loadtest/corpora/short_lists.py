"""Corpus D: millions of short lists, as friends and pages have them.

Half of all lists have 3 hits or fewer and 99 % have 59 or fewer (log-normal, as in Curtiss et al.
2013, section 3.1 has them), over a million documents. List i is of the term ``friend:<number>``;
every other number of eight digits has a list, drawn by chance, so numbers are dense as ids of
people on one shard are, but do not just count up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from loadtest.corpora._kernels import draw_lists
from loadtest.corpora.corpus import list_sizes, ranks_of_documents

__all__ = ["EDGE", "MEDIAN", "SEED", "ShortLists", "short_lists"]

SEED: Final = 13
EDGE: Final = "friend"
MEDIAN: Final = 3
_PERCENTILE_99: Final = 59
_NORMAL_99: Final = 2.3263
"""The 99th percentile of the standard normal distribution."""
_LONGEST: Final = 5_000
_FIRST_NUMBER: Final = 10_000_000


@dataclass(frozen=True, eq=False)
class ShortLists:
    """Lists of numbers over documents in DocId order; HitData is 0 throughout."""

    about: str
    documents: int
    numbers: npt.NDArray[np.uint64]
    """(lists,): ascending, eight digits each, so their terms ascend as bytes, too."""
    posting_offsets: npt.NDArray[np.uint64]
    postings: npt.NDArray[np.uint32]
    ids: npt.NDArray[np.uint64]
    sort_keys: npt.NDArray[np.uint32]

    @property
    def lists(self) -> int:
        """Number of lists."""
        return self.numbers.size

    def keys(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]]:
        """Return the terms as (blob, offsets)."""
        edge = np.frombuffer(f"{EDGE}:".encode(), dtype=np.uint8)
        digits = np.empty((self.lists, 8), dtype=np.uint8)
        rest = self.numbers.copy()
        for place in range(7, -1, -1):
            digits[:, place] = rest % np.uint64(10) + np.uint64(ord("0"))
            rest //= np.uint64(10)
        blob = np.hstack([np.tile(edge, (self.lists, 1)), digits])
        offsets = np.arange(self.lists + 1, dtype=np.uint64) * np.uint64(edge.size + 8)
        return blob.reshape(-1), offsets

    def shorter(self, most: int) -> ShortLists:
        """Return the lists of at most ``most`` hits, over the same documents."""
        sizes = list_sizes(self.posting_offsets)
        chosen = sizes <= most
        offsets = np.zeros(np.count_nonzero(chosen) + 1, dtype=np.uint64)
        np.cumsum(sizes[chosen], out=offsets[1:])
        return ShortLists(
            about=f"{offsets.size - 1:,} lists of at most {most} hits",
            documents=self.documents,
            numbers=self.numbers[chosen],
            posting_offsets=offsets,
            postings=self.postings[np.repeat(chosen, sizes)],
            ids=self.ids,
            sort_keys=self.sort_keys,
        )


def short_lists(lists: int, documents: int, seed: int = SEED) -> ShortLists:
    """Draw ``lists`` lists over ``documents`` documents."""
    random = np.random.default_rng(seed)
    spread = np.log(_PERCENTILE_99 / MEDIAN) / _NORMAL_99
    drawn = np.rint(np.exp(np.log(MEDIAN) + spread * random.standard_normal(lists)))
    counts = np.clip(drawn, 1, min(_LONGEST, documents)).astype(np.int64)
    offsets, postings = draw_lists(random, counts, documents)
    numbers = np.sort(random.permutation(2 * lists)[:lists]).astype(np.uint64)
    ids, sort_keys = ranks_of_documents(documents, seed)
    sizes = list_sizes(offsets)
    return ShortLists(
        about=f"{lists:,} lists over {documents:,} documents, median {np.median(sizes):.0f}, "
        f"99th percentile {np.percentile(sizes, 99):.0f} hits",
        documents=documents,
        numbers=numbers + np.uint64(_FIRST_NUMBER),
        posting_offsets=offsets,
        postings=postings,
        ids=ids,
        sort_keys=sort_keys,
    )
