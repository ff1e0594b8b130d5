"""The executor over one view, from text: for programs that hold a view and ask it many things.

    engine = Engine(view)
    query = engine.prepare("(and tag:dog tag:beach)")
    query.count(), query.first(100).ids, query.best(100).concept_scores

`prepare` remembers what it was asked: a text that comes again is neither parsed nor planned nor
bound again. Thread-safe. `Shard.search` is the whole path with features and scorers; this is the
part below it, without deadlines.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.query import Expr
from indexserver.execution.answers import Candidates, Order, Retrieved
from indexserver.execution.deadline import NO_DEADLINE
from indexserver.execution.frames import view_frame_of
from indexserver.execution.nearest import resolve_nearest
from indexserver.execution.plan import Plan
from indexserver.execution.plan_tree import IdArray
from indexserver.execution.plans import parsed, plan_of
from indexserver.execution.retrieve import retrieve
from indexserver.execution.segment_run import EVERYTHING
from indexserver.execution.split import best_shared, count_shared
from indexserver.execution.view_run import ViewFrame, count_each
from indexserver.view import View

__all__ = ["Engine", "Prepared"]

_REMEMBERED: Final = 4_096
_CANCEL: Final = NO_DEADLINE.cancel()


class Prepared:
    """A query that is planned and bound to every segment of a view."""

    def __init__(self, view: View, plan: Plan, threads: int, *, keep: bool) -> None:
        self.plan: Final = plan
        self._view = view
        self._threads = threads
        self._whole = plan.soft is None and plan.extract is None
        self._bound: ViewFrame | None = None
        if self._whole:
            bound = self._bind()
            # What many queries are kept of must be small, and hold no list that was thawed.
            if keep or bound.cacheable:
                self._bound = bound

    @property
    def bound(self) -> ViewFrame:
        """The plan bound to the view."""
        return self._bind() if self._bound is None else self._bound

    def count(self) -> int:
        """Return how many live documents match."""
        if not self._whole:
            return self._retrieved(Order.STATIC, EVERYTHING).matched
        if self._threads > 1:
            return count_shared(self.bound, _CANCEL.address, self._threads)
        return self.bound.count(_CANCEL.address)[0]

    def ids(self) -> list[npt.NDArray[np.uint32]]:
        """Return the local ids of all matches, ascending, an array a segment."""
        return self.first_locals(EVERYTHING)

    def first_locals(self, limit: int) -> list[npt.NDArray[np.uint32]]:
        """Return the first ``limit`` matches of each segment as local ids, ascending."""
        return [frame.ids(limit, _CANCEL.address)[0] for frame in self.bound.frames]

    def first(self, limit: int) -> Candidates:
        """Return the first ``limit`` matches in DocId order over all segments, unscored."""
        if not self._whole:
            return self._retrieved(Order.STATIC, limit).candidates
        return self.bound.first_hits(limit, _CANCEL.address)

    def best(self, limit: int) -> Candidates:
        """Return the ``limit`` best matches by concept score, exact, best first."""
        if not self._whole:
            return self._retrieved(Order.CONCEPT, limit).candidates
        if self._threads > 1:
            return best_shared(self.bound, limit, _CANCEL.address, self._threads).candidates
        return self.bound.best(limit, _CANCEL.address).candidates

    def _retrieved(self, order: Order, limit: int) -> Retrieved:
        return retrieve(self._view, self.plan, order=order, limit=limit, threads=self._threads)

    def _bind(self) -> ViewFrame:
        nearest = resolve_nearest(self._view, self.plan, NO_DEADLINE, _CANCEL)
        return view_frame_of(self._view, self.plan, nearest, NO_DEADLINE)


class Engine:
    """Prepares queries over one view."""

    def __init__(self, view: View, *, threads: int = 1) -> None:
        """Take the view; ``threads`` may share the windows of one query."""
        self._view = view
        self._threads = threads
        self._prepared = lru_cache(maxsize=_REMEMBERED)(self._prepare)

    def prepare(self, query: str | Expr, id_arrays: Sequence[IdArray] = ()) -> Prepared:
        """Return ``query`` planned and bound; from memory if it was asked before, without arrays.

        Raises
        ------
        MalformedQuery, BadRequest, Unsupported
            As `parse` and `compile_plan`.
        """
        if id_arrays:
            expr = parsed(query) if isinstance(query, str) else query
            return Prepared(self._view, plan_of(expr, id_arrays), self._threads, keep=True)
        return self._prepared(query)

    def count_many(self, queries: Sequence[str | Expr]) -> list[int]:
        """Return the count of each query, in one kernel call for all that can be in it.

        Two threads gain nothing on queries of a few microseconds each; a batch does.
        """
        prepared = [self.prepare(query) for query in queries]
        plain = [one for one in prepared if one.plan.soft is None and one.plan.extract is None]
        counts = iter(count_each([one.bound for one in plain], _CANCEL.address))
        return [
            next(counts) if one.plan.soft is None and one.plan.extract is None else one.count()
            for one in prepared
        ]

    def _prepare(self, query: str | Expr) -> Prepared:
        expr = parsed(query) if isinstance(query, str) else query
        return Prepared(self._view, plan_of(expr), self._threads, keep=False)
