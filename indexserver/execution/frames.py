"""Bound plans, kept: a query that comes again finds its lists already looked up.

The frames of a segment lie beside its view (`SegmentView.kept`), so they go when the view goes, and
no query can meet a frame of another state of the segment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from indexserver.execution.bind import Bound, bind
from indexserver.execution.deadline import Deadline
from indexserver.execution.neighbours import Neighbours
from indexserver.execution.plan import Plan
from indexserver.execution.segment_run import Frame, frame_of
from indexserver.execution.view_run import ViewFrame, view_frame
from indexserver.view import View

__all__ = ["frames_of", "view_frame_of"]

_MOST: Final = 1_024
"""Frames kept beside a segment; the oldest go first."""


def frames_of(
    view: View, plan: Plan, nearest: Sequence[Mapping[int, Neighbours]], deadline: Deadline
) -> tuple[Frame, ...]:
    """Return the frame of ``plan`` for each segment of ``view``.

    Parameters
    ----------
    nearest : sequence of mappings
        For each segment, what `nn :k` found in it, by leaf; empty without such leaves.

    Raises
    ------
    TimeIsUp
        If the time was over between two segments.
    """
    frames = []
    for number, part in enumerate(view.segments):
        frame = None if nearest else part.kept.get(plan)
        if frame is None:
            deadline.check()
            bound: Bound = bind(plan, part, nearest[number] if nearest else {}, deadline.check)
            frame = frame_of(bound)
            if _is_kept(plan, bound.cacheable, nearest):
                _keep(part.kept, plan, frame)
        assert isinstance(frame, Frame)
        frames.append(frame)
    return tuple(frames)


def view_frame_of(
    view: View, plan: Plan, nearest: Sequence[Mapping[int, Neighbours]], deadline: Deadline
) -> ViewFrame:
    """Return ``plan`` bound to ``view`` as one; parameters and errors as of `frames_of`."""
    found = None if nearest else view.kept.get(plan)
    if found is None:
        found = view_frame(frames_of(view, plan, nearest, deadline))
        if _is_kept(plan, found.cacheable, nearest):
            _keep(view.kept, plan, found)
    assert isinstance(found, ViewFrame)
    return found


def _is_kept(plan: Plan, cacheable: bool, nearest: Sequence[Mapping[int, Neighbours]]) -> bool:
    """Whether a frame may be asked for again: what a request brought is that request's alone."""
    return cacheable and not nearest and not plan.of_one_request


def _keep(kept: dict[object, object], plan: Plan, found: object) -> None:
    if len(kept) >= _MOST:
        with suppress(RuntimeError, StopIteration):  # another thread takes one out just now
            kept.pop(next(iter(kept)), None)
    kept[plan] = found
