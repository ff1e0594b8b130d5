"""All segments of a view in one kernel call: the first or the best of them merged.

Segments are run in the order of their first documents. What each gives is sorted, so it is merged
with what is held, and only as many are held as are wanted: the last of them bounds what later
segments need to look at.

A view is handed over as a table of int64, a row for each segment that can match, in that order:

    frame address, windows, whether sums are wide, scale, address of ids, address of sort-keys,
    number of the segment in the view
"""

from __future__ import annotations

__all__: list[str] = []
