"""Execution: an expression over a view, to matches and their exact concept scores.

deadline.py   when to stop
plan.py       expression -> checked tree with the weight of each path worked out
matches.py    sorted local ids with scores, and how they combine
evaluate.py   a plan over one segment
retrieve.py   a plan over a view: the best or the first of all matches
"""

from __future__ import annotations

__all__ = ["deadline", "evaluate", "matches", "plan", "retrieve"]
