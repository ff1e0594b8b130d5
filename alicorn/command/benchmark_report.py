"""A benchmark's report on the terminal, or as JSON."""

from __future__ import annotations

from typing import Final

from rich.measure import Measurement
from rich.table import Table

from alicorn.command.console import out, say_json
from loadtest.report import Report, Row

__all__ = ["print_report", "tell_report"]

_WIDEST: Final = 1_000
_LEFT: Final = frozenset({"id", "unit", "peer", "met"})


def tell_report(report: Report, *, as_json: bool) -> None:
    """Print ``report`` in the form that was asked for."""
    if as_json:
        say_json(report.as_document())
    else:
        print_report(report)


def print_report(report: Report) -> None:
    """Print a report for people."""
    promised = any(row.at_least or row.limit for row in report.rows)
    read = any(row.distance for row in report.rows)
    headings = ["id", "ours", "unit", "peer", "theirs", "ratio"]
    headings += ["needed", "met"] if promised else []
    headings += ["x limit"] if read else []
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(
            heading,
            justify="left" if heading in _LEFT else "right",
            # An id that is cut off cannot be asked for.
            no_wrap=heading == "id",
        )
    for row in report.rows:
        cells = [
            row.id,
            "-" if row.ours is None else f"{row.ours:.4g}",
            row.unit,
            row.peer or "",
            "" if row.theirs is None else f"{row.theirs:.4g}",
            "" if row.ratio is None else f"{row.ratio:.2f}",
        ]
        if promised:
            cells += [_needed(row), _met(row)]
        if read:
            cells.append("" if row.distance is None else f"{row.distance:.1f}")
        table.add_row(*cells)
    if not out.is_terminal:
        # A file has no width: one line a row.
        out.width = Measurement.get(out, out.options.update(max_width=_WIDEST), table).maximum
    out.print(table)
    out.print(f"{report.machine}; commit {report.commit}", markup=False)


def _needed(row: Row) -> str:
    """Return what was promised: a ratio, a bound, or both."""
    parts = []
    if row.at_least is not None:
        parts.append(f"{row.at_least:g}x")
    if row.limit is not None:
        parts.append(f"{'<=' if row.better == 'less' else '>='}{row.limit:g}")
    return " ".join(parts)


def _met(row: Row) -> str:
    if row.met is None:
        return ""
    if not row.met:
        return "no"
    return "aim" if row.reached_aim else "yes"
