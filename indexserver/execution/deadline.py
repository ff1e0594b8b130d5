"""When a request must be over.

A thread cannot be cancelled, so the executor looks: Python between segments, kernels before each
window at one byte, the *cancel flag*. One thread of the process sets the flags whose time has come.
The clock is an argument: tests pass one that they move by hand, and then only Python looks.
"""

from __future__ import annotations

import heapq
import itertools
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from alicorn.simd.memory import address_of

__all__ = ["NO_DEADLINE", "Cancel", "Deadline", "TimeIsUp"]


class TimeIsUp(Exception):
    """Ends an evaluation; never leaves the executor."""


class Cancel(NamedTuple):
    """A cancel flag; whoever passes the address on keeps this alive."""

    flag: npt.NDArray[np.uint8]
    """Shape (1,): 1 once the time is over."""
    address: int


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of a monotonic clock."""

    at_s: float
    """Moment of ``clock``, in seconds; infinity is never."""
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """Return the deadline ``seconds`` from now; None is never, and so are some centuries.

        Servers are told of 2^63 seconds where a call has no deadline.
        """
        never = seconds is None or seconds > threading.TIMEOUT_MAX
        return cls(math.inf if never or seconds is None else clock() + seconds, clock)

    @property
    def spent(self) -> bool:
        """Whether the time is over."""
        return self.at_s != math.inf and self.clock() >= self.at_s

    def check(self) -> None:
        """Raise `TimeIsUp` if the time is over."""
        if self.spent:
            raise TimeIsUp

    @property
    def has_flag(self) -> bool:
        """Whether `cancel` gives a flag that is set by itself."""
        return self.at_s == math.inf or self.clock is time.monotonic

    def cancel(self) -> Cancel:
        """Return a flag that is set once the time is over."""
        if self.at_s == math.inf:
            return _NEVER
        flag = np.zeros(1, dtype=np.uint8)
        if self.spent:
            flag[0] = 1
        elif self.clock is time.monotonic:
            _KEEPER.watch(self.at_s, flag)
        return Cancel(flag, address_of(flag))


class _Keeper:
    """Sets flags when their time has come. Its thread starts with the first one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, npt.NDArray[np.uint8]]] = []
        self._numbers = itertools.count()
        self._started = False

    def watch(self, at_s: float, flag: npt.NDArray[np.uint8]) -> None:
        """Set ``flag`` at ``at_s``; the array is kept until then."""
        with self._changed:
            heapq.heappush(self._waiting, (at_s, next(self._numbers), flag))
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, name="deadlines", daemon=True).start()
            if self._waiting[0][2] is flag:
                self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                while self._waiting and self._waiting[0][0] <= now:
                    heapq.heappop(self._waiting)[2][0] = 1
                left = self._waiting[0][0] - now if self._waiting else math.inf
                self._changed.wait(min(left, threading.TIMEOUT_MAX))


NO_DEADLINE: Final = Deadline(math.inf)
"""Never over."""

_NEVER_SET: Final = np.zeros(1, dtype=np.uint8)
_NEVER: Final = Cancel(_NEVER_SET, address_of(_NEVER_SET))
_KEEPER: Final = _Keeper()
