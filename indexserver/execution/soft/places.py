"""Places: which hits are kept when operands of `strong-or` have shares of them.

With N = 4 places, a share of 2 for ``a`` and one of 1 for ``b``, and hits 1 to 8 of which 5, 6, 7
are in ``a`` and 8 is in ``b``: 5 and 6 are kept for ``a``, 8 for ``b``, and the first hit fills the
place that is left. Shares are met in the order of the text, as far as places remain; a hit that is
kept already serves every share whose operand holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from indexserver.execution.soft.visit import Hits, bits_of

__all__ = ["Kept", "keep"]

Positions = npt.NDArray[np.intp]
Scores = npt.NDArray[np.int64]


class Kept(NamedTuple):
    """What is kept of hits."""

    positions: Positions
    """Positions among the hits, ascending."""
    unmet: tuple[str, ...]
    """Shares that could not be met: "operand 2: 10 of 20", counted from 1 in the text's order."""
    settled: bool
    """Whether further hits behind these could not take a place from them, nor meet a share."""


def keep(hits: Hits, quotas: Sequence[int], limit: int, scores: Scores | None = None) -> Kept:
    """Return which of ``hits`` keep one of ``limit`` places.

    Parameters
    ----------
    quotas : sequence of int
        Places of each share.
    scores : int64, shape (hits,), optional
        The best are kept, ties in DocId order; without it the first.
    """
    kept = np.zeros(hits.size, dtype=np.bool_)
    places = limit
    unmet = []
    settled = True
    for number, quota in enumerate(quotas):
        chosen = _best(np.flatnonzero(bits_of(hits.shares, number)), quota, scores)
        fresh = chosen[~kept[chosen]]
        met = chosen.size - max(fresh.size - places, 0)
        kept[fresh[:places]] = True
        places -= min(fresh.size, places)
        if met < quota:
            unmet.append(f"operand {number + 1}: {met} of {quota}")
        settled = settled and (chosen.size == quota or places == 0)
    rest = _best(np.flatnonzero(~kept), places, scores)
    kept[rest] = True
    return Kept(np.flatnonzero(kept), tuple(unmet), settled and rest.size == places)


def _best(among: Positions, count: int, scores: Scores | None) -> Positions:
    """Return the ``count`` best of ``among``, ascending positions, in their order."""
    if scores is None:
        return among[:count]
    points = scores[among]
    if among.size > count:
        if count == 0:
            return among[:0]
        least = np.partition(points, among.size - count)[among.size - count]
        above = points > least
        ties = np.flatnonzero(points == least)
        above[ties[: count - np.count_nonzero(above)]] = True
        among, points = among[above], points[above]
    return among[np.argsort(~points, kind="stable")]
