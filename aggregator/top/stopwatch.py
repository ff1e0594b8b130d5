"""Time spent by step, and time left: the one clock of a query's life."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Stopwatch"]


class Stopwatch:
    """Starts when it is made.

    Parameters
    ----------
    allowed_s : float
        Seconds that the whole may take.
    clock : callable
        Seconds from any fixed moment, never going back.
    """

    def __init__(self, allowed_s: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._allowed_s = allowed_s
        self._begun = self._last = clock()
        self._laps: dict[str, float] = {}

    def left_s(self) -> float:
        """Return the seconds left; negative when the time is over."""
        return self._allowed_s - (self._clock() - self._begun)

    def lap(self, step: str) -> None:
        """Count the time since the last lap to ``step``."""
        now = self._clock()
        self._laps[step] = self._laps.get(step, 0.0) + (now - self._last)
        self._last = now

    def laps(self) -> dict[str, float]:
        """Return milliseconds by step, and their "total"."""
        laps = {step: seconds * 1e3 for step, seconds in self._laps.items()}
        return {**laps, "total": (self._last - self._begun) * 1e3}
