"""The clock: ways take turns, the first run of each does not count."""

from __future__ import annotations

import gc

import numpy as np

from loadtest.bandwidth import Bandwidth
from loadtest.timing import clocked, median_us, taken, typical


def test_ways_take_turns_within_each_query_and_repeat() -> None:
    """Whatever disturbs the machine disturbs all of them."""
    ran: list[str] = []

    def way(name: str, seconds: float):
        def run() -> float:
            ran.append(name)
            return seconds

        return run

    spent = taken({"a": [way("a0", 1.0), way("a1", 3.0)], "b": [way("b0", 2.0), way("b1", 2.0)]}, 2)

    assert ran == ["a0", "b0", *["a0", "b0"] * 2, "a1", "b1", *["a1", "b1"] * 2]
    assert spent["a"].tolist() == [[1.0, 1.0], [3.0, 3.0]]
    assert typical(spent["a"]) == 2.0
    assert gc.isenabled()


def test_a_warm_run_comes_right_after_one_that_does_not_count() -> None:
    """Then nobody has taken the caches in between."""
    ran: list[str] = []

    def way(name: str):
        return lambda: float(len(ran) if ran.append(name) is None else 0)

    spent = taken({"a": [way("a")], "b": [way("b")]}, 1, warm=True)

    assert ran == ["a", "b", "a", "a", "b", "b"]
    assert (spent["a"].tolist(), spent["b"].tolist()) == ([[4.0]], [[6.0]])


def test_the_median_is_of_queries_and_one_slow_run_is_none() -> None:
    """A neighbour's second must not become ours."""
    spent = np.array([[1.0, 1.0, 90.0], [2.0, 2.0, 2.0], [3.0, 3.0, 3.0]])

    assert typical(spent) == 2.0
    assert median_us(spent) == 2e6
    assert median_us(None) is None


def test_a_call_is_clocked_with_its_result_dropped() -> None:
    """Seconds, not the answer."""
    assert 0 <= clocked(lambda: "answer")() < 1


def test_reading_more_takes_longer() -> None:
    """The physical limit grows with the bytes, between sizes and beyond them."""
    read = Bandwidth(np.array([100.0, 200.0]), np.array([1.0, 3.0]))

    assert read.seconds(50) == 1.0
    assert read.seconds(150) == 2.0
    assert read.seconds(400) == 6.0
    measured = Bandwidth.measure((4_096, 65_536), repeats=3)
    assert 0 < measured.seconds(4_096) <= measured.seconds(65_536)
