"""Concept scores of hits of soft operators.

A leaf counts only where every gate above it holds the hit. Gates without a soft operator inside
have slots of the program, as in any plan; those with one were decided by the pass, and what lies
below them is added for the hits that they hold (`Program.gated`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from indexserver.execution.bind import Bound
from indexserver.execution.program import Shares
from indexserver.execution.segment_run import Frame, frame_of
from indexserver.execution.soft.visit import Hits, bits_of

__all__ = ["points_of"]


def points_of(
    frames: Sequence[Frame], gates: Sequence[int], hits: Hits, positions: npt.NDArray[np.intp]
) -> npt.NDArray[np.int64]:
    """Return the concept scores of the hits at ``positions``, in units of 1 / `CONCEPT_ONE`.

    Parameters
    ----------
    gates : sequence of int
        What the bits of ``hits.gates`` are (`Pass.gates`).
    positions : intp, shape (n,)
        Ascending.
    """
    points = np.zeros(positions.size, dtype=np.int64)
    segments = hits.segments[positions]
    for number, frame in enumerate(frames):
        here = np.flatnonzero(segments == number)
        program = frame.bound.program
        if not here.size:
            continue
        for gate, shares in ((None, program.shares), *program.gated):
            held = here
            if gate is not None:
                held = here[bits_of(hits.gates[positions[here]], gates.index(gate))]
            if held.size and len(shares):
                frame_here = frame_of(_counting(frame.bound, shares))
                points[held] += frame_here.scores_of(hits.locals[positions[held]])
    return points


def _counting(bound: Bound, shares: Shares) -> Bound:
    """Return ``bound`` with ``shares`` alone, and only those slots kept that are gates of theirs.

    Without such a slot nothing has to be matched again.
    """
    slots = bound.program.kept
    kept = slots if (shares[:, 3] >= 0).any() else slots[:0]
    return replace(bound, program=replace(bound.program, shares=shares, gated=(), kept=kept))
