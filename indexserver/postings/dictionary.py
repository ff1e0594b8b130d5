"""The terms of a segment, sorted, searched where they lie in the mapped file.

A term is the UTF-8 of ``edge:value``. The dictionary is one run of bytes and the offset of each
term in it; a look-up is a binary search, and no term ever becomes a Python object unless it is
asked for. Byte order of UTF-8 is code-point order, so a prefix of a word is a run of terms.

>>> terms = TermDictionary.of([b"tag:cat", b"tag:cathedral", b"tag:dog"])
>>> terms.find(b"tag:dog"), terms.find(b"tag:do"), terms.prefix_range(b"tag:cat")
(2, -1, (0, 2))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from indexserver.postings._kernels import find_numbers, lower_bound

__all__ = ["TermDictionary", "term_key"]

_MAX_DIGITS = 20
"""Decimal digits of the largest u64."""


def term_key(edge: str, value: str) -> bytes:
    """Return the bytes of a term: ``edge:value`` in UTF-8."""
    return f"{edge}:{value}".encode()


@dataclass(frozen=True, slots=True)
class TermDictionary:
    """Sorted terms over two arrays."""

    blob: npt.NDArray[np.uint8]
    """All terms, one after the other."""
    offsets: npt.NDArray[np.uint64]
    """Shape (terms + 1,): where each begins in ``blob``."""

    @classmethod
    def of(cls, keys: Sequence[bytes]) -> TermDictionary:
        """Return the dictionary of ``keys``, which are strictly increasing."""
        offsets = np.zeros(len(keys) + 1, dtype=np.uint64)
        np.cumsum([len(key) for key in keys], out=offsets[1:])
        return cls(np.frombuffer(b"".join(keys), dtype=np.uint8), offsets)

    def __len__(self) -> int:
        return self.offsets.size - 1

    def __getitem__(self, position: int) -> bytes:
        return self.blob[int(self.offsets[position]) : int(self.offsets[position + 1])].tobytes()

    def find(self, key: bytes) -> int:
        """Return the position of ``key``, or -1."""
        at = self._lower_bound(key)
        return at if at < len(self) and self[at] == key else -1

    def find_numbers(self, edge: str, numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the positions of the terms ``edge:<number>``, -1 where there is none."""
        prefix = np.frombuffer(term_key(edge, ""), dtype=np.uint8)
        out = np.empty(numbers.size, dtype=np.int64)
        scratch = np.empty(prefix.size + _MAX_DIGITS, dtype=np.uint8)
        find_numbers(self.blob, self.offsets, prefix, numbers, scratch, out)
        return out

    def prefix_range(self, prefix: bytes) -> tuple[int, int]:
        """Return [first, end) of the terms that begin with ``prefix``, which is not empty."""
        # No byte of UTF-8 is 255, so the next prefix of the same length always exists.
        after = prefix[:-1] + bytes([prefix[-1] + 1])
        return self._lower_bound(prefix), self._lower_bound(after)

    def keys(self) -> list[bytes]:
        """Return every term, ascending."""
        blob = self.blob.tobytes()
        bounds = self.offsets.tolist()
        return [blob[a:b] for a, b in pairwise(bounds)]

    def _lower_bound(self, key: bytes) -> int:
        return int(lower_bound(self.blob, self.offsets, np.frombuffer(key, dtype=np.uint8)))
