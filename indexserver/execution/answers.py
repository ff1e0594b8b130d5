"""What retrieval gives: candidates as parallel arrays, and how complete they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexserver.execution.bind import Bound
from indexserver.execution.segment_run import Frame

__all__ = [
    "CUT_DEADLINE",
    "CUT_RETRIEVE_LIMIT",
    "Candidates",
    "Order",
    "Retrieved",
    "candidates_of",
    "cuts_of",
]

CUT_RETRIEVE_LIMIT: Final = "retrieve-limit"
CUT_DEADLINE: Final = "deadline"


class Order(Enum):
    """How hits are retrieved."""

    STATIC = "static"
    """The first in DocId order: sort-key descending, id ascending."""
    CONCEPT = "concept"
    """The best by concept score."""


class Candidates(NamedTuple):
    """Retrieved documents, parallel arrays, in the order that was asked for."""

    segments: npt.NDArray[np.intp]
    """Position of each one's segment in the view."""
    locals: npt.NDArray[np.uint32]
    ids: npt.NDArray[np.uint64]
    sort_keys: npt.NDArray[np.uint32]
    concept_scores: npt.NDArray[np.int64]
    """In units of 1 / `CONCEPT_ONE`."""

    def cut(self, limit: int) -> Candidates:
        """Return the first ``limit`` of them."""
        if self.ids.size <= limit:
            return self
        return Candidates(
            self.segments[:limit],
            self.locals[:limit],
            self.ids[:limit],
            self.sort_keys[:limit],
            self.concept_scores[:limit],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Retrieved:
    """What a plan found."""

    candidates: Candidates
    matched: int
    """Documents that matched; a lower bound unless ``exact``."""
    exact: bool
    """Whether every match was counted."""
    cuts: tuple[str, ...]
    """Which limits cut, in alphabetical order; empty when none did."""
    bounds: tuple[Bound, ...]
    """One a segment of the view."""
    unmet_shares: tuple[str, ...] = ()
    """`strong-or` shares that could not be met: "operand 2: 10 of 20"."""
    extracted: bool = False
    """Whether ``candidates`` are values of a field: their segments and local ids mean nothing."""


def cuts_of(limit: int, matched: int, *, whole: bool) -> tuple[str, ...]:
    """Return which limits cut."""
    cuts = () if whole else (CUT_DEADLINE,)
    return (*cuts, CUT_RETRIEVE_LIMIT) if matched > limit else cuts


def candidates_of(
    frames: Sequence[Frame], pieces: Sequence[tuple[int, npt.NDArray[np.uint32]]]
) -> Candidates:
    """Return the documents of ``pieces`` (segment, local ids), piece after piece, unscored."""
    columns = [frames[number].bound.part.segment.columns for number, _ in pieces]
    return Candidates(
        np.concatenate(
            [np.empty(0, dtype=np.intp)]
            + [np.full(locals_.size, number, dtype=np.intp) for number, locals_ in pieces]
        ),
        np.concatenate([np.empty(0, dtype=np.uint32), *(locals_ for _, locals_ in pieces)]),
        np.concatenate(
            [np.empty(0, dtype=np.uint64)]
            + [c["ids"][p[1]] for c, p in zip(columns, pieces, strict=True)]
        ),
        np.concatenate(
            [np.empty(0, dtype=np.uint32)]
            + [c["sort_keys"][p[1]] for c, p in zip(columns, pieces, strict=True)]
        ),
        np.empty(0, dtype=np.int64),
    )
