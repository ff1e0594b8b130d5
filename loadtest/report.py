"""What every benchmark prints: rows with ours, the peer's, their ratio, the machine, the commit.

    {"rows": [{"id", "question", "ours", "peer", "theirs", "unit", "better", "ratio", "at_least",
               "met"}], "machine", "commit"}

A peer that is not here gives null, never a missing row. `ratio` says how many times better ours is:
theirs / ours where less is better, ours / theirs where more is.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

__all__ = ["Report", "Row", "report_of"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One measured answer to one question."""

    id: str
    """``<benchmark>/<what>/<class>``, unique and stable."""
    question: str
    ours: float | None
    peer: str | None = None
    """Who is measured beside us in the same run; None where there is nobody."""
    theirs: float | None = None
    unit: str
    better: Literal["less", "more"]
    at_least: float | None = None
    """The ratio that was promised; None where none was."""

    @property
    def ratio(self) -> float | None:
        """How many times better ours is; None without a peer."""
        if not self.ours or not self.theirs:
            return None
        return self.theirs / self.ours if self.better == "less" else self.ours / self.theirs

    @property
    def met(self) -> bool | None:
        """Whether the promise is kept; None where none was made or nothing could be compared."""
        if self.at_least is None or self.ratio is None:
            return None
        return self.ratio >= self.at_least


class Report(msgspec.Struct, frozen=True):
    """One run of a benchmark."""

    rows: tuple[Row, ...]
    machine: str
    commit: str

    def as_document(self) -> dict[str, object]:
        """Return the JSON document of the module's docstring."""
        return {
            "rows": [
                {
                    "id": row.id,
                    "question": row.question,
                    "ours": _rounded(row.ours),
                    "peer": row.peer,
                    "theirs": _rounded(row.theirs),
                    "unit": row.unit,
                    "better": row.better,
                    "ratio": _rounded(row.ratio),
                    "at_least": row.at_least,
                    "met": row.met,
                }
                for row in self.rows
            ],
            "machine": self.machine,
            "commit": self.commit,
        }


def report_of(rows: Sequence[Row]) -> Report:
    """Return the report of this machine and this commit."""
    return Report(tuple(rows), _machine(), _commit())


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def _machine() -> str:
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next(
            line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
        )
    except (OSError, StopIteration):
        pass
    return f"{os.cpu_count()} x {model}, {platform.system()}, Python {platform.python_version()}"


def _commit() -> str:
    """Return the commit of the checkout that runs, or "unknown" outside of one."""
    here = Path(__file__).resolve().parents[1]
    if not (here / ".git").exists():
        return "unknown"
    command = ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()
