"""ConSE: a photo lies where its concepts do, weighted by how surely they were seen.

    v = sum over its concepts of sqrt(confidence) * vector,   score = cosine(v, query's vector)

The square root is what was found best for confidences of this classifier; the paper weighs by the
confidence itself and takes the ten best.

References
----------
.. [1] Norouzi et al., "Zero-shot learning by convex combination of semantic embeddings", 2014.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from alicorn.errors import ShapeError
from ranker.evaluation.measuring import Query

__all__ = ["Conse"]


class Conse:
    """Photos as vectors.

    Parameters
    ----------
    uris : sequence of str
    confidences : float32, shape (photos, concepts)
        At least 0.
    concepts : float32, shape (concepts, dimensions)
        A row each of length 1, or of zeros where nothing is known.
    vector_of : callable
        Takes a query; returns float32, shape (dimensions,), or None where no word is known.

    Raises
    ------
    ShapeError
        If the arrays do not fit together.
    """

    def __init__(
        self,
        uris: Sequence[str],
        confidences: npt.NDArray[np.float32],
        concepts: npt.NDArray[np.float32],
        vector_of: Callable[[Query], npt.NDArray[np.float32] | None],
    ) -> None:
        if confidences.shape != (len(uris), len(concepts)):
            raise ShapeError(
                f"confidences have shape {confidences.shape}, needed {(len(uris), len(concepts))}"
            )
        self._uris = tuple(uris)
        self._vector_of = vector_of
        vectors = np.sqrt(confidences) @ concepts
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self._vectors = np.divide(vectors, lengths, where=lengths > 0, out=np.zeros_like(vectors))

    def __call__(self, query: Query) -> list[str]:
        """Return all photos, nearest first; none where the query has no vector."""
        vector = self._vector_of(query)
        if vector is None:
            return []
        order = np.argsort(-(self._vectors @ vector), kind="stable")
        return [self._uris[at] for at in order.tolist()]
