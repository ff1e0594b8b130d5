"""Faiss over 256-bit codes: IndexBinaryFlat, which scans, and its selector by bitmap."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Faiss"]


class Faiss:
    """Exact search of one query at a time; equal distances come in no order that is promised."""

    def __init__(self, codes: npt.NDArray[np.uint8]) -> None:
        import faiss  # noqa: PLC0415 - an extra

        self._faiss: Any = faiss
        self._index = faiss.IndexBinaryFlat(8 * codes.shape[1])
        self._index.add(codes)
        self._pointed_to: list[Any] = []
        """What searches point to without owning it."""

    @staticmethod
    def is_here() -> bool:
        """Whether faiss-cpu is installed."""
        return importlib.util.find_spec("faiss") is not None

    @classmethod
    def open(cls, codes: npt.NDArray[np.uint8]) -> Faiss | None:
        """Return an index of a copy of ``codes``; None without Faiss."""
        return cls(codes) if cls.is_here() else None

    @contextmanager
    def one_thread(self) -> Iterator[None]:
        """Search with one thread in the block; afterwards with as many as before."""
        before = self._faiss.omp_get_max_threads()
        self._faiss.omp_set_num_threads(1)
        try:
            yield
        finally:
            self._faiss.omp_set_num_threads(before)

    def nearest(
        self, query: bytes, k: int, allowed: npt.NDArray[np.uint64] | None = None
    ) -> Callable[[], Any]:
        """Return the call that finds the (distances, ids) of the k nearest.

        ``allowed`` is a bitmap of the documents that may be found; None allows all.
        """
        asked = np.frombuffer(query, dtype=np.uint8)[None, :]
        if allowed is None:
            return lambda: self._index.search(asked, k)
        selector = self._faiss.IDSelectorBitmap(allowed.view(np.uint8))
        params = self._faiss.SearchParameters(sel=selector)
        self._pointed_to += [allowed, selector]
        return lambda: self._index.search(asked, k, params=params)
