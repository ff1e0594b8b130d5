"""What do eight segments and deletions cost, beside one segment without them?

Data    corpus B: the documents of A in 8 segments of consecutive DocIds, 1 % deleted; interleaved
        for information
Report  median microseconds of count, first 100 and best 100 on prepared queries, B's beside A's;
        B's answers are compared with brute force over what is live
Run     alicorn bench engine --only segments
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from loadtest.brute import BruteForce, refuse
from loadtest.questions import CLASSES, Question
from loadtest.report import Row
from loadtest.timing import Timed, clocked, median_us
from loadtest.workbench import Prepared, Workbench

__all__ = ["segmented_rows"]

_LIMIT: Final = 100
_FIGURES: Final = ("count", "first100", "top100")
_LAYOUTS: Final = ("B", "B-interleaved")


def segmented_rows(bench: Workbench) -> list[Row]:
    """Return a row for each layout, class and figure."""
    rows = []
    for name in _LAYOUTS:
        for question_class in CLASSES:
            for figure in _FIGURES:
                row_id = f"segments/{name}/{question_class}-{figure}"
                if bench.wants(row_id):
                    rows.append(_row(bench, row_id, name, question_class, figure))
        bench.forget(name)
    return rows


def _row(bench: Workbench, row_id: str, name: str, question_class: str, figure: str) -> Row:
    corpus, brute = bench.the_corpus("A"), bench.brute("B")
    one, several = bench.engine("A"), bench.engine(name)
    bench.tell(row_id)
    ours: list[Timed] = []
    theirs: list[Timed] = []
    for question in bench.questions("A", question_class):
        text = question.text(corpus, "tag", weighted=figure == "top100")
        prepared = several.prepare(text)
        _check(prepared, brute, question, figure, text)
        ours.append(clocked(_call(prepared, figure)))
        theirs.append(clocked(_call(one.prepare(text), figure)))
    spent = bench.taken(ours=ours, theirs=theirs)
    promised = name == "B"
    return bench.row(
        row_id,
        name,
        question=f"{figure} of a query of class {question_class} over 8 segments, 1 % deleted, "
        + ("in runs of DocIds" if promised else "documents interleaved"),
        ours=median_us(spent["ours"]),
        peer="the same in one segment",
        theirs=median_us(spent["theirs"]),
        at_least=0.7 if promised else None,
        aim=0.9 if promised else None,
    )


def _call(prepared: Prepared, figure: str) -> Callable[[], Any]:
    if figure == "count":
        return prepared.count
    return partial(prepared.first if figure == "first100" else prepared.best, _LIMIT)


def _check(
    prepared: Prepared, brute: BruteForce, question: Question, figure: str, text: str
) -> None:
    if figure == "count":
        found, needed = prepared.count(), brute.matches(question).size
        if found != needed:
            raise refuse(f"count of {text}", found, needed)
        return
    candidates = _call(prepared, figure)()
    if figure == "first100":
        ids = brute.first(question, _LIMIT)
    else:
        ids, scores = brute.best(question, _LIMIT)
        if not np.array_equal(candidates.concept_scores, scores):
            raise refuse(f"scores of {text}", candidates.concept_scores, scores)
    if not np.array_equal(candidates.ids, ids):
        raise refuse(f"{figure} of {text}", candidates.ids, ids)
