"""The network of the second stage (PS-47): a few thousand weights, run by NumPy.

    row -> standardise -> [matrix, half-and-half] x hidden layers -> matrix -> score

Standardised inputs are cut to +-6, so a library unlike the training data cannot drive the network
where it never was; a missing value (NaN) becomes 0, the training mean. The activation is
half-and-half [1]_: the first half of a layer's units are max(z, 0), the other half min(z, 0).
With weights of one sign on monotone features this makes the score monotone in them without making
it convex: training (`ranker.training.second_stage`) keeps those signs, serving just multiplies.

Computed in float64 and rounded to 1 / 65,536 before anything is ordered, so that replicas with
other linear-algebra libraries agree on the order.

References
----------
.. [1] Runje and Shankaranarayana, "Constrained monotonic neural networks", ICML 2023.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alicorn.errors import ConfigError, CorruptData, ShapeError
from ranker.features import FeatureSchema
from ranker.scores import fixed_point

__all__ = ["INPUT_BOUND", "Network", "half_and_half"]

INPUT_BOUND: Final = 6.0
"""Standard deviations to which inputs are cut."""

Floats = NDArray[np.float64]


def half_and_half(z: Floats) -> Floats:
    """Return max(z, 0) for the first half of the columns and min(z, 0) for the rest."""
    half = z.shape[1] // 2
    return np.concatenate((np.maximum(z[:, :half], 0.0), np.minimum(z[:, half:], 0.0)), axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Weights of a trained network; immutable, safe to share between threads.

    Raises
    ------
    ShapeError
        If the layers do not fit together.
    """

    mean: Floats
    """(F,): training mean of each feature."""
    scale: Floats
    """(F,): training standard deviation, positive."""
    weights: tuple[Floats, ...]
    """Layer by layer, (inputs, outputs); the last has one output."""
    biases: tuple[Floats, ...]
    """Layer by layer, (outputs,)."""

    def __post_init__(self) -> None:
        width = self.mean.size
        if self.scale.shape != (width,) or len(self.weights) != len(self.biases):
            raise ShapeError(
                f"{width} means need as many scales and each layer a bias, got "
                f"{self.scale.shape}, {len(self.weights)} layers, {len(self.biases)} biases"
            )
        for number, (matrix, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            if matrix.ndim != 2 or matrix.shape[0] != width or bias.shape != matrix.shape[1:]:
                raise ShapeError(
                    f"layer {number} must take {width} inputs, got weights {matrix.shape} "
                    f"and biases {bias.shape}"
                )
            width = matrix.shape[1]
        if width != 1:
            raise ShapeError(f"the last layer must have one output, got {width}")

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[np.generic]], schema: FeatureSchema, source: str
    ) -> Network:
        """Make a network of the arrays of a model file (``names mean scale w0 b0 w1 b1 ...``).

        Raises
        ------
        ConfigError
            If it was trained on other features than ``schema`` has.
        CorruptData
            If an array is missing, misshapen or not finite.
        """
        try:
            names = tuple(str(name) for name in arrays["names"])
            if names != schema.names:
                raise ConfigError(
                    f"{source} was trained on the features {' '.join(names)}, "
                    f"{schema.name} has {' '.join(schema.names)}; train it again"
                )
            layers = sum(key.startswith("w") for key in arrays)
            network = cls(
                mean=_floats(arrays["mean"]),
                scale=_floats(arrays["scale"]),
                weights=tuple(_floats(arrays[f"w{i}"]) for i in range(layers)),
                biases=tuple(_floats(arrays[f"b{i}"]) for i in range(layers)),
            )
        except KeyError as error:
            raise CorruptData(f"{source}: no array {error}") from None
        except ShapeError as error:
            raise CorruptData(f"{source}: {error}") from None
        every = (network.mean, network.scale, *network.weights, *network.biases)
        if not all(np.isfinite(array).all() for array in every) or (network.scale <= 0).any():
            raise CorruptData(f"{source}: weights must be finite and scales positive")
        return network

    def score(self, rows: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the score of each row.

        Parameters
        ----------
        rows : float32, shape (n, F)
            NaN is a missing value.

        Returns
        -------
        int64, shape (n,)
            In units of 1 / `SCORE_ONE`, in the order of ``rows``; more is better.

        Raises
        ------
        ShapeError
            If ``rows`` has not F columns.
        """
        if rows.ndim != 2 or rows.shape[1] != self.mean.size:
            raise ShapeError(f"rows must have shape (n, {self.mean.size}), got {rows.shape}")
        x = (rows.astype(np.float64) - self.mean) / self.scale
        x = np.clip(np.where(np.isnan(x), 0.0, x), -INPUT_BOUND, INPUT_BOUND)
        for matrix, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = half_and_half(x @ matrix + bias)
        out = x @ self.weights[-1] + self.biases[-1]
        return fixed_point(out[:, 0])


def _floats(array: NDArray[np.generic]) -> Floats:
    if array.dtype.kind != "f":
        raise ShapeError(f"weights must be floats, got {array.dtype.name}")
    return array.astype(np.float64)
