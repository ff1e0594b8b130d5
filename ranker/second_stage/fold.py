"""Near-copies folded into groups (PS-46): one photo is shown, the others stand behind it.

Two reasons, told apart for people:

* *same picture*: the fingerprints differ by at most 31 bits and both are good enough to mean
  something (PDQ's own advice [1]_: distance 31, quality 50); or fingerprint and visual code are
  both equal, as those of two files with the same content are, whatever the quality.
* *same moment*: the same known author, taken within 10 seconds, and visual codes within
  `MOMENT_BITS`: a burst.

Folding is greedy in rank order: the best photo that is not folded yet absorbs every later one that
is near *it*. Groups are therefore never chains: everything in a group resembles the photo shown,
and the same order always gives the same groups.

References
----------
.. [1] "PDQ reference implementation", ThreatExchange hashing documentation, 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alicorn.documents.model import UNKNOWN_TIME
from ranker.second_stage import _kernels
from ranker.second_stage.candidates import Candidates, hamming

__all__ = [
    "MOMENT_BITS",
    "MOMENT_S",
    "PICTURE_BITS",
    "PICTURE_QUALITY",
    "Folding",
    "Reason",
    "fold",
    "unfolded",
]

PICTURE_BITS: Final = 31
"""Most bits between two fingerprints of the same picture."""

PICTURE_QUALITY: Final = 50
"""Least quality of a fingerprint that may fold: flat pictures all look alike to PDQ."""

MOMENT_S: Final = 10
"""Most seconds between two photos of one moment."""

MOMENT_BITS: Final = 60
"""Most bits between the visual codes of two photos of one moment.

Chosen on 200 development photos (Caltech-101, COCO) under the shipped ITQ codes, with bursts made
by small turns, crops and brightness: two such shots differ by 28 bits in the middle case, and all
by at most 60; with crops down to 70 % of the side, 92 % do. Of two photos of the same Caltech
category 6 % lie as near, of other pairs under 0.1 %. Author and time do the rest.
"""


class Reason(StrEnum):
    """Why a photo was folded; the values are shown to people."""

    SAME_PICTURE = "same picture"
    SAME_MOMENT = "same moment"


@dataclass(frozen=True, slots=True, eq=False)
class Folding:
    """Which candidate stands for which; positions are those of the candidates."""

    keeper: NDArray[np.int64]
    """(n,): position of the photo that is shown for this one; its own when it is shown itself."""
    same_picture: NDArray[np.bool_]
    """(n,): True for `Reason.SAME_PICTURE`; means nothing for a photo that is shown."""

    @property
    def shown(self) -> NDArray[np.int64]:
        """Positions of the photos that are shown, ascending: in rank order."""
        return np.flatnonzero(self.keeper == np.arange(self.keeper.size))

    def groups(self) -> dict[int, list[tuple[int, Reason]]]:
        """Return, for each photo that stands for others, their positions in rank order, and why."""
        found: dict[int, list[tuple[int, Reason]]] = {}
        for position in np.flatnonzero(self.keeper != np.arange(self.keeper.size)).tolist():
            keeper = int(self.keeper[position])
            found.setdefault(keeper, []).append((position, self.reason(position)))
        return found

    def reason(self, position: int) -> Reason:
        """Why the photo at ``position``, which is not shown, was folded."""
        return Reason.SAME_PICTURE if self.same_picture[position] else Reason.SAME_MOMENT


def unfolded(count: int) -> Folding:
    """Return the folding of ``count`` candidates in which each stands for itself."""
    return Folding(np.arange(count), np.zeros(count, dtype=np.bool_))


def fold(candidates: Candidates) -> Folding:
    """Fold near-copies under the best-ranked of them.

    Parameters
    ----------
    candidates : Candidates
        In rank order.

    Returns
    -------
    Folding
        The first candidate is always shown. Costs O(n^2).
    """
    folding = unfolded(len(candidates))
    has_code = candidates.visual.any(axis=1)
    timed = (candidates.authors != 0) & (candidates.taken_at != UNKNOWN_TIME)
    _kernels.fold_into(
        hamming(candidates.fingerprints),
        hamming(candidates.visual),
        candidates.fingerprint_qualities >= PICTURE_QUALITY,
        candidates.fingerprints.any(axis=1) & has_code,
        candidates.authors,
        candidates.taken_at,
        timed & has_code,
        np.array([PICTURE_BITS, MOMENT_S, MOMENT_BITS]),
        folding.keeper,
        folding.same_picture,
    )
    return folding
