"""Plans, kept: a query that comes again is not planned again.

Requests with arrays of ids are planned each time, since the arrays are theirs alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from alicorn.query import Expr
from indexserver.execution.plan import Plan, compile_plan
from indexserver.execution.plan_tree import IdArray

__all__ = ["plan_of"]

_PLANS: Final = 4_096


@lru_cache(maxsize=_PLANS)
def _plan_without_arrays(expr: Expr) -> Plan:
    return compile_plan(expr)


def plan_of(expr: Expr, id_arrays: Sequence[IdArray] = ()) -> Plan:
    """Return the plan of ``expr``; see `compile_plan`, also for errors.

    The same expression without arrays gives the same object, so that what was bound for it is
    found again (`frames.py`).
    """
    return compile_plan(expr, id_arrays) if len(id_arrays) else _plan_without_arrays(expr)
