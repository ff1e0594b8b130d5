"""How well a coder keeps order: Spearman's rank correlation of Hamming distance to cosine (PS-11).

Over all pairs of some photos, the pairs are ranked once by the cosine of their vectors and once
by the nearness of their codes; 1 means that the orders are equal. The cosine is that of vectors
scaled to length 1 and centred, `understanding.photos.codes.centred`: the angles that signs of
planes through the mean can see at all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from alicorn.errors import ShapeError
from understanding.photos.codes import Coder, centred

__all__ = ["average_ranks", "rank_correlation"]


def rank_correlation(coder: Coder, vectors: npt.ArrayLike, mean: npt.ArrayLike) -> float:
    """Return Spearman's correlation between cosine and Hamming nearness, over all pairs.

    Parameters
    ----------
    coder : Coder
    vectors : float, shape (n, dimensions)
        At least 3; all n * (n - 1) / 2 pairs are held in memory.
    mean : float, shape (dimensions,)
        Around which cosines are taken; give every coder the same to compare them.

    Returns
    -------
    float
        In [-1, 1]; nan if all cosines or all distances are equal.

    Raises
    ------
    ShapeError
        If there are fewer than 3 vectors, or they do not fit the coder.
    """
    directions = centred(vectors, mean)
    if len(directions) < 3:
        raise ShapeError(f"{len(directions)} vectors, needed at least 3")
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    directions /= np.where(lengths == 0, 1, lengths)
    signs = np.unpackbits(coder.encode(vectors), axis=1).astype(np.float32) * 2 - 1
    pairs = np.triu_indices(len(directions), k=1)
    # The product of two codes of +1 and -1 is bits - 2 * distance: exact, and it falls as the
    # distance grows.
    nearness = (signs @ signs.T)[pairs]
    cosines = (directions @ directions.T)[pairs]
    return float(np.corrcoef(average_ranks(cosines), average_ranks(nearness))[0, 1])


def average_ranks(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the rank of each value, from 1; equal values share the average of theirs.

    >>> average_ranks([30, 10, 10, 20]).tolist()
    [4.0, 1.5, 1.5, 3.0]
    """
    _, group, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: npt.NDArray[np.float64] = (last - (counts - 1) / 2)[group]
    return ranks
