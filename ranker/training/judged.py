"""`JudgedQuery`: one query's candidates as the serving path returned them, with judgements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alicorn.errors import BadRequest, ShapeError
from ranker.features import FIRST_STAGE
from ranker.second_stage.candidates import Candidates

__all__ = ["JudgedQuery", "stacked"]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedQuery:
    """n judged candidates of one query.

    Raises
    ------
    ShapeError
        If the arrays do not fit together.
    """

    query: str
    features: NDArray[np.float32]
    """(n, F): rows of `FIRST_STAGE`, as the shards made them."""
    labels: NDArray[np.uint8]
    """(n,): 1 for a match, 0 for none."""
    columns: Candidates | None = None
    """The same n candidates with what the second stage reads; needed to train that."""
    described: bool = False
    """Whether the query describes a picture, and none of its phrases is required."""

    def __post_init__(self) -> None:
        n = self.labels.size
        if self.features.shape != (n, len(FIRST_STAGE)):
            raise ShapeError(
                f"features of {self.query!r} must be {(n, len(FIRST_STAGE))}, "
                f"got {self.features.shape}"
            )
        if self.labels.shape != (n,) or (self.labels > 1).any():
            raise ShapeError(f"labels of {self.query!r} must be {n} times 0 or 1")
        if self.columns is not None and len(self.columns) != n:
            raise ShapeError(
                f"columns of {self.query!r} must hold {n} candidates, got {len(self.columns)}"
            )

    @property
    def teaches(self) -> bool:
        """Whether an order can be learnt: there is both a match and something else."""
        return 0 < int(self.labels.sum()) < self.labels.size


def stacked(
    judged: Sequence[JudgedQuery],
) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.int64]]:
    """Return features (N, F), labels (N,) and group sizes (queries,) of those that can teach.

    A query teaches an order when it has both a match and something else; others are left out.

    Raises
    ------
    BadRequest
        If none does.
    """
    useful = [one for one in judged if one.teaches]
    if not useful:
        raise BadRequest(
            f"none of {len(judged)} judged queries has both matches and other candidates"
        )
    return (
        np.concatenate([one.features for one in useful]),
        np.concatenate([one.labels for one in useful]),
        np.array([one.labels.size for one in useful], dtype=np.int64),
    )
