"""Cancel flags: set in time, by a thread that no deadline ends."""

from __future__ import annotations

import math
import time

from indexserver.execution.deadline import Deadline


def is_set(flag) -> bool:
    """Return whether ``flag`` is set within some seconds."""
    end = time.monotonic() + 10
    while not flag.flag[0] and time.monotonic() < end:
        time.sleep(0.005)
    return bool(flag.flag[0])


def test_flags_are_set_when_their_time_has_come():
    """Kernels look at nothing else."""
    late, soon = Deadline.after(3_600.0).cancel(), Deadline.after(0.01).cancel()

    assert is_set(soon)
    assert not late.flag[0]


def test_a_call_without_a_deadline_takes_nothing_from_those_that_have_one():
    """Servers are told of 2^63 seconds then, which is more than a thread can wait."""
    assert Deadline.after(9.2e18).at_s == math.inf
    never = Deadline(time.monotonic() + 9.2e18).cancel()
    time.sleep(0.05)

    assert is_set(Deadline.after(0.01).cancel())
    assert not never.flag[0]
