"""Queries, kept: one that comes again is neither parsed nor planned again.

Requests with arrays of ids are planned each time, since the arrays are theirs alone. Long texts are
not kept: some thousands of them would fill the memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from alicorn.query import Expr, parse
from indexserver.execution.plan import Plan, compile_plan
from indexserver.execution.plan_tree import IdArray

__all__ = ["parsed", "plan_of"]

_PLANS: Final = 4_096
_LONG: Final = 4_096
"""Characters from which on a text is parsed each time."""


@lru_cache(maxsize=_PLANS)
def _parsed(text: str) -> Expr:
    return parse(text)


def parsed(text: str) -> Expr:
    """Return the expression of ``text``; see `parse`, also for errors."""
    return _parsed(text) if len(text) < _LONG else parse(text)


@lru_cache(maxsize=_PLANS)
def _plan_without_arrays(expr: Expr) -> Plan:
    return compile_plan(expr)


def plan_of(expr: Expr, id_arrays: Sequence[IdArray] = ()) -> Plan:
    """Return the plan of ``expr``; see `compile_plan`, also for errors.

    The same expression without arrays gives the same object, so that what was bound for it is
    found again (`frames.py`).
    """
    return compile_plan(expr, id_arrays) if len(id_arrays) else _plan_without_arrays(expr)
