"""One bound plan over one segment: the kernels with memory around them.

Thread-safe: a frame is read by any number of threads, and each thread has its own desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from alicorn.simd.emit import SLACK
from alicorn.simd.memory import address_of
from indexserver.execution.bind import Bound
from indexserver.execution.collect._kernels import (
    best_matches,
    best_of_many,
    count_many,
    count_matches,
    match_ids,
    score_ids,
)
from indexserver.execution.deadline import TimeIsUp
from indexserver.execution.window.frame import (
    DESK_VISITED,
    FRAME_DOCUMENTS,
    FRAME_DRIVER,
    FRAME_KEPT,
    FRAME_KEPT_COUNT,
    FRAME_LEAVES,
    FRAME_LIVE,
    FRAME_OPS,
    FRAME_OPS_COUNT,
    FRAME_ROWS,
    FRAME_SHARES,
    FRAME_SHARES_COUNT,
    FRAME_SIZE,
    FRAME_SLOTS,
    desk_of_this_thread,
)
from indexserver.postings.forms import WINDOW

__all__ = ["EVERYTHING", "Best", "Frame", "best_each", "count_each", "frame_of"]

LocalIds = npt.NDArray[np.uint32]
Scores = npt.NDArray[np.int64]

EVERYTHING: Final = 1 << 40
"""A limit that no segment reaches."""

_ALL: Final = 1 << 62

_LEAST_ROOM: Final = 256
_MOST_ROOM: Final = 8_192
"""Entries that a buffer of the best has beside the best."""


class Best(NamedTuple):
    """The best matches of one segment."""

    locals: LocalIds
    """By score descending, then ascending."""
    scores: Scores
    """Beside them, exact, in units of 1 / `CONCEPT_ONE`."""
    matched: int
    """How many matched."""
    exact: bool
    """False if windows were left out that could not change the best."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A bound plan as kernels read it."""

    bound: Bound
    block: npt.NDArray[np.int64]
    address: int
    windows: int
    """0 when nothing can match."""
    slots: int
    leaves: int
    owned: tuple[npt.NDArray[np.generic], ...]

    def count(self, cancel: int, first: int = 0, end: int = _ALL) -> tuple[int, bool]:
        """Return how many documents match in windows [first, end), and whether all were seen."""
        desk = desk_of_this_thread()
        desk.fit(self.slots, self.leaves)
        found: tuple[int, bool] = count_matches(
            self.address, desk.address, cancel, first, min(end, self.windows)
        )
        return found

    def ids(
        self, limit: int, cancel: int, first: int = 0, end: int = _ALL
    ) -> tuple[LocalIds, bool]:
        """Return the first ``limit`` matches, ascending, and whether the time sufficed."""
        end = min(end, self.windows)
        desk = desk_of_this_thread()
        desk.fit(self.slots, self.leaves)
        desk.fit_numbers(min(limit + WINDOW, max(end - first, 0) * WINDOW) + SLACK)
        found, whole = match_ids(
            self.address, desk.address, cancel, first, end, limit, desk.numbers_address
        )
        return desk.numbers[: min(found, limit)].copy(), whole

    def best(
        self,
        limit: int,
        cancel: int,
        *,
        floor: int = 0,
        prune: bool = False,
        first: int = 0,
        end: int = _ALL,
    ) -> tuple[Best, bool]:
        """Return the ``limit`` best matches, and whether the time sufficed.

        Parameters
        ----------
        floor : int
            Lower scores, in units of 1 / `CONCEPT_ONE`, are of no interest.
        prune : bool
            Leave out windows that cannot change the best.
        """
        desk = desk_of_this_thread()
        desk.fit(self.slots, self.leaves)
        scale = self.bound.program.scale
        limit = max(1, min(limit, self.windows * WINDOW))
        room = limit + min(max(limit, _LEAST_ROOM), _MOST_ROOM)
        desk.fit_best(room)
        count, matched, whole = best_matches(
            self.address,
            desk.address,
            cancel,
            first,
            min(end, self.windows),
            limit,
            np.uint64(-(-floor // scale)),
            self.bound.program.wide,
            prune,
            room,
        )
        points = desk.best_scores[:count].astype(np.int64)
        points *= scale
        exact = not prune or matched <= limit
        return Best(desk.best_locals[:count].copy(), points, matched, exact), whole

    def scores_of(self, locals_: LocalIds) -> Scores:
        """Return the concept scores of ``locals_``, ascending, each of which must match."""
        if not self.bound.program.shares.size:
            return np.zeros(locals_.size, dtype=np.int64)
        desk = desk_of_this_thread()
        desk.fit(self.slots, self.leaves)
        given = np.ascontiguousarray(locals_, dtype=np.uint32)
        scores = np.empty(given.size, dtype=np.uint64)
        score_ids(self.address, desk.address, address_of(given), given.size, address_of(scores))
        return scores.astype(np.int64) * self.bound.program.scale

    @property
    def visited(self) -> int:
        """Windows in which this thread's last call ran the program."""
        return int(desk_of_this_thread().block[DESK_VISITED])


def count_each(queries: Sequence[Sequence[Frame]], cancel: int) -> list[int]:
    """Return how many documents match each query, whose frames are those of its segments.

    One kernel call for all of them.

    Raises
    ------
    TimeIsUp
        If the time was over before all were counted.
    """
    frames = [frame for query in queries for frame in query]
    desk = desk_of_this_thread()
    for frame in frames:
        desk.fit(frame.slots, frame.leaves)
    addresses = np.array([frame.address for frame in frames], dtype=np.int64)
    ends = np.array([frame.windows for frame in frames], dtype=np.int64)
    counts = np.zeros(len(frames), dtype=np.int64)
    if count_many(addresses, ends, desk.address, cancel, counts) < len(frames):
        raise TimeIsUp
    each = iter(counts.tolist())
    return [sum(next(each) for _ in query) for query in queries]


def best_each(frames: Sequence[Frame], limit: int, cancel: int) -> list[Best]:
    """Return the ``limit`` best matches of each of ``frames``, in one kernel call for all.

    Fewer come back, the first ones, if the time was over before all were done.
    """
    desk = desk_of_this_thread()
    for frame in frames:
        desk.fit(frame.slots, frame.leaves)
    room = limit + min(max(limit, _LEAST_ROOM), _MOST_ROOM)
    desk.fit_best(room)
    scores = np.empty((len(frames), limit), dtype=np.uint64)
    locals_ = np.empty((len(frames), limit), dtype=np.uint32)
    counts, matched = np.zeros((2, len(frames)), dtype=np.int64)
    done = best_of_many(
        np.array([frame.address for frame in frames], dtype=np.int64),
        np.array([frame.windows for frame in frames], dtype=np.int64),
        np.array([frame.bound.program.wide for frame in frames], dtype=np.bool_),
        desk.address,
        cancel,
        limit,
        room,
        scores,
        locals_,
        counts,
        matched,
    )
    return [
        Best(
            locals_[i, :count],
            scores[i, :count].astype(np.int64) * frame.bound.program.scale,
            int(matched[i]),
            True,
        )
        for i, (frame, count) in enumerate(zip(frames[:done], counts[:done].tolist(), strict=True))
    ]


def frame_of(bound: Bound) -> Frame:
    """Return the frame of ``bound``."""
    program, part = bound.program, bound.part
    block = np.zeros(FRAME_SIZE, dtype=np.int64)
    live = part.live_words
    block[FRAME_OPS] = address_of(program.ops)
    block[FRAME_OPS_COUNT] = len(program.ops)
    block[FRAME_ROWS] = address_of(bound.rows)
    block[FRAME_DOCUMENTS] = part.segment.documents
    block[FRAME_LIVE] = 0 if live is None else address_of(live)
    block[FRAME_KEPT] = address_of(program.kept)
    block[FRAME_KEPT_COUNT] = program.kept.size
    block[FRAME_DRIVER] = program.driver
    block[FRAME_SHARES] = address_of(program.shares)
    block[FRAME_SHARES_COUNT] = len(program.shares)
    block[FRAME_SLOTS] = program.slots
    block[FRAME_LEAVES] = len(bound.rows)
    windows = -(-part.segment.documents // WINDOW) if len(program.ops) else 0
    return Frame(
        bound,
        block,
        address_of(block),
        windows,
        program.slots,
        max(len(bound.rows), len(program.shares)),
        () if live is None else (live,),
    )
