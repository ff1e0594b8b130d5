"""Moments to shots and photos: who pressed the button, when, at what, and which photos are copies.

A shot is one look at something; a burst is several photos of one shot within seconds. A copy is a
photo of the moment once more: encoded again, smaller, perhaps by somebody else to whom it was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from loadtest.world.moments import COMPANIONS, Moments
from loadtest.world.scenes import Scenes

__all__ = ["Shots", "draw_shots"]

_BY_COMPANION: Final = 0.2
_BURST: Final = 0.22
_BURST_S: Final = 4
"""Most seconds between two photos of a burst."""
_PACE_S: Final = 240.0
"""Median of the seconds between shots."""
_LONGEST_GAP_S: Final = 3 * 3_600.0
_COPY: Final = 0.04
_COPY_OF_OTHERS: Final = 0.4
_USUAL: Final = (0.62, 0.88)
"""Up to which chance a shot is of the first subject, of the second, else of the third."""
_TWO: Final = 0.3
"""Share of shots with two subjects."""
_OTHER_SETTING: Final = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Shots:
    """One row a photo, unless said otherwise."""

    moments: npt.NDArray[np.int64]
    """Rows of the moments, ascending."""
    shots: npt.NDArray[np.int64]
    """Numbers of the shots, ascending but for copies."""
    authors: npt.NDArray[np.int64]
    """Places in `Moments.people`."""
    taken_at: npt.NDArray[np.int64]
    """Naive local seconds."""
    sources: npt.NDArray[np.int64]
    """The photo itself, or the one that it is a copy of."""
    subjects: npt.NDArray[np.int64]
    """Shape (shots, 2): classes, -1 for no second one."""
    settings: npt.NDArray[np.int64]
    """Shape (shots,): the class around."""

    @property
    def copies(self) -> npt.NDArray[np.intp]:
        """The photos that are copies, ascending."""
        return np.flatnonzero(self.sources != np.arange(self.sources.size))


def draw_shots(moments: Moments, scenes: Scenes, random: np.random.Generator) -> Shots:
    """Draw the photos of ``moments``, in the order of moments and of time."""
    moment = np.repeat(np.arange(len(moments)), moments.sizes)
    photos = np.arange(moment.size)
    begins = np.concatenate([[True], moment[1:] != moment[:-1]])[: moment.size]
    copied = (random.random(moment.size) < _COPY) & ~begins
    sources = np.maximum.accumulate(np.where(copied, 0, photos))
    burst = (random.random(moment.size) < _BURST) & ~begins & ~copied
    shot = np.cumsum(~burst & ~copied) - 1
    shots = int(shot.max(initial=-1)) + 1

    slot = random.integers(1, COMPANIONS + 1, moment.size)
    slot[random.random(moment.size) >= _BY_COMPANION] = 0
    # A burst is one person's.
    slot = slot[np.flatnonzero(~burst & ~copied)][shot]
    other = copied & (random.random(moment.size) < _COPY_OF_OTHERS)
    slot[other] = (slot[other] + random.integers(1, COMPANIONS + 1, moment.size)[other]) % (
        COMPANIONS + 1
    )
    slot[moments.people[moment, slot] < 0] = 0

    pace = _PACE_S * np.exp(random.normal(0.0, 0.8, len(moments)))
    gaps = np.minimum(random.exponential(1.0, moment.size) * pace[moment], _LONGEST_GAP_S)
    gaps = np.where(burst, random.integers(1, _BURST_S + 1, moment.size), gaps)
    passed = np.cumsum(np.where(begins | copied, 0, gaps).astype(np.int64))
    firsts = np.cumsum(moments.sizes) - moments.sizes
    taken_at = moments.started[moment] + passed - passed[firsts][moment]

    of_shot = moment[np.flatnonzero(~burst & ~copied)]
    which = np.searchsorted(_USUAL, random.random(shots), side="right")
    main = moments.subjects[of_shot, which]
    second = moments.subjects[of_shot, (which + 1) % 3]
    second[(random.random(shots) >= _TWO) | (second == main)] = -1
    around = (random.random(shots) < _OTHER_SETTING).astype(np.int64)
    return Shots(
        moments=moment,
        shots=shot,
        authors=slot,
        taken_at=taken_at,
        sources=sources,
        subjects=np.column_stack([main, second]),
        settings=scenes.settings[moments.scenes[of_shot], around],
    )
