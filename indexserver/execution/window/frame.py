"""What kernels are handed: two arrays of numbers, most of them addresses.

The *frame* describes a bound plan: it never changes, any number of threads read it. The *desk* is
one thread's working memory: slots, cursors, marks and sums. A kernel takes both addresses and a
range of windows, so a call passes four numbers whatever the query is.

A slot is a bitmap of 256 words, then room for 16,384 candidates as u16:

    +---------------------+----------+---------------------------+-------+
    | bitmap, 2,048 bytes | 64 spare | candidates, 32,768 bytes  | spare |
    +---------------------+----------+---------------------------+-------+

Its *state* says which of the two counts: `BITMAP_STATE`, or the number of candidates. Bits beyond
the last document are 0 in every bitmap.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.simd.emit import SLACK
from alicorn.simd.memory import address_of
from indexserver.postings.forms import WINDOW, WORDS

__all__ = [
    "BITMAP_STATE",
    "CANDIDATES_AT",
    "DESK_BEST_LOCALS",
    "DESK_BEST_SCORES",
    "DESK_CURSORS",
    "DESK_HELD",
    "DESK_MARKS",
    "DESK_NUMBERS",
    "DESK_PLACES",
    "DESK_RANKS",
    "DESK_SCORES",
    "DESK_SHARE_CURSORS",
    "DESK_SLOTS",
    "DESK_SPARE",
    "DESK_STATES",
    "DESK_STOPPED",
    "DESK_SUMS",
    "DESK_VISITED",
    "DESK_WORK_LOCALS",
    "DESK_WORK_SCORES",
    "FRAME_DOCUMENTS",
    "FRAME_DRIVER",
    "FRAME_KEPT",
    "FRAME_KEPT_COUNT",
    "FRAME_LEAVES",
    "FRAME_LIVE",
    "FRAME_OPS",
    "FRAME_OPS_COUNT",
    "FRAME_ROWS",
    "FRAME_SHARES",
    "FRAME_SHARES_COUNT",
    "FRAME_SIZE",
    "FRAME_SLOTS",
    "HIT",
    "ROW_BYTES",
    "SLOT_BYTES",
    "Desk",
    "desk_of_this_thread",
]

BITMAP_STATE: Final = -1
CANDIDATES_AT: Final = WORDS * 8 + 64
"""Bytes from a slot's start to its candidates."""
SLOT_BYTES: Final = CANDIDATES_AT + 2 * WINDOW + 256

ROW_BYTES: Final = 64
"""Bytes of a list's row: eight int64 (`indexserver.postings.forms`)."""

FRAME_OPS: Final = 0
FRAME_OPS_COUNT: Final = 1
FRAME_ROWS: Final = 2
FRAME_DOCUMENTS: Final = 3
FRAME_LIVE: Final = 4
"""Address of the live documents' bitmap, 0 when all live."""
FRAME_KEPT: Final = 5
FRAME_KEPT_COUNT: Final = 6
FRAME_DRIVER: Final = 7
"""Leaf without whose hits a window has none, -1 if there is no such leaf."""
FRAME_SHARES: Final = 8
FRAME_SHARES_COUNT: Final = 9
FRAME_SLOTS: Final = 10
"""Slots of the program; the desk has one more, which is spare."""
FRAME_LEAVES: Final = 11
FRAME_SIZE: Final = 12

DESK_SLOTS: Final = 0
DESK_STATES: Final = 1
DESK_CURSORS: Final = 2
DESK_MARKS: Final = 3
"""u8[16,384], zeros between steps."""
DESK_STOPPED: Final = 4
"""First window that was not looked at because of it; -1 when none was left out."""
DESK_VISITED: Final = 5
"""Windows in which the program ran."""
DESK_SUMS: Final = 6
"""u64[16,384 + 64], zeros between windows; narrow sums use it as u32."""
DESK_SHARE_CURSORS: Final = 7
DESK_SCORES: Final = 8
"""u64[16,384 + 64]: sums of candidates, in their order."""
DESK_BEST_SCORES: Final = 9
DESK_BEST_LOCALS: Final = 13
DESK_WORK_SCORES: Final = 14
DESK_WORK_LOCALS: Final = 15
"""Buffers of the best, and as much to work in (`indexserver.execution.selection`)."""
DESK_RANKS: Final = 10
"""u16[256]: matches before each word of slot 0."""
DESK_PLACES: Final = 11
DESK_NUMBERS: Final = 12
"""u16[16,384 + slack] each: which byte of a list goes to which sum."""
DESK_HELD: Final = 16
DESK_SPARE: Final = 21
"""Addresses of five columns of hits each: score (int64), id (uint64), sort-key (uint32), local id
(uint32), segment (int64) (`indexserver.execution.whole`)."""
_DESK_SIZE: Final = 26

_FEW: Final = 16


HIT: Final = (np.int64, np.uint64, np.uint32, np.uint32, np.int64)
"""Types of `DESK_HELD`."""

_NO_SCORES: Final = np.empty(0, dtype=np.uint64)
_NO_IDS: Final = np.empty(0, dtype=np.uint32)


@dataclass(slots=True, eq=False)
class Desk:
    """One thread's working memory; grows with the largest plan that it has run."""

    block: npt.NDArray[np.int64]
    """The numbers that kernels read, `DESK_SLOTS` and so on."""
    owned: list[npt.NDArray[np.generic]]
    address: int
    """What a kernel takes."""
    slots: int = 0
    leaves: int = 0
    best_scores: npt.NDArray[np.uint64] = field(default_factory=lambda: _NO_SCORES)
    best_locals: npt.NDArray[np.uint32] = field(default_factory=lambda: _NO_IDS)
    """What the best were, after `fit_best` and a kernel."""
    numbers: npt.NDArray[np.uint32] = field(default_factory=lambda: _NO_IDS)
    """Room for local ids, after `fit_numbers`."""
    numbers_address: int = 0
    first_room: int = 0
    """Hits for which there is room both there and among the held."""
    held: tuple[npt.NDArray[Any], ...] = ()
    """The columns of `DESK_HELD`, after `fit_held`."""
    _spare: tuple[npt.NDArray[Any], ...] = ()
    _work: tuple[npt.NDArray[np.generic], ...] = ()
    _slots: tuple[npt.NDArray[np.generic], ...] = ()
    _cursors: tuple[npt.NDArray[np.generic], ...] = ()
    """What was outgrown is let go: plans that grow step by step would fill the memory."""

    @classmethod
    def new(cls) -> Desk:
        """Return a desk with room for small plans."""
        block = np.zeros(_DESK_SIZE, dtype=np.int64)
        desk = cls(block, [], address_of(block))
        marks = np.zeros(WINDOW + 64, dtype=np.uint8)
        sums = np.zeros(WINDOW + 64, dtype=np.uint64)
        scores = np.zeros(WINDOW + 64, dtype=np.uint64)
        ranks = np.zeros(WORDS + 8, dtype=np.uint16)
        places = np.zeros(WINDOW + SLACK, dtype=np.uint16)
        numbers = np.zeros(WINDOW + SLACK, dtype=np.uint16)
        desk.owned = [marks, sums, scores, ranks, places, numbers]
        desk.block[DESK_PLACES] = address_of(places)
        desk.block[DESK_NUMBERS] = address_of(numbers)
        desk.block[DESK_RANKS] = address_of(ranks)
        desk.block[DESK_MARKS] = address_of(marks)
        desk.block[DESK_SUMS] = address_of(sums)
        desk.block[DESK_SCORES] = address_of(scores)
        desk.fit(_FEW // 4, _FEW)
        return desk

    def fit(self, slots: int, leaves: int) -> None:
        """Make room for a plan of ``slots`` slots and ``leaves`` leaves (or shares)."""
        if slots < self.slots and leaves <= self.leaves:
            return
        slots += 1  # the spare one
        if slots > self.slots:
            memory = np.zeros(slots * SLOT_BYTES, dtype=np.uint8)
            states = np.zeros(slots, dtype=np.int64)
            self._slots = (memory, states)
            self.block[DESK_SLOTS], self.block[DESK_STATES] = address_of(memory), address_of(states)
            self.slots = slots
        if leaves > self.leaves:
            cursors = np.zeros(leaves, dtype=np.int64)
            share_cursors = np.zeros(leaves, dtype=np.int64)
            self._cursors = (cursors, share_cursors)
            self.block[DESK_CURSORS] = address_of(cursors)
            self.block[DESK_SHARE_CURSORS] = address_of(share_cursors)
            self.leaves = leaves

    def fit_best(self, room: int) -> None:
        """Make room for buffers of ``room`` entries."""
        if room <= self.best_scores.size:
            return
        scores, work = np.empty(room, dtype=np.uint64), np.empty(room, dtype=np.uint64)
        locals_, work_locals = np.empty(room, dtype=np.uint32), np.empty(room, dtype=np.uint32)
        self.best_scores, self.best_locals = scores, locals_
        self._work = (work, work_locals)
        self.block[DESK_BEST_SCORES], self.block[DESK_BEST_LOCALS] = (
            address_of(scores),
            address_of(locals_),
        )
        self.block[DESK_WORK_SCORES], self.block[DESK_WORK_LOCALS] = (
            address_of(work),
            address_of(work_locals),
        )

    def fit_held(self, count: int) -> None:
        """Make room for ``count`` hits of a whole view."""
        if self.held and count <= self.held[0].size:
            return
        self.held = tuple(np.empty(count, dtype=kind) for kind in HIT)
        self._spare = tuple(np.empty(count, dtype=kind) for kind in HIT)
        for at, columns in ((DESK_HELD, self.held), (DESK_SPARE, self._spare)):
            for i, column in enumerate(columns):
                self.block[at + i] = address_of(column)

    def fit_numbers(self, count: int) -> None:
        """Make room for ``count`` local ids."""
        if count > self.numbers.size:
            self.numbers = np.empty(count, dtype=np.uint32)
            self.numbers_address = address_of(self.numbers)


_threads = threading.local()


def desk_of_this_thread() -> Desk:
    """Return the desk that belongs to the calling thread."""
    desk: Desk | None = getattr(_threads, "desk", None)
    if desk is None:
        desk = _threads.desk = Desk.new()
    return desk
