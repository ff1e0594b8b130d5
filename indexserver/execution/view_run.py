"""A plan bound to all segments of a view, run in one kernel call.

Thread-safe like a frame: kernels work on the desk of the calling thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from alicorn.simd.emit import SLACK
from alicorn.simd.memory import address_of
from indexserver.execution.answers import Candidates
from indexserver.execution.deadline import NO_DEADLINE, Deadline
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
    segments: int
    """Rows of the table."""

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

    def best(self, limit: int, cancel: int, deadline: Deadline = NO_DEADLINE) -> FoundHits:
        """Return the ``limit`` best matches by concept score, best first.

        The deadline is looked at between segments if its clock is one that no flag follows.
        """
        desk = self._desk()
        limit = max(1, min(limit, self.documents))
        room = room_for(limit)
        desk.fit_best(room)
        desk.fit_held(limit)
        if deadline.has_flag:
            held, matched, whole = best_view(
                self.address, 0, len(self.able), desk.address, cancel, limit, room, 0
            )
            return FoundHits(_held(desk, held), matched, whole, whole)
        held, matched, whole = 0, 0, True
        for i in range(len(self.able)):
            whole = not deadline.spent
            if whole:
                held, more, whole = best_view(
                    self.address, i, i + 1, desk.address, cancel, limit, room, held
                )
                matched += more
            if not whole:
                break
        return FoundHits(_held(desk, held), matched, whole, whole)

    def first(self, limit: int, cancel: int, deadline: Deadline = NO_DEADLINE) -> FoundHits:
        """Return the first ``limit`` matches in DocId order, unscored.

        Matches are counted up to ``limit``, and the count is exact below it: how documents lie in
        segments changes neither. ``deadline`` as in `best`.
        """
        if deadline.has_flag:
            desk, held, matched, whole = self._first(limit, cancel, 0, self.segments, 0)
        else:
            desk, held, matched, whole = self._desk(), 0, 0, True
            for i in range(self.segments):
                whole = not deadline.spent
                if whole:
                    desk, held, more, whole = self._first(limit, cancel, i, i + 1, held)
                    matched += more
                if not whole:
                    break
        desk.fit_held(1)  # perhaps nothing was looked at
        return FoundHits(_held(desk, held), min(matched, limit), whole and matched < limit, whole)

    def first_hits(self, limit: int, cancel: int) -> Candidates:
        """Return the first ``limit`` matches in DocId order, unscored: the short way."""
        desk, held, *_ = self._first(limit, cancel, 0, self.segments, 0)
        _, ids, keys, locals_, segments = desk.held
        return Candidates(
            segments[:held].copy(),
            locals_[:held].copy(),
            ids[:held].copy(),
            keys[:held].copy(),
            _UNSCORED,
        )

    def _first(
        self, limit: int, cancel: int, first: int, end: int, held: int
    ) -> tuple[Desk, int, int, bool]:
        """Return the desk and what `first_view` does, of rows [first, end) of the table."""
        desk = self._desk()
        documents = self.documents
        if limit > documents:
            limit = documents or 1
        if limit > desk.first_room:
            desk.fit_numbers(limit + WINDOW + SLACK)
            desk.fit_held(limit)
            desk.first_room = limit
        held, matched, whole = first_view(
            self.address, first, end, desk.address, cancel, limit, held, desk.numbers_address
        )
        return desk, held, matched, whole

    def _desk(self) -> Desk:
        desk = desk_of_this_thread()
        desk.fit(self.slots, self.leaves)
        return desk


_UNSCORED: Final = np.empty(0, dtype=np.int64)


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
        len(able),
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
