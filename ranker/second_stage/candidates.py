"""Candidates: the visible hits of one request as parallel arrays, best first.

The order is that of the first stage: score descending, sort-key descending, id ascending. The
second stage keeps to it wherever it has no reason to differ.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alicorn.documents.model import CODE_BYTES
from alicorn.errors import ShapeError
from ranker.features import FIRST_STAGE
from ranker.second_stage import _kernels

__all__ = ["MAX_CANDIDATES", "Candidates", "hamming"]

MAX_CANDIDATES: Final = 5_000
"""Every two are compared; 5,000 take 50 MB of distances, and a page needs some hundred."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Candidates:
    """n visible hits, best first; every array has n entries.

    Raises
    ------
    ShapeError
        If an array has another type or shape than said here, or there are more than
        `MAX_CANDIDATES`.
    """

    ids: NDArray[np.uint64]
    sort_keys: NDArray[np.uint32]
    scores: NDArray[np.int64]
    """First stage, in units of 1 / `ranker.scores.SCORE_ONE`."""
    features: NDArray[np.float32]
    """(n, F): rows of `FIRST_STAGE`."""
    authors: NDArray[np.uint64]
    """0 where unknown."""
    taken_at: NDArray[np.int64]
    """Naive seconds since 1970-01-01; `UNKNOWN_TIME` where unknown."""
    fingerprints: NDArray[np.uint8]
    """(n, 32): PDQ; zeros where there is none."""
    fingerprint_qualities: NDArray[np.uint8]
    """0..100; 0 where there is no fingerprint."""
    visual: NDArray[np.uint8]
    """(n, 32): visual codes; zeros where there is none."""

    def __post_init__(self) -> None:
        n = self.ids.size
        if n > MAX_CANDIDATES:
            raise ShapeError(f"at most {MAX_CANDIDATES} candidates, got {n}")
        for name, dtype, shape in (
            ("ids", np.uint64, (n,)),
            ("sort_keys", np.uint32, (n,)),
            ("scores", np.int64, (n,)),
            ("features", np.float32, (n, len(FIRST_STAGE))),
            ("authors", np.uint64, (n,)),
            ("taken_at", np.int64, (n,)),
            ("fingerprints", np.uint8, (n, CODE_BYTES)),
            ("fingerprint_qualities", np.uint8, (n,)),
            ("visual", np.uint8, (n, CODE_BYTES)),
        ):
            array = getattr(self, name)
            if array.dtype != dtype or array.shape != shape:
                raise ShapeError(
                    f"{name} must be {np.dtype(dtype).name} {shape}, "
                    f"got {array.dtype.name} {array.shape}"
                )

    def __len__(self) -> int:
        return int(self.ids.size)

    def feature(self, name: str) -> NDArray[np.float32]:
        """Return one column of the first stage's features, float32 (n,)."""
        column: NDArray[np.float32] = self.features[:, FIRST_STAGE.index(name)]
        return column

    def take(self, positions: NDArray[np.int64] | NDArray[np.bool_]) -> Candidates:
        """Return the candidates at ``positions``, in that order; a mask keeps the order."""
        return Candidates(**{f.name: getattr(self, f.name)[positions] for f in fields(self)})


def hamming(codes: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return the Hamming distance of every two codes.

    Parameters
    ----------
    codes : uint8, shape (n, 32)

    Returns
    -------
    uint16, shape (n, n)
        In bits, 0..256, symmetric, zeros on the diagonal.
    """
    distances = np.empty((len(codes), len(codes)), dtype=np.uint16)
    words = np.ascontiguousarray(codes).view(np.uint64)
    _kernels.hamming_into(np.ascontiguousarray(words.T), distances)
    return distances
