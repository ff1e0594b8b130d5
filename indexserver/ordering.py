"""The best of several scorers at once, in the order everywhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from alicorn.documents.ordering import best_first

__all__ = ["best_of_each"]

Scores = npt.NDArray[np.int64]
SortKeys = npt.NDArray[np.uint32]
Ids = npt.NDArray[np.uint64]


def best_of_each(scores: Scores, sort_keys: SortKeys, ids: Ids, limit: int) -> npt.NDArray[np.intp]:
    """Return the union of each scorer's ``limit`` best, ordered by the first scorer.

    Parameters
    ----------
    scores : int64, shape (scorers, n)
    sort_keys : uint32, shape (n,)
    ids : uint64, shape (n,)
        Distinct.
    limit : int
        At least 1.

    Returns
    -------
    intp, shape (at least min(limit, n), at most scorers * limit)
        Positions, in the order everywhere by ``scores[0]``.
    """
    first = best_first(scores[0], sort_keys, ids)
    kept = np.zeros(ids.size, dtype=np.bool_)
    kept[first[:limit]] = True
    for row in scores[1:]:
        kept[best_first(row, sort_keys, ids)[:limit]] = True
    return first[kept[first]]
