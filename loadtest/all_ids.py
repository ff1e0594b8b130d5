"""How fast are all matches found, as arrays of ids, beside CRoaring?

Data    corpus A, one segment
Report  median microseconds of `ids` on a prepared query: one sorted uint32 array; CRoaring leaves
        a bitmap, which is less work; both are compared with brute force
Run     alicorn bench engine --only ids/
"""

from __future__ import annotations

import numpy as np

from loadtest.brute import refuse
from loadtest.questions import CLASSES
from loadtest.report import Row
from loadtest.timing import clocked, median_us
from loadtest.workbench import Workbench

__all__ = ["ids_rows"]


def ids_rows(bench: Workbench) -> list[Row]:
    """Return a row for each class."""
    return [
        _row(bench, row_id, question_class)
        for question_class in CLASSES
        if bench.wants(row_id := f"ids/A/{question_class}")
    ]


def _row(bench: Workbench, row_id: str, question_class: str) -> Row:
    corpus, engine = bench.the_corpus("A"), bench.engine("A")
    roaring, brute = bench.roaring("A"), bench.brute("A")
    bench.tell(row_id)
    asked = bench.questions("A", question_class)
    ours, theirs = [], []
    for question in asked:
        needed = brute.matches(question)
        text = question.text(corpus, "tag")
        prepared = engine.prepare(text)
        (found,) = prepared.ids()
        if found.dtype != np.uint32 or not np.array_equal(found, needed):
            raise refuse(f"ids of {text}", found, needed)
        ours.append(clocked(prepared.ids))
        if roaring is not None:
            call = roaring.ids(question)
            if not np.array_equal(np.array(call().to_array(), dtype=np.uint32), needed):
                raise refuse(f"CRoaring's ids of {text}", len(call()), needed.size)
            theirs.append(clocked(call))
    spent = bench.taken(ours=ours, theirs=theirs)
    return bench.row(
        row_id,
        "A",
        question=f"all ids of a query of class {question_class}, segment-local uint32",
        ours=median_us(spent["ours"]),
        peer="CRoaring",
        theirs=median_us(spent.get("theirs")),
        at_least=1.0,
        aim=1.5,
        physical_limit=bench.reading("A").of_ids(asked),
        note="CRoaring's result is a bitmap, ours an array",
    )
