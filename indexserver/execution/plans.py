"""Queries, kept: one that comes again is neither parsed nor planned again.

Requests with arrays of ids are planned each time, since the arrays are theirs alone. What is long
is not kept, neither text nor plan: some thousands of them would fill the memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Final

from alicorn.query import Expr, parse
from indexserver.execution.plan import Plan, compile_plan
from indexserver.execution.plan_tree import IdArray

__all__ = ["parsed", "plan_of"]

_PLANS: Final = 4_096
_LONG: Final = 4_096
"""Characters from which on a text is parsed each time."""
_MANY_LEAVES: Final = 512
"""Leaves from which on an expression is planned each time."""


@lru_cache(maxsize=_PLANS)
def _parsed(text: str) -> Expr:
    return parse(text)


def parsed(text: str) -> Expr:
    """Return the expression of ``text``; see `parse`, also for errors."""
    return _parsed(text) if len(text) < _LONG else parse(text)


_plans: Final[dict[Expr, Plan]] = {}
"""The oldest go first."""


def plan_of(expr: Expr, id_arrays: Sequence[IdArray] = ()) -> Plan:
    """Return the plan of ``expr``; see `compile_plan`, also for errors.

    The same expression without arrays gives the same object, unless it is long, so that what was
    bound for it is found again (`frames.py`).
    """
    if len(id_arrays):
        return compile_plan(expr, id_arrays)
    found = _plans.get(expr)
    if found is None:
        found = compile_plan(expr)
        if len(found.leaves) < _MANY_LEAVES:
            if len(_plans) >= _PLANS:
                with suppress(RuntimeError, StopIteration):  # another thread takes one out just now
                    _plans.pop(next(iter(_plans)), None)
            found = _plans.setdefault(expr, found)
    return found
