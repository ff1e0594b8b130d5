"""Execution: an expression over a view, to matches and their exact concept scores.

An expression takes these steps, each in its own file:

normalise.py   flat, weights at the leaves, operands in canonical order
plan.py        what every leaf is worth, what is found on the whole shard first (`plan_tree.py`,
               `leaves.py`, `soft_plan.py`); kept by `plans.py`
bind.py        a plan and one segment: where lists lie (`rows.py`, `groups`), a program over them
               (`program.py`, `emit.py`), what its leaves add (`shares.py`); kept by `frames.py`
window         a program over 16,384 documents
points         concept scores of what matched there
collect        windows in a row: count, ids, the first, the best
segment_run.py a segment, `split.py` its windows over threads
retrieve.py    a view: the first or the best of all segments (`answers.py`); `nearest.py` for
               `nn :k`, `soft_run.py` and `soft` for `weak-and` and `strong-or`
engine.py      all of it from text
deadline.py    when to stop
"""

from __future__ import annotations

__all__ = ["answers", "deadline", "engine", "plan", "retrieve"]
