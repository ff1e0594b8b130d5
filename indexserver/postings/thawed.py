"""Cold lists that were read from flash and decoded: the latest of them, up to a number of bytes.

One for all segments of a shard, so that its bytes are counted once. A list is known by the segment
that it is of and its address there; a segment that is gone leaves its lists behind until newer ones
take their place, and nothing can be mistaken for them.
"""

from __future__ import annotations

import itertools
from collections import Counter, OrderedDict
from threading import Lock
from typing import Final

from indexserver.postings.encode import EncodedList

__all__ = ["THAW_BYTES", "ThawedLists"]

THAW_BYTES: Final = 64 << 20
"""Bytes of thawed lists that are kept unless the caller says otherwise."""


class ThawedLists:
    """Thawed lists, the latest used last; any thread may come."""

    def __init__(self, budget: int = THAW_BYTES) -> None:
        self._budget = budget
        self._lock = Lock()
        self._kept: OrderedDict[tuple[int, int], EncodedList] = OrderedDict()
        self._held = 0
        self._read: Counter[int] = Counter()
        self._owners = itertools.count()

    @property
    def held_bytes(self) -> int:
        """Bytes of the lists that are kept."""
        return self._held

    def owner(self) -> int:
        """Return a number for one more segment; it is never given twice."""
        return next(self._owners)

    def bytes_read(self, owner: int) -> int:
        """Return the bytes of cold lists of ``owner`` that were decoded."""
        return self._read[owner]

    def find(self, owner: int, address: int) -> EncodedList | None:
        """Return the list of ``owner`` that is packed at ``address``; None if it is not kept."""
        with self._lock:
            found = self._kept.get((owner, address))
            if found is not None:
                self._kept.move_to_end((owner, address))
            return found

    def keep(self, owner: int, address: int, encoded: EncodedList, read: int) -> None:
        """Keep the list that is packed at ``address``, for which ``read`` bytes were decoded."""
        size = encoded.owner.nbytes
        with self._lock:
            self._read[owner] += read
            if (owner, address) in self._kept or size > self._budget:
                return
            self._kept[owner, address] = encoded
            self._held += size
            while self._held > self._budget:
                _, dropped = self._kept.popitem(last=False)
                self._held -= dropped.owner.nbytes
