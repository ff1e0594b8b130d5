"""The order everywhere: score descending, sort-key descending, id ascending.

One place, so that shards, racks and the second stage cannot disagree on ties. Ids are unique in a
collection, so the order is total: a merge of any split is the sort of the whole.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["best_first", "document_order"]


def best_first(
    scores: npt.NDArray[np.int64],
    sort_keys: npt.NDArray[np.uint32],
    ids: npt.NDArray[np.uint64],
) -> npt.NDArray[np.intp]:
    """Return the permutation that puts hits in the order everywhere.

    Parameters
    ----------
    scores : int64, shape (n,)
    sort_keys : uint32, shape (n,)
    ids : uint64, shape (n,)
        Distinct.
    """
    # Complements turn an order round as negation does, and the least int64 has one.
    return np.lexsort((ids, ~sort_keys, ~scores))


def document_order(
    sort_keys: npt.NDArray[np.uint32], ids: npt.NDArray[np.uint64]
) -> npt.NDArray[np.intp]:
    """Return the permutation into DocId order: sort-key descending, id ascending."""
    return np.lexsort((ids, ~sort_keys))
