"""Texts in order, one a line in one piece of memory: a hundred thousand words in a megabyte.

Python's strings take fifty bytes each beside their letters, and a dictionary as much again. Here a
text is its UTF-8 bytes and four bytes for where it begins, and is found by bisection, in some ten
microseconds.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

import numpy as np

__all__ = ["SortedLines"]

_LINE: Final = ord("\n")
_SPACE: Final = ord(" ")


class SortedLines:
    """Lines in the order of their bytes; immutable. Equal lines may follow each other.

    Parameters
    ----------
    text : bytes
        UTF-8; each line ends with a line feed.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _LINE) + 1
        self._starts = np.concatenate(([0], ends)).astype(np.uint32 if len(text) < 1 << 32 else int)

    def __len__(self) -> int:
        return self._starts.size - 1

    def __getitem__(self, index: int) -> bytes:
        """Return the line at ``index``, which is in [0, len), without its end."""
        return self._text[int(self._starts[index]) : int(self._starts[index + 1]) - 1]

    def place(self, line: bytes) -> int:
        """Return where ``line`` first stands, or would: that many lines are before it."""
        return bisect_left(range(len(self)), line, key=self.__getitem__)

    def words(self) -> int:
        """Return the most words of a line, where one space stands between two; 0 without lines."""
        if not len(self):
            return 0
        spaces = np.frombuffer(self._text, np.uint8) == _SPACE
        return int(np.add.reduceat(spaces, self._starts[:-1], dtype=np.int64).max()) + 1
