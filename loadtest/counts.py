"""How fast are matches counted, beside tantivy?

Data    corpus A, tags; corpus C, words of captions; one segment each
Report  median microseconds of `count` on a prepared query; tantivy counts under a constant score;
        every count of both is compared with brute force
Run     alicorn bench engine --only count
"""

from __future__ import annotations

from typing import Final

from loadtest.brute import refuse
from loadtest.report import Row
from loadtest.timing import clocked, median_us
from loadtest.workbench import Workbench

__all__ = ["count_rows"]

_PROMISES: Final = (
    ("count-dense", ("and2_ff", "andnot"), 20.0, 60.0),
    ("count-selective", ("and2_fr", "and3"), 4.0, 10.0),
    ("count-or", ("or10", "and_or10"), 8.0, 20.0),
)
_EDGES: Final = {"A": "tag", "C": "text"}


def count_rows(bench: Workbench) -> list[Row]:
    """Return a row for each class over each corpus."""
    return [
        _row(bench, row_id, name, question_class, at_least, aim)
        for benchmark, classes, at_least, aim in _PROMISES
        for name in _EDGES
        for question_class in classes
        if bench.wants(row_id := f"{benchmark}/{name}/{question_class}")
    ]


def _row(
    bench: Workbench, row_id: str, name: str, question_class: str, at_least: float, aim: float
) -> Row:
    fields = {
        "question": f"count the matches of a query of class {question_class}",
        "peer": "tantivy",
        "at_least": at_least,
        "aim": aim,
    }
    corpus = bench.corpus(name)
    if corpus is None:
        return bench.row(row_id, name, **fields)
    engine, tantivy, brute = bench.engine(name), bench.tantivy(name), bench.brute(name)
    bench.tell(row_id)
    asked = bench.questions(name, question_class)
    ours, theirs = [], []
    for question in asked:
        needed = int(brute.matches(question).size)
        text = question.text(corpus, _EDGES[name])
        prepared = engine.prepare(text)
        if (found := prepared.count()) != needed:
            raise refuse(f"count of {text}", found, needed)
        ours.append(clocked(prepared.count))
        if tantivy is not None:
            count = tantivy.count(question)
            if (found := count()) != needed:
                raise refuse(f"tantivy's count of {text}", found, needed)
            theirs.append(clocked(count))
    spent = bench.taken(ours=ours, theirs=theirs)
    return bench.row(
        row_id,
        name,
        ours=median_us(spent["ours"]),
        theirs=median_us(spent.get("theirs")),
        physical_limit=bench.reading(name).of_ids(asked),
        **fields,
    )
