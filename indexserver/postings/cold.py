"""The part of a mapped file that is to stay on the disk.

What is read of a mapped file counts as memory of the process until the system wants it back. Cold
lists are decoded when they are read, so their pages are given back at once; the system may keep
them in its own cache, where they are nobody's. It is also told not to read ahead: one list says
nothing about the next.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass

import numpy as np

from alicorn.simd.memory import address_of

__all__ = ["ColdPages"]


@dataclass(frozen=True, slots=True, eq=False)
class ColdPages:
    """The pages of one section of a mapped file."""

    mapped: mmap.mmap
    address: int
    """Of the first byte of the file."""
    section: int
    """Of the first byte of the section."""
    size: int
    """Bytes of the section, at least 1."""

    @classmethod
    def of(cls, mapped: mmap.mmap, section: memoryview) -> ColdPages | None:
        """Return the pages of ``section`` in ``mapped``; None if it is empty."""
        if not len(section):
            return None
        begin = address_of(np.frombuffer(mapped, dtype=np.uint8))
        return cls(mapped, begin, address_of(np.frombuffer(section, dtype=np.uint8)), len(section))

    def leave_on_disk(self) -> None:
        """Give back what was read to verify the section, and do not read ahead in it."""
        self._advise(mmap.MADV_RANDOM, self.section, self.size)
        self.give_back(self.section, self.size)

    def give_back(self, address: int, size: int) -> None:
        """Give back the pages of ``size`` bytes at ``address``; reading them again is fine."""
        self._advise(mmap.MADV_DONTNEED, address, size)

    def _advise(self, advice: int, address: int, size: int) -> None:
        first = (address - self.address) // mmap.PAGESIZE * mmap.PAGESIZE
        self.mapped.madvise(advice, first, address - self.address + size - first)
