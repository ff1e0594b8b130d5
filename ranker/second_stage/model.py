"""The second stage's model file: the network's weights and the cut-off, in one ``.npz``.

Arrays: ``names`` (features in order), ``mean``, ``scale``, ``w0 b0 w1 b1 ...`` (float64), and
``cutoff`` and ``described_cutoff`` (slope, intercept, threshold). No pickled objects are ever read.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from alicorn.errors import ConfigError, CorruptData, MissingModel
from ranker.features import SECOND_STAGE
from ranker.second_stage.cutoff import Cutoff
from ranker.second_stage.net import Network

__all__ = ["SecondStageModel"]


@dataclass(frozen=True, slots=True, eq=False)
class SecondStageModel:
    """What training made: how to score, and from where on to show."""

    network: Network
    cutoff: Cutoff
    described_cutoff: Cutoff
    """For queries that describe a picture."""

    @classmethod
    def load(cls, path: Path) -> SecondStageModel:
        """Read the model at ``path``.

        Raises
        ------
        MissingModel
            If there is no file; the message says how to make it.
        ConfigError
            If it was trained on other features than `SECOND_STAGE` has.
        CorruptData
            If the file is damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except FileNotFoundError:
            raise MissingModel(
                f"no second_stage model at {path}; make it with `alicorn train second-stage`"
            ) from None
        except (ValueError, EOFError, zipfile.BadZipFile) as error:
            raise CorruptData(f"{path}: not a model file: {error}") from None
        network = Network.from_arrays(arrays, SECOND_STAGE, str(path))
        return cls(
            network, _cutoff(arrays, "cutoff", path), _cutoff(arrays, "described_cutoff", path)
        )

    def save(self, file: Path | IO[bytes]) -> None:
        """Write the model as ``.npz``; the same model always gives the same arrays."""
        layers = enumerate(zip(self.network.weights, self.network.biases, strict=True))
        arrays: dict[str, Any] = {
            f"{key}{i}": a for i, wb in layers for key, a in zip("wb", wb, strict=True)
        }
        np.savez(
            file,
            names=np.array(SECOND_STAGE.names),
            mean=self.network.mean,
            scale=self.network.scale,
            cutoff=_numbers(self.cutoff),
            described_cutoff=_numbers(self.described_cutoff),
            **arrays,
        )


def _numbers(cutoff: Cutoff) -> npt.NDArray[np.float64]:
    return np.array([cutoff.slope, cutoff.intercept, cutoff.threshold])


def _cutoff(arrays: Mapping[str, npt.NDArray[np.generic]], name: str, path: Path) -> Cutoff:
    numbers = arrays.get(name)
    if numbers is None or numbers.shape != (3,) or numbers.dtype.kind != "f":
        raise CorruptData(f"{path}: {name} must be three floats")
    slope, intercept, threshold = (float(number) for number in numbers.astype(np.float64))
    try:
        return Cutoff(slope=slope, intercept=intercept, threshold=threshold)
    except ConfigError as error:
        raise CorruptData(f"{path}: {name}: {error}") from None
