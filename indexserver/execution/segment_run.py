"""One bound plan over one segment: the kernels with memory around them.

Thread-safe: a frame is read by any number of threads, and each thread has its own desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from alicorn.simd.emit import SLACK
from alicorn.simd.memory import address_of
from indexserver.execution.bind import Bound
from indexserver.execution.collect._kernels import (
    best_matches,
    count_matches,
    match_ids,
    score_ids,
)
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
from indexserver.postings.forms import COUNT, WINDOW

__all__ = ["EVERYTHING", "Best", "Frame", "frame_of", "room_for"]

LocalIds = npt.NDArray[np.uint32]
Scores = npt.NDArray[np.int64]

EVERYTHING: Final = 1 << 40
"""A limit that no segment reaches."""

_ALL: Final = 1 << 62

_LENT: Final = 1 << 17
"""Numbers up to which a thread keeps the room for them."""

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
    most: int
    """More documents than this cannot match: the hits of the driver, where there is one."""
    start: tuple[int, int]
    """Where its first document stands in DocId order: less comes first."""
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
        room = min(limit + WINDOW, max(end - first, 0) * WINDOW, self.most) + SLACK
        if room > _LENT:
            # What is found may be as much: a copy of it would take as long as finding it.
            out = np.empty(room, dtype=np.uint32)
            found, whole = match_ids(
                self.address, desk.address, cancel, first, end, limit, address_of(out)
            )
            found = min(found, limit)
            return (out[:found] if found > room // 8 else out[:found].copy()), whole
        desk.fit_numbers(room)
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
        room = room_for(limit)
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


def room_for(limit: int) -> int:
    """Return how many entries a buffer of the best ``limit`` has."""
    return limit + min(max(limit, _LEAST_ROOM), _MOST_ROOM)


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
    columns = part.segment.columns
    start = (0, 0)
    if part.segment.documents:
        start = (-int(columns["sort_keys"][0]), int(columns["ids"][0]))
    windows = -(-part.segment.documents // WINDOW) if len(program.ops) else 0
    return Frame(
        bound,
        block,
        address_of(block),
        windows,
        program.slots,
        max(len(bound.rows), len(program.shares)),
        int(bound.rows[program.driver, COUNT]) if program.driver >= 0 else windows * WINDOW,
        start,
        () if live is None else (live,),
    )
