"""How fast is the index engine on each part of its work, beside whoever does that part best?

Data    corpora A, B and C (`loadtest.corpora`), 60 queries a class, seed 5
Report  the rows of `counts`, `all_ids`, `segmented`, `first`, `best` and `shard`: medians of warm
        runs in turn with the peer's, one thread, the Python call included; every answer is
        compared with brute force in the same run, and a wrong one ends it without figures
Run     alicorn bench engine [--only count-dense/A] [--queries 20] [--json]
"""

from __future__ import annotations

from loadtest.all_ids import ids_rows
from loadtest.best import best_rows
from loadtest.counts import count_rows
from loadtest.first import first_rows
from loadtest.report import Report, report_of
from loadtest.segmented import segmented_rows
from loadtest.shard import shard_rows
from loadtest.workbench import Workbench

__all__ = ["run"]

_PARTS = (count_rows, ids_rows, first_rows, best_rows, segmented_rows, shard_rows)


def run(bench: Workbench) -> Report:
    """Measure every row that ``bench`` wants."""
    return report_of([row for part in _PARTS for row in part(bench)])
