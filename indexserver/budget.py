"""A memory budget for posting lists: which of them stay in memory, and which on flash.

The budget bounds what posting lists take in memory: those kept in the form that kernels read, and,
a quarter of it, those that were read from flash and thawed. The directory that finds lists, with
the short ones inside it, is beside that, like the dictionary; columns and codes are read by every
query and are never cold.

Every segment gets the share of its documents, so that the lists of no segment are all cold. Within
one, lists are kept that are cheapest a hit, and no other is known to be asked for more:

- A query reads a list whole, and frequent terms are asked more than rare ones, about as often as
  they are found. So what a list saves is worth its hits, what it takes is its bytes, and the best
  ratio is that of dense lists: a bitmap of half the documents takes a quarter of a byte a hit,
  offsets two, beside the byte of HitData.
- Short lists stand in the directory, and cost no reading. That is most lists by number, and all
  that `ids` reads by the thousand.

What no budget may change is an answer: a cold list holds the same hits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.simd.blocks import SLACK
from indexserver.postings.builder import ChoosePacked
from indexserver.postings.encode import sizes_in_memory

__all__ = ["MemoryBudget", "cold_lists"]

_THAWED_PART: Final = 4
"""One of so many bytes is for thawed lists: what was read last is asked for again soon."""

_MOST_SHARES: Final = 2
"""A segment that holds more than so many shares is written again. It got its share when the
collection was smaller, so that happens once as often as the collection doubles."""

_SLACK: Final = 2 * SLACK
"""Both sections of lists in memory end in bytes that kernels may read."""


@dataclass(frozen=True, slots=True)
class MemoryBudget:
    """Bytes for the posting lists of a shard."""

    total: int

    @property
    def thawed(self) -> int:
        """Bytes for lists that were read from flash."""
        return self.total // _THAWED_PART

    @property
    def warm(self) -> int:
        """Bytes for lists in the form that kernels read."""
        return self.total - self.thawed

    def share(self, documents: int, of: int) -> int:
        """Return the bytes of a segment with ``documents`` live documents ``of`` a shard's."""
        return self.warm * documents // max(of, 1)

    def overfull(self, warm_bytes: list[int], documents: list[int]) -> int | None:
        """Return which segment should be written again, because it holds too much; None if none.

        Parameters
        ----------
        warm_bytes, documents : list of int
            What each segment of the shard holds in memory, and its live documents.
        """
        shares = [self.share(count, sum(documents)) for count in documents]
        worst = max(
            range(len(shares)), key=lambda i: warm_bytes[i] / max(shares[i], 1), default=None
        )
        if worst is None or warm_bytes[worst] <= shares[worst]:
            return None
        too_much = sum(warm_bytes) > self.warm
        return worst if too_much or warm_bytes[worst] > _MOST_SHARES * shares[worst] else None


def cold_lists(allowed: int) -> ChoosePacked:
    """Return the choice that leaves lists of ``allowed`` bytes in memory, the cheapest a hit."""

    def choose(
        offsets: npt.NDArray[np.uint64],
        ids: npt.NDArray[np.uint32],
        hits: npt.NDArray[np.uint8],
        documents: int,
    ) -> npt.NDArray[np.bool_] | None:
        sizes = sizes_in_memory(offsets, ids, hits, documents)
        room = allowed - _SLACK
        if int(sizes.sum()) <= max(room, 0):
            return None
        counts = np.diff(offsets.astype(np.int64))
        # Those in the directory are no matter: they come first, and take nothing.
        order = np.lexsort((np.arange(sizes.size), sizes / np.maximum(counts, 1)))
        packed = np.ones(sizes.size, dtype=np.bool_)
        packed[order[np.cumsum(sizes[order]) <= room]] = False
        return packed

    return choose
