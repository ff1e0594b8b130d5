"""A plan bound to all segments of a view, run in one kernel call.

Thread-safe like a frame: kernels work on the desk of the calling thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alicorn.simd.emit import SLACK
from alicorn.simd.memory import address_of
from indexserver.execution.answers import Candidates
from indexserver.execution.deadline import Deadline
from indexserver.execution.segment_run import Frame, room_for
from indexserver.execution.whole._kernels import (
    best_view,
    best_views,
    count_view,
    count_views,
    first_view,
)
from indexserver.execution.window.frame import HIT, Desk, desk_of_this_thread
from indexserver.postings.forms import WINDOW

__all__ = ["FoundHits", "ViewFrame", "best_each", "count_each", "view_frame"]


class FoundHits(NamedTuple):
    """Hits of a view, and how complete they are."""

    candidates: Candidates
    """In static order unscored: zeros."""
    matched: int
    exact: bool
    """Whether every match was counted."""
    whole: bool
    """Whether the time sufficed."""


@dataclass(frozen=True, slots=True, eq=False)
class ViewFrame:
    """A plan bound to each segment of a view."""

    frames: tuple[Frame, ...]
    """One a segment, in the order of the view."""
    able: tuple[int, ...]
    """Positions of those that can match, by their first documents."""
    table: npt.NDArray[np.int64]
    """What the kernels of `whole` read; rows as ``able``."""
    address: int
    slots: int
    leaves: int
    documents: int

    @property
    def cacheable(self) -> bool:
        """Whether it is small, and holds no list that was thawed for it."""
        return all(frame.bound.cacheable for frame in self.frames)

    def count(self, cancel: int) -> tuple[int, bool]:
        """Return how many documents match, and whether all were looked at."""
        found: tuple[int, bool] = count_view(
            self.address, len(self.able), self._desk().address, cancel
        )
        return found

    def best(self, limit: int, cancel: int, deadline: Deadline | None = None) -> FoundHits:
        """Return the ``limit`` best matches by concept score, best first.

        With a ``deadline`` it is looked at between segments, too: for clocks that no flag follows.
        """
        desk = self._desk()
        limit = max(1, min(limit, self.documents))
        room = room_for(limit)
        desk.fit_best(room)
        desk.fit_held(limit)
        held, matched, whole = 0, 0, True
        for first, end in self._steps(deadline):
            if deadline is not None and deadline.spent:
                whole = False
                break
            held, more, whole = best_view(
                self.address, first, end, desk.address, cancel, limit, room, held
            )
            matched += more
            if not whole:
                break
        return FoundHits(_held(desk, held), matched, whole, whole)

    def first(self, limit: int, cancel: int, deadline: Deadline | None = None) -> FoundHits:
        """Return the first ``limit`` matches in DocId order, unscored.

        ``deadline`` as in `best`.
        """
        desk = self._desk()
        all_fit = limit >= self.documents
        limit = max(1, min(limit, self.documents))
        desk.fit_numbers(limit + WINDOW + SLACK)
        desk.fit_held(limit)
        held, matched, exact, whole = 0, 0, True, True
        for first, end in self._steps(deadline):
            if deadline is not None and deadline.spent:
                whole = False
                break
            held, more, every, whole = first_view(
                self.address, first, end, desk.address, cancel, limit, held, desk.numbers_address
            )
            matched += more
            exact &= every or all_fit
            if not whole:
                break
        return FoundHits(_held(desk, held), matched, exact and whole, whole)

    def _steps(self, deadline: Deadline | None) -> list[tuple[int, int]]:
        """Return the runs of segments between which Python looks at the clock."""
        if deadline is None or deadline.has_flag:
            return [(0, len(self.able))]
        return [(i, i + 1) for i in range(len(self.able))]

    def _desk(self) -> Desk:
        desk = desk_of_this_thread()
        desk.fit(self.slots, self.leaves)
        return desk


def _held(desk: Desk, count: int) -> Candidates:
    scores, ids, keys, locals_, segments = (column[:count].copy() for column in desk.held)
    return Candidates(segments, locals_, ids, keys, scores)


def view_frame(frames: tuple[Frame, ...]) -> ViewFrame:
    """Return ``frames``, one a segment of a view, as one."""
    able = sorted(
        (i for i, frame in enumerate(frames) if frame.windows), key=lambda i: frames[i].start
    )
    rows = []
    for number in able:
        frame, segment = frames[number], frames[number].bound.part.segment
        program = frame.bound.program
        rows.append(
            (
                frame.address,
                frame.windows,
                program.wide,
                program.scale,
                segment.column_address("ids"),
                segment.column_address("sort_keys"),
                number,
            )
        )
    table = np.array(rows, dtype=np.int64)
    return ViewFrame(
        frames,
        tuple(able),
        table,
        address_of(table),
        max((frame.slots for frame in frames), default=1),
        max((frame.leaves for frame in frames), default=1),
        sum(frames[i].bound.part.segment.documents for i in able),
    )


def count_each(views: Sequence[ViewFrame], cancel: int) -> list[int]:
    """Return how many documents match each of ``views``, in one kernel call for all.

    Fewer come back, the first ones, if the time was over before all were done.
    """
    desk = _desk_for(views)
    counts = np.zeros(len(views), dtype=np.int64)
    done = count_views(*_tables(views), desk.address, cancel, counts)
    return [int(count) for count in counts[:done]]


def best_each(views: Sequence[ViewFrame], limit: int, cancel: int) -> list[FoundHits]:
    """Return the ``limit`` best matches of each of ``views``, in one kernel call for all.

    Fewer come back, the first ones, if the time was over before all were done.
    """
    desk = _desk_for(views)
    room = room_for(limit)
    desk.fit_best(room)
    desk.fit_held(limit)
    scores, ids, keys, locals_, segments = (
        np.empty((len(views), limit), dtype=kind) for kind in HIT
    )
    counts, matched = np.zeros((2, len(views)), dtype=np.int64)
    done = best_views(
        *_tables(views), desk.address, cancel, limit, room,
        scores, ids, keys, locals_, segments, counts, matched,
    )  # fmt: skip
    return [
        FoundHits(
            Candidates(
                segments[i, :count], locals_[i, :count], ids[i, :count], keys[i, :count],
                scores[i, :count],
            ),
            int(matched[i]), True, True,
        )
        for i, count in enumerate(counts[:done].tolist())
    ]  # fmt: skip


def _desk_for(views: Sequence[ViewFrame]) -> Desk:
    desk = desk_of_this_thread()
    for view in views:
        desk.fit(view.slots, view.leaves)
    return desk


def _tables(views: Sequence[ViewFrame]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    return (
        np.array([view.address for view in views], dtype=np.int64),
        np.array([len(view.able) for view in views], dtype=np.int64),
    )
