"""Dropbox's formula, summed over every concept: score(q, j) = q_w C j_c (DB-01).

q_w is the query's vector, C has the concepts' vectors as columns, j_c are a photo's confidences.
Whole, or cut as an index must cut it (DB-08: the photo's 50 best, the query's 10 best); what lies
between the two figures is what the cut loses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from alicorn.errors import ShapeError
from ranker.evaluation.measuring import Query

__all__ = ["Projection"]


class Projection:
    """Photos as confidences, queries as weights of concepts.

    Parameters
    ----------
    uris : sequence of str
    confidences : float32, shape (photos, concepts)
        At least 0.
    concepts : float32, shape (concepts, dimensions)
    vector_of : callable
        Takes a query; returns float32, shape (dimensions,), or None where no word is known.
    most_tags, most_concepts : int or None
        So many of a photo's confidences and of a query's weights count, the largest; None is all.

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
        *,
        most_tags: int | None = None,
        most_concepts: int | None = None,
    ) -> None:
        if confidences.shape != (len(uris), len(concepts)):
            raise ShapeError(
                f"confidences have shape {confidences.shape}, needed {(len(uris), len(concepts))}"
            )
        self._uris = tuple(uris)
        self._concepts = concepts
        self._vector_of = vector_of
        self._most_concepts = most_concepts
        self._confidences = _largest(confidences, most_tags)

    def __call__(self, query: Query) -> list[str]:
        """Return all photos, highest score first; none where the query has no vector."""
        vector = self._vector_of(query)
        if vector is None:
            return []
        weights = _largest((self._concepts @ vector)[np.newaxis], self._most_concepts)[0]
        order = np.argsort(-(self._confidences @ weights), kind="stable")
        return [self._uris[at] for at in order.tolist()]


def _largest(rows: npt.NDArray[np.float32], most: int | None) -> npt.NDArray[np.float32]:
    """Return ``rows`` with all but the ``most`` largest of each row set to 0."""
    if most is None or most >= rows.shape[1]:
        return rows
    # Equal values are kept in the order of the columns.
    kept = np.argsort(-rows, axis=1, kind="stable")[:, :most]
    cut = np.zeros_like(rows)
    np.put_along_axis(cut, kept, np.take_along_axis(rows, kept, axis=1), axis=1)
    return cut
