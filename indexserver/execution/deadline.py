"""When a request must be over.

A thread cannot be cancelled, so the executor looks at the deadline between operators. The clock is
an argument: tests pass one that they move by hand.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["NO_DEADLINE", "Deadline", "TimeIsUp"]


class TimeIsUp(Exception):
    """Ends an evaluation; never leaves the executor."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of a monotonic clock."""

    at_s: float
    """Moment of ``clock``, in seconds; infinity is never."""
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """Return the deadline ``seconds`` from now; None is never."""
        return cls(math.inf if seconds is None else clock() + seconds, clock)

    @property
    def spent(self) -> bool:
        """Whether the time is over."""
        return self.at_s != math.inf and self.clock() >= self.at_s

    def check(self) -> None:
        """Raise `TimeIsUp` if the time is over."""
        if self.spent:
            raise TimeIsUp


NO_DEADLINE: Final = Deadline(math.inf)
"""Never over."""
