"""How fast are the best 100 matches by concept score found, beside tantivy and PISA?

Data    corpora A and C, one segment each; weights of 0.25 to 1 a word
Report  median microseconds of `best` on a prepared query, exact sums of weight times squared
        confidence byte; tantivy: BM25 with the weights as boosts; PISA: sums of the same bytes
        without weights, by whichever of its algorithms is fastest for the class. Ours and PISA's
        answers are compared with brute force, tantivy's with who matches
Run     alicorn bench engine --only top100
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from loadtest.brute import refuse
from loadtest.corpora.corpus import Corpus
from loadtest.peers.pisa import ALGORITHMS, Pisa
from loadtest.peers.tantivy import Tantivy
from loadtest.questions import CLASSES, Question
from loadtest.report import Row
from loadtest.timing import Timed, clocked, median_us, typical
from loadtest.workbench import Workbench

__all__ = ["LIMIT", "best_rows"]

LIMIT: Final = 100
_AT_LEAST: Final = 2.5
_AIM: Final = 5.0


def best_rows(bench: Workbench) -> list[Row]:
    """Return two rows for each class over each corpus: beside tantivy, beside PISA."""
    rows = []
    for name in ("A", "C"):
        for question_class in CLASSES:
            ids = f"top100/{name}/{question_class}", f"top100/{name}/{question_class}-pisa"
            if bench.wanted(ids):
                rows += [
                    row for row in _rows(bench, ids, name, question_class) if bench.wants(row.id)
                ]
    return rows


def _rows(bench: Workbench, ids: tuple[str, str], name: str, question_class: str) -> list[Row]:
    what = f"the best {LIMIT} of a query of class {question_class} by weighted concept score, exact"
    promise = {"question": what, "at_least": _AT_LEAST, "aim": _AIM}
    corpus = bench.corpus(name)
    if corpus is None:
        peers = zip(ids, ("tantivy BM25", "PISA"), strict=True)
        return [bench.row(row_id, name, peer=peer, **promise) for row_id, peer in peers]
    engine, brute = bench.engine(name), bench.brute(name)
    tantivy, pisa = bench.tantivy(name), bench.pisa(name)
    bench.tell(ids[0])
    asked = bench.questions(name, question_class)
    ways: dict[str, list[Timed]] = {"ours": [], "tantivy": []}
    matched = []
    for question in asked:
        text = question.text(corpus, "tag", weighted=True)
        prepared = engine.prepare(text)
        found = prepared.best(LIMIT)
        best, scores = brute.best(question, LIMIT)
        if not np.array_equal(found.ids, best):
            raise refuse(f"best {LIMIT} of {text}", found.ids, best)
        if not np.array_equal(found.concept_scores, scores):
            raise refuse(f"scores of {text}", found.concept_scores, scores)
        ways["ours"].append(clocked(partial(prepared.best, LIMIT)))
        members = brute.members(question)
        matched.append(int(np.count_nonzero(members)))
        if tantivy is not None:
            ways["tantivy"].append(_of_tantivy(tantivy, question, members))
        if pisa is not None:
            for algorithm in ALGORITHMS.get(question.kind, ()):
                way = _of_pisa(pisa, corpus, question, members, algorithm)
                ways.setdefault(algorithm, []).append(way)
    spent = bench.taken(**ways)
    limit = bench.reading(name).of_scores(asked, matched)
    times = {way: typical(spent[way]) for way in spent if way not in {"ours", "tantivy"}}
    fastest = min(times, key=lambda way: times[way], default=None)
    note = "PISA's sums have no weights"
    if asked[0].kind not in ALGORITHMS:
        note = "PISA has no such query"
    return [
        bench.row(
            ids[0],
            name,
            ours=median_us(spent["ours"]),
            peer="tantivy BM25",
            theirs=median_us(spent.get("tantivy")),
            physical_limit=limit,
            note="tantivy's scores are BM25 floats",
            **promise,
        ),
        bench.row(
            ids[1],
            name,
            ours=median_us(spent["ours"]),
            peer="PISA" if fastest is None else f"PISA {fastest}",
            theirs=None if fastest is None else times[fastest] * 1e6,
            physical_limit=limit,
            note=note,
            **promise,
        ),
    ]


def _of_tantivy(tantivy: Tantivy, question: Question, members: npt.NDArray[np.bool_]) -> Timed:
    call = tantivy.best(question, LIMIT)
    documents = call()
    needed = min(LIMIT, int(np.count_nonzero(members)))
    if documents.size != needed or not members[documents].all():
        raise refuse(f"tantivy's best {LIMIT}", documents, f"{needed} that match")
    return clocked(call)


def _of_pisa(
    pisa: Pisa,
    corpus: Corpus,
    question: Question,
    members: npt.NDArray[np.bool_],
    algorithm: str,
) -> Timed:
    sums = np.zeros(corpus.documents, dtype=np.int64)
    for word in question.words[0]:
        here = corpus.list_of(word)
        sums[corpus.postings[here]] += corpus.confidences[here]
    needed = np.sort(sums[members])[::-1][:LIMIT]
    documents, found = pisa.best(question, LIMIT, algorithm)
    if not np.array_equal(found, needed) or not np.array_equal(sums[documents], found):
        raise refuse(f"PISA's best {LIMIT} by {algorithm}", found, needed)
    return pisa.timed(question, LIMIT, algorithm)
