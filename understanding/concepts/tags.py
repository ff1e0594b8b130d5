"""Which concepts a photo is tagged with: the best 50 (DB-08), the faintest never."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alicorn.documents import Tag
from alicorn.documents.hitdata import quantise_all
from alicorn.documents.model import MAX_TAGS

__all__ = ["best_tags"]


def best_tags(
    confidences: npt.NDArray[np.float32],
    names: Sequence[str],
    name_ranks: npt.NDArray[np.int64],
    most: int = MAX_TAGS,
) -> tuple[Tag, ...]:
    """Return the ``most`` best concepts of one photo, best first, equal ones by name.

    A concept whose confidence is the byte 0 (below about 3.8e-6) is left out: the index could not
    tell it from nothing.

    Parameters
    ----------
    confidences : float32, shape (concepts,)
        In [0, 1].
    names : sequence of str
        Of the concepts.
    name_ranks : int64, shape (concepts,)
        Place of each name in alphabetical order.
    most : int
        At least 0.
    """
    seen = np.flatnonzero(quantise_all(confidences))
    order = seen[np.lexsort((name_ranks[seen], -confidences[seen]))][:most]
    return tuple(Tag(names[index], float(confidences[index])) for index in order.tolist())
