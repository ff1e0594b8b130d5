"""A segment's candidates for the pass: superset hits with their atoms, some windows at a time.

How many windows are read at once doubles while they hold few candidates. So a query that needs the
first ones reads little, one that needs all takes few calls, and neither much memory.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.simd.emit import SLACK
from alicorn.simd.memory import address_of
from indexserver.execution.collect._kernels import match_masks
from indexserver.execution.segment_run import EVERYTHING, Frame
from indexserver.execution.soft.tables import (
    ATOMS,
    COUNT_HERE,
    HEAD,
    IDS,
    LOCALS,
    MASK_WORDS,
    MASKS,
    OPEN,
    SORT_KEYS,
)
from indexserver.execution.window.frame import DESK_STOPPED, desk_of_this_thread
from indexserver.postings.forms import WINDOW

__all__ = ["Supply"]

MANY: Final = 1 << 15
"""Once a piece holds as many candidates, the next one is not larger."""


class Supply:
    """What the pass reads of one segment.

    Parameters
    ----------
    run : int64, shape (RUN_COLUMNS,)
        The segment's row of the pass's table; written here.
    """

    def __init__(self, frame: Frame, run: npt.NDArray[np.int64]) -> None:
        self._frame = frame
        self._run = run
        self._next = 0
        self._windows = 1
        """How many to read next."""
        self._atoms = frame.bound.program.atoms.astype(np.int64)
        self._owned: tuple[npt.NDArray[np.generic], ...] = ()
        """The piece at hand, of which ``run`` has the addresses."""
        self.stopped = False
        """Whether the time was over before the segment's end."""
        segment = frame.bound.part.segment
        run[ATOMS] = address_of(self._atoms)
        run[SORT_KEYS] = segment.column_address("sort_keys")
        run[IDS] = segment.column_address("ids")
        run[MASK_WORDS] = max(1, -(-frame.bound.program.kept.size // 64))
        run[OPEN] = int(frame.windows > 0)

    @property
    def used_up(self) -> bool:
        """Whether the piece at hand has been visited and there may be another."""
        return bool(self._run[OPEN] and self._run[HEAD] == self._run[COUNT_HERE])

    def fetch(self, cancel: int) -> None:
        """Put the next piece at hand.

        Parameters
        ----------
        cancel : int
            Address of the cancel flag. If it is set, the windows before count and no others do.
        """
        frame, words = self._frame, int(self._run[MASK_WORDS])
        desk = desk_of_this_thread()
        desk.fit(frame.slots, frame.leaves)
        end = min(self._next + self._windows, frame.windows)
        most = (end - self._next) * WINDOW + SLACK
        locals_ = np.empty(most, dtype=np.uint32)
        masks = np.empty((most, words), dtype=np.uint64)
        found = int(
            match_masks(
                frame.address,
                desk.address,
                cancel,
                self._next,
                end,
                EVERYTHING,
                address_of(locals_),
                address_of(masks),
                words,
            )
        )
        self.stopped = int(desk.block[DESK_STOPPED]) >= 0
        if found < MANY:
            self._windows *= 2
        self._next = end
        self._owned = (locals_, masks)
        self._run[LOCALS], self._run[MASKS] = address_of(locals_), address_of(masks)
        self._run[COUNT_HERE], self._run[HEAD] = found, 0
        self._run[OPEN] = int(self.stopped or end < frame.windows)
