"""Rows of a plan's leaves in one segment: where each lies in memory and how long it is.

Terms are looked up together. What has no list of its own is made here: the union of the many that
`prefix` and `ids` name, and the small tables that ranges and codes are compared with. `Rows` keeps
alive what it made; lists in the segment's file live as long as the segment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.query import All, Ids, Nn, Prefix, Range, Term
from alicorn.query.limits import INT64_MAX, INT64_MIN
from alicorn.simd.memory import address_of
from indexserver.execution.groups.union import unite
from indexserver.execution.neighbours import Neighbours
from indexserver.execution.plan import Plan
from indexserver.execution.plan_tree import Leaf, Scoring
from indexserver.postings.columns import HAS_JOINT, HAS_VISUAL, RANGE_FIELDS
from indexserver.postings.forms import (
    ALL,
    COLUMNS_OF_A_ROW,
    COUNT,
    EXTRA,
    FORM,
    HITS,
    IDS,
    MAXIMA,
    NEAR,
    PACKED,
    RANGE,
    SCORED,
    TABLE,
)
from indexserver.view import SegmentView

__all__ = ["Rows", "rows_of"]

_FLAGS: Final = {"visual": HAS_VISUAL, "joint": HAS_JOINT}

_WITH_BYTES: Final = frozenset({"tag", "text"})
"""Edges whose best byte features may ask for."""

_FEW: Final = 12
"""Looking up so many terms one by one costs less than putting their keys together."""

_KINDS: Final = {np.dtype("<i8"): 0, np.dtype("<u4"): 1, np.dtype("<u2"): 2}
"""EXTRA of a RANGE, by the column's type."""


@dataclass(slots=True, eq=False)
class Rows:
    """The leaves of a plan in one segment."""

    table: npt.NDArray[np.int64]
    """Shape (leaves, 8), by leaf number."""
    owners: list[Any] = field(default_factory=list)
    """What must live as long as the rows are read."""
    tops: dict[int, int] = field(default_factory=dict)
    """Of leaves with sums or points a document: the largest."""
    thawed: bool = False
    """Whether a cold list was read."""

    @property
    def made_bytes(self) -> int:
        """Bytes of the arrays that were made for it."""
        return self.table.nbytes + sum(
            owner.nbytes for owner in self.owners if isinstance(owner, np.ndarray)
        )


def rows_of(
    plan: Plan,
    part: SegmentView,
    nearest: Mapping[int, Neighbours],
    check: Callable[[], None] | None,
) -> Rows:
    """Return the rows of the leaves of ``plan`` in ``part``; parameters are those of `bind`."""
    terms = [leaf for leaf in plan.leaves if leaf.key]
    found = _rows_of_terms(part, [leaf.key for leaf in terms])
    if len(terms) == len(plan.leaves):
        rows = Rows(found)
    else:
        rows = Rows(np.zeros((len(plan.leaves), COLUMNS_OF_A_ROW), dtype=np.int64))
        rows.table[[leaf.number for leaf in terms]] = found
        for leaf in plan.leaves:
            if not leaf.key:
                _fill(rows, leaf, part, nearest.get(leaf.number), check)
    _thaw(rows, part)
    return rows


def _rows_of_terms(part: SegmentView, keys: list[bytes]) -> npt.NDArray[np.int64]:
    if not keys:
        return np.empty((0, COLUMNS_OF_A_ROW), dtype=np.int64)
    if part.changes:
        return np.stack([part.row_of(key) for key in keys])
    segment = part.segment
    if len(keys) > _FEW:
        return segment.lists.rows(segment.terms.find_many(keys))
    return segment.lists.rows(np.array([segment.terms.find(key) for key in keys]))


def _thaw(rows: Rows, part: SegmentView) -> None:
    """Replace cold rows by ones that kernels read."""
    for number, form in enumerate(rows.table[:, FORM].tolist()):
        if form == PACKED:
            rows.table[number], owner = part.segment.lists.thaw(rows.table[number])
            rows.owners.append(owner)
            rows.thawed = True


def _fill(
    rows: Rows,
    leaf: Leaf,
    part: SegmentView,
    neighbours: Neighbours | None,
    check: Callable[[], None] | None,
) -> None:
    """Write the row of a leaf that is no term."""
    match leaf.expr:
        case Term():
            raise AssertionError(leaf)
        case Prefix(edge=edge, value=value):
            _unite(rows, leaf, part, part.rows_of_prefix(edge, value), check)
        case Ids(edge=edge):
            assert leaf.ids is not None
            _unite(rows, leaf, part, part.rows_of_numbers(edge, leaf.ids), check)
        case Range():
            _range(rows, leaf.number, leaf.expr, part)
        case Nn(radius=None):
            _neighbours(rows, leaf.number, neighbours)
        case Nn():
            _near(rows, leaf.number, leaf.expr, part)
        case All():
            rows.table[leaf.number, [FORM, COUNT]] = ALL, part.segment.documents


def _unite(
    rows: Rows,
    leaf: Leaf,
    part: SegmentView,
    lists: npt.NDArray[np.int64],
    check: Callable[[], None] | None,
) -> None:
    confident = leaf.scoring is Scoring.CONFIDENCE
    union = unite(
        lists,
        part.segment.lists,
        part.segment.documents,
        best=leaf.positive and (confident or leaf.edge in _WITH_BYTES),
        sums=leaf.ids is not None and leaf.counts,
        squared=confident,
        check=check,
    )
    rows.table[leaf.number] = union.row
    rows.owners += union.owners
    rows.thawed |= union.thawed
    if union.top is not None:
        rows.tops[leaf.number] = union.top


def _range(rows: Rows, number: int, expr: Range, part: SegmentView) -> None:
    name = RANGE_FIELDS[expr.field]
    low = INT64_MIN if expr.low is None else expr.low
    # Exclusive; no field holds the greatest number there is.
    high = INT64_MAX if expr.high is None else expr.high
    bounds = np.array([low, high], dtype=np.int64)
    row = rows.table[number]
    row[FORM], row[COUNT] = RANGE, part.segment.documents
    row[IDS], row[TABLE] = part.segment.column_address(name), address_of(bounds)
    row[EXTRA] = _KINDS[part.segment.columns[name].dtype]
    rows.owners.append(bounds)


def _near(rows: Rows, number: int, expr: Nn, part: SegmentView) -> None:
    segment = part.segment
    if expr.space not in segment.columns:
        return  # a segment in which no document has a joint code
    assert expr.radius is not None
    code = np.frombuffer(expr.code, dtype=np.uint8)
    row = rows.table[number]
    row[FORM], row[COUNT], row[EXTRA] = NEAR, segment.documents, expr.radius
    row[IDS], row[TABLE] = segment.column_address(expr.space), address_of(code)
    row[MAXIMA], row[HITS] = segment.column_address("flags"), _FLAGS[expr.space]
    rows.owners.append(code)


def _neighbours(rows: Rows, number: int, found: Neighbours | None) -> None:
    if found is None or not found.locals.size:
        return
    # Ids are read four bytes at a time, whatever their width.
    locals_ = np.ascontiguousarray(found.locals, dtype=np.uint32)
    points = np.ascontiguousarray(found.points, dtype=np.int64)
    row = rows.table[number]
    row[FORM], row[COUNT], row[EXTRA] = SCORED, locals_.size, 4
    row[IDS], row[MAXIMA] = address_of(locals_), address_of(points)
    rows.owners += [locals_, points]
    rows.tops[number] = int(points.max())
