"""What every benchmark prints: rows with ours, the peer's, their ratio, the machine, the commit.

    {"rows": [{"id", "question", "ours", "peer", "theirs", "unit", "better", "ratio", "at_least",
               "met"}], "machine", "commit"}

and in rows that name what they were measured on, for the record,

              {"aim", "reached_aim", "limit", "limit_aim", "physical_limit", "distance", "data",
               "seed", "measured", "note"}

A peer that is not here gives null, never a missing row. `ratio` says how many times better ours is:
theirs / ours where less is better, ours / theirs where more is. A promise is a ratio to the peer
(`at_least`), a bound of our own figure (`limit`), or both; times are promised for processors with
AVX-512, so without it `met` is null for them. `distance` is how many times longer ours takes than
the machine needs to read the bytes that must be read (`loadtest.bandwidth`).
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from alicorn.simd.cpu import AVX512

__all__ = ["Report", "Row", "report_of"]

_TIMES: Final = frozenset({"s", "ms", "us", "ns"})


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
    aim: float | None = None
    """The ratio that is hoped for."""
    limit: float | None = None
    """The bound of ``ours`` that was promised, whoever the peer is; None where none was."""
    limit_aim: float | None = None
    """The bound of ``ours`` that is hoped for."""
    physical_limit: float | None = None
    """What the machine needs for the bytes that must be read, in ``unit``; None where it says
    nothing."""
    data: str | None = None
    """What was measured on."""
    seed: int | None = None
    measured: str | None = None
    """Of what ``ours`` and ``theirs`` are: median over which queries, of how many runs."""
    note: str | None = None
    """What limits ours now, or what the two figures do not share."""

    @property
    def ratio(self) -> float | None:
        """How many times better ours is; None without a peer."""
        if not self.ours or not self.theirs:
            return None
        return self.theirs / self.ours if self.better == "less" else self.ours / self.theirs

    @property
    def met(self) -> bool | None:
        """Whether the promise is kept; None where none was made or nothing could be compared."""
        if self.unit in _TIMES and not AVX512:
            return None
        return self._kept(self.at_least, self.limit)

    @property
    def reached_aim(self) -> bool | None:
        """Whether what is hoped for was reached; None where nothing is or it cannot be told."""
        return self._kept(self.aim, self.limit_aim)

    @property
    def distance(self) -> float | None:
        """How many times the physical limit ours is; None where there is none."""
        if not self.ours or not self.physical_limit:
            return None
        if self.better == "less":
            return self.ours / self.physical_limit
        return self.physical_limit / self.ours

    def _kept(self, ratio: float | None, bound: float | None) -> bool | None:
        if (ratio is None and bound is None) or self.ours is None:
            return None
        if bound is not None and (
            self.ours > bound if self.better == "less" else self.ours < bound
        ):
            return False
        if ratio is None:
            return True
        return None if self.ratio is None else self.ratio >= ratio


class Report(msgspec.Struct, frozen=True):
    """One run of a benchmark."""

    rows: tuple[Row, ...]
    machine: str
    commit: str

    def as_document(self) -> dict[str, object]:
        """Return the JSON document of the module's docstring."""
        return {
            "rows": [_entry(row) for row in self.rows],
            "machine": self.machine,
            "commit": self.commit,
        }


def report_of(rows: Sequence[Row]) -> Report:
    """Return the report of this machine and this commit."""
    return Report(tuple(rows), _machine(), _commit())


def _entry(row: Row) -> dict[str, object]:
    entry: dict[str, object] = {
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
    if row.data is not None:
        entry |= {
            "aim": row.aim,
            "reached_aim": row.reached_aim,
            "limit": row.limit,
            "limit_aim": row.limit_aim,
            "physical_limit": _rounded(row.physical_limit),
            "distance": _rounded(row.distance),
            "data": row.data,
            "seed": row.seed,
            "measured": row.measured,
            "note": row.note,
        }
    return entry


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
    wide = "with" if AVX512 else "without"
    return (
        f"{os.cpu_count()} x {model} ({wide} AVX-512), {platform.system()}, "
        f"Python {platform.python_version()}"
    )


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
