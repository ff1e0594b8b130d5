"""How fast are the first 100 matches in static order found, beside Xapian?

Data    corpus A, one segment; documents are numbered in DocId order everywhere
Report  median microseconds of `first` on a prepared query, and from text with a cached plan, there
        the 95th percentile of all runs as well; Xapian takes its own time, BoolWeight in ascending
        docid, which stops as early as we do; both are compared with brute force
Run     alicorn bench engine --only first100
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from loadtest.brute import refuse
from loadtest.questions import CLASSES
from loadtest.report import Row
from loadtest.timing import clocked, median_us
from loadtest.workbench import Asking, Workbench

__all__ = ["LIMIT", "first_rows"]

LIMIT: Final = 100
_P95_US: Final = 20.0


def first_rows(bench: Workbench) -> list[Row]:
    """Return three rows for each class: a kernel call, from text, and the p95 of that."""
    rows = []
    for question_class in CLASSES:
        ids = (
            f"first100/A/{question_class}",
            f"first100-text/A/{question_class}",
            f"first100-text/A/{question_class}-p95",
        )
        if bench.wanted(ids):
            rows += [row for row in _rows(bench, ids, question_class) if bench.wants(row.id)]
    return rows


def _rows(bench: Workbench, ids: tuple[str, str, str], question_class: str) -> list[Row]:
    corpus, engine = bench.the_corpus("A"), bench.engine("A")
    xapian, brute = bench.xapian("A"), bench.brute("A")
    bench.tell(ids[0])
    asked = bench.questions("A", question_class)
    calls, texts, theirs, ends = [], [], [], []
    for question in asked:
        numbers = brute.matches(question)[:LIMIT]
        needed = brute.first(question, LIMIT)
        text = question.text(corpus, "tag")
        prepared = engine.prepare(text)
        found = prepared.first(LIMIT).ids
        if not np.array_equal(found, needed):
            raise refuse(f"first {LIMIT} of {text}", found, needed)
        calls.append(clocked(partial(prepared.first, LIMIT)))
        texts.append(clocked(_from_text(engine, text)))
        ends.append(int(numbers[-1]) if numbers.size == LIMIT else corpus.documents - 1)
        if xapian is not None:
            if not np.array_equal(other := xapian.first(question, LIMIT), numbers):
                raise refuse(f"Xapian's first {LIMIT} of {text}", other, numbers)
            theirs.append(xapian.timed(question, LIMIT))
    spent = bench.taken(ours=calls, texts=texts)
    # After ours, not in turn: waking another process would be counted as our time.
    them = median_us(bench.taken(theirs=theirs)["theirs"]) if theirs else None
    limit = bench.reading("A").of_first(asked, ends)
    what = f"the first {LIMIT} of a query of class {question_class} in static order"
    return [
        bench.row(
            ids[0],
            "A",
            question=f"{what}, prepared",
            ours=median_us(spent["ours"]),
            peer="Xapian",
            theirs=them,
            at_least=5.0,
            aim=10.0,
            physical_limit=limit,
        ),
        bench.row(
            ids[1],
            "A",
            question=f"{what}, from text with a cached plan",
            ours=median_us(spent["texts"]),
            peer="Xapian",
            theirs=them,
            at_least=1.0,
            aim=2.0,
            physical_limit=limit,
        ),
        bench.row(
            ids[2],
            "A",
            question=f"{what}, from text with a cached plan: 95th percentile",
            ours=float(np.percentile(spent["texts"], 95)) * 1e6,
            limit=_P95_US,
            measured=f"95th percentile of {spent['texts'].size} runs",
        ),
    ]


def _from_text(engine: Asking, text: str) -> Callable[[], Any]:
    return lambda: engine.prepare(text).first(LIMIT)
