"""CRoaring through pyroaring: each list a run-optimised bitmap, made when it is first asked for."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from loadtest.corpora.corpus import Corpus
from loadtest.questions import Question

__all__ = ["Roaring"]


class Roaring:
    """Set operations on whole bitmaps; results are bitmaps, not arrays of ids."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._bitmaps: dict[int, Any] = {}

    @staticmethod
    def is_here() -> bool:
        """Whether pyroaring is installed."""
        return importlib.util.find_spec("pyroaring") is not None

    @classmethod
    def open(cls, corpus: Corpus) -> Roaring | None:
        """Return the lists of ``corpus`` as bitmaps; None without pyroaring."""
        return cls(corpus) if cls.is_here() else None

    def ids(self, question: Question) -> Callable[[], Any]:
        """Return the call that finds all ids of ``question`` as a bitmap."""
        from pyroaring import BitMap  # noqa: PLC0415 - an extra

        groups = [[self._bitmap(word) for word in words] for words in question.words]
        match question.kind:
            case "and":
                return lambda: BitMap.intersection(*groups[0])
            case "or":
                return lambda: BitMap.union(*groups[0])
            case "and-of-or":
                return lambda: reduce(
                    lambda one, other: one & other, [BitMap.union(*group) for group in groups]
                )
            case "difference":
                return lambda: groups[0][0] - groups[1][0]

    def _bitmap(self, word: int) -> Any:
        if word not in self._bitmaps:
            self._bitmaps[word] = bitmap_of(self._corpus.postings[self._corpus.list_of(word)])
        return self._bitmaps[word]


def bitmap_of(ids: npt.NDArray[np.uint32]) -> Any:
    """Return ``ids`` as a run-optimised bitmap."""
    from pyroaring import BitMap  # noqa: PLC0415 - an extra

    bitmap = BitMap(ids)
    bitmap.run_optimize()
    return bitmap
