"""A comparison as a table for people, and the queries at both of its ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from rich.table import Table

from alicorn.command.console import out
from alicorn.command.evaluating.comparison import Goal, Row
from ranker.evaluation.measuring import Measured, QueryRow
from ranker.evaluation.metrics import Interval

__all__ = ["print_ends", "print_goals", "print_rows"]

_COLUMNS: Final = (
    ("P@10", "precision_at_10"),
    ("NDCG@10", "ndcg_at_10"),
    ("R@10", "recall_at_10"),
    ("R@100", "recall_at_100"),
    ("MRR", "reciprocal_rank"),
)
_ENDS: Final = 10
_WIDEST: Final = 200


def print_rows(rows: Sequence[Row], *, main: str, left_out: Collection[str] = ()) -> None:
    """Print ``rows``, one table for each kind of judge.

    Parameters
    ----------
    rows : sequence of Row
    main : str
        The figure that has its 95 % interval beside it, of `ranker.evaluation.measuring.FIGURES`.
    left_out : collection of str
        Names of sets that are not shown.
    """
    for halves in dict.fromkeys(row.judged_by for row in rows):
        shown = [r for r in rows if r.judged_by == halves and r.queries not in left_out]
        if shown:
            out.print(f"\n{_judges(shown[0])}", markup=False)
            table = _table(shown, main)
            # As wide as it is: in a file or a report nothing says how wide a line may be.
            wide = out.options.update(max_width=_WIDEST)
            table.width = out.measure(table, options=wide).maximum
            out.print(table, crop=False)
        if any(row.seen_in_training for row in shown):
            out.print(
                "* a part of it was trained on one of the halves: no measure of what it can do",
                markup=False,
            )


def print_goals(goals: Iterable[Goal]) -> None:
    """Print each figure that has a name of its own, and what it should be at least."""
    for one in goals:
        wanted = (
            ""
            if one.goal is None
            else f", goal {one.goal:.2f}: {'met' if one.found.mean >= one.goal else 'missed'}"
        )
        out.print(
            f"{one.name} ({one.judged_by}): {one.found.mean:.3f} {_interval(one.found)}{wanted}",
            markup=False,
        )


def print_ends(rows: Iterable[Row], *, main: str) -> None:
    """Print the worst and the best queries of each row, ten of each at most."""
    for row in rows:
        ordered = sorted(row.measured.rows, key=lambda one: (getattr(one, main), one.query))
        out.print(f"\n{row.queries}, {row.way}, {row.judged_by}", markup=False)
        best = ordered[_ENDS:][-_ENDS:][::-1]
        for what, ends in (("worst", ordered[:_ENDS]), ("best", best)):
            if ends:
                out.print(f"  {what}: {'; '.join(_said(one, main) for one in ends)}", markup=False)


def _said(one: QueryRow, main: str) -> str:
    return f"{one.query} {getattr(one, main):.2f} of {one.relevant}"


def _judges(row: Row) -> str:
    return f"judged by: {row.judged_by}, {row.measured.judged:,}"


def _table(rows: Iterable[Row], main: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("queries", "way to search"):
        table.add_column(heading)
    table.add_column("asked", justify="right")
    for heading, figure in _COLUMNS:
        table.add_column(heading, justify="right")
        if figure == main:
            table.add_column("95 %", justify="right")
    last = ""
    for row in rows:
        if last not in {"", row.queries}:
            table.add_section()
        table.add_row(
            row.queries if row.queries != last else "",
            f"{row.way} *" if row.seen_in_training else row.way,
            str(row.measured.queries),
            *_figures(row.measured, main),
        )
        last = row.queries
    return table


def _figures(measured: Measured, main: str) -> list[str]:
    cells = []
    for _, figure in _COLUMNS:
        interval = measured.means[figure]
        cells.append(f"{interval.mean:.3f}")
        if figure == main:
            cells.append(_interval(interval))
    return cells


def _interval(interval: Interval) -> str:
    return f"({interval.low:.3f} to {interval.high:.3f})"
