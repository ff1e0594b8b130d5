"""From the probabilities of the classes to the confidences of all concepts.

What a concept gets is the sum over the leaves below it, each leaf once, however many paths lead
there (WordNet is no tree), with the base rate divided out:

    adjusted = (sum of the probabilities of the leaves below) * sqrt(prior of a leaf / prior)

where the prior of a concept is the share of the classes below it. It needs no data: a photo of
which nothing is known is 118 times as likely to show a dog as to show a beagle, so *dog* says less
about it. A leaf keeps its probability; *dog* (118 leaves) can reach 0.092 at most, *animal* 0.050.
Confidences of one concept are in the same order with and without the division; what it changes is
which concepts are among the best 50 of a photo, and how much each adds to a sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from alicorn.errors import BadRequest, ShapeError

__all__ = ["Propagation"]

FloatArray: TypeAlias = npt.NDArray[np.float32]


class Propagation:
    """The leaves below each concept, laid out for one gather and one sum.

    Parameters
    ----------
    leaves_below : sequence of sequence of int
        For each concept the classes below it, ascending, at least one; a leaf is below itself.
    leaves : int
        How many classes there are.
    rates : sequence of int, optional
        For each concept the number of classes that its prior is counted by; by default those
        below it.
    """

    def __init__(
        self,
        leaves_below: Sequence[Sequence[int]],
        leaves: int,
        rates: Sequence[int] | None = None,
    ) -> None:
        counts = np.array([len(below) for below in leaves_below], dtype=np.int64)
        assert counts.min(initial=1) >= 1, "a concept without leaves cannot be seen"
        self._leaves = leaves
        self._members = np.concatenate([np.asarray(below, np.intp) for below in leaves_below])
        self._starts = np.concatenate(([0], np.cumsum(counts)[:-1])).astype(np.intp)
        priors = counts if rates is None else np.array(rates, dtype=np.int64)
        self._factor = 1 / np.sqrt(priors.astype(np.float64))

    def propagate(self, probabilities: FloatArray) -> FloatArray:
        """Return the adjusted confidences of all concepts.

        Each photo's result is the same whatever else is in the batch.

        Parameters
        ----------
        probabilities : float32, shape (photos, leaves)
            In [0, 1], by class.

        Returns
        -------
        float32, shape (photos, concepts)
            In [0, 1], in the order of the concepts.

        Raises
        ------
        ShapeError
            If the array is not two-dimensional or has another number of classes.
        BadRequest
            If a probability is not a number in [0, 1].
        """
        if probabilities.ndim != 2 or probabilities.shape[1] != self._leaves:
            raise ShapeError(
                f"probabilities have shape {probabilities.shape}, needed (photos, {self._leaves})"
            )
        # A softmax in float32 may pass 1 by a few units in the last place.
        if not bool(((probabilities >= 0) & (probabilities <= 1.0001)).all()):
            raise BadRequest("probabilities must be numbers in 0..1, found others")
        gathered = probabilities.astype(np.float64)[:, self._members]
        sums = np.add.reduceat(gathered, self._starts, axis=1)
        return np.clip(sums * self._factor, 0, 1).astype(np.float32)
