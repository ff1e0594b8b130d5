"""The one clock of a query's life, with a clock by hand."""

from __future__ import annotations

from aggregator.top.stopwatch import Stopwatch


class Hand:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_laps_add_up_to_the_total() -> None:
    """A step that comes twice is counted together."""
    clock = Hand()
    watch = Stopwatch(2.0, clock)
    for step, seconds in (("retrieve", 0.25), ("privacy", 0.125), ("retrieve", 0.5)):
        clock.seconds += seconds
        watch.lap(step)

    assert watch.laps() == {"retrieve": 750.0, "privacy": 125.0, "total": 875.0}


def test_time_runs_out() -> None:
    """Laps do not give any back."""
    clock = Hand()
    watch = Stopwatch(2.0, clock)
    clock.seconds += 1.5
    watch.lap("retrieve")

    assert watch.left_s() == 0.5
    clock.seconds += 1.0
    assert watch.left_s() == -0.5


def test_a_watch_without_laps_has_spent_nothing() -> None:
    """Total alone."""
    assert Stopwatch(1.0, Hand()).laps() == {"total": 0.0}
