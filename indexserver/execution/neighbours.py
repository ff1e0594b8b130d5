"""What `nn :k` found in one segment, as a list that a plan reads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Neighbours"]


class Neighbours(NamedTuple):
    """The documents of one segment that are among the k nearest of the shard."""

    locals: npt.NDArray[np.uint32]
    """Strictly increasing."""
    points: npt.NDArray[np.int64]
    """What each adds to its score."""
