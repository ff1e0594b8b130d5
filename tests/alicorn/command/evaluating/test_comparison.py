"""Ways to search beside each other: asked once, judged by halves, marked where that is unfair."""

from __future__ import annotations

from alicorn.command.evaluating.comparison import BOTH_HALVES, HELD_OUT, Way, compare, row_of
from ranker.evaluation.measuring import Query, QuerySet
from ranker.training.judgements import Judgements
from ranker.training.splits import EVALUATION_HALF

URIS = [f"caltech101/panda/{n}.jpg" for n in range(12)]
EVERYTHING = Judgements.of(URIS)
HALF = EVERYTHING.half(EVALUATION_HALF)
PANDA = Query(text="panda", about="panda", labels=frozenset({"panda"}))
SETS = [
    QuerySet(name="labels", queries=(PANDA,)),
    QuerySet(name="again", queries=(PANDA,)),
    QuerySet(name="nothing", queries=(Query(text="x", about="x", labels=frozenset({"unicorn"})),)),
]


def test_each_way_is_asked_once_and_judged_by_each_half() -> None:
    """The same answer serves every set and every judge."""
    asked: list[tuple[str, str]] = []

    def way(name: str, found: list[str], *, trained: bool = False) -> Way:
        def search(query: Query) -> list[str]:
            asked.append((name, query.text))
            return found

        return Way(name, search, trained)

    ways = [way("all", URIS, trained=True), way("none", [])]
    rows = compare(ways, SETS, {HELD_OUT: HALF, BOTH_HALVES: EVERYTHING})
    trained = row_of(rows, queries="labels", way="all", judged_by=BOTH_HALVES)
    fair = row_of(rows, queries="labels", way="all", judged_by=HELD_OUT)

    assert asked == [("all", "panda"), ("none", "panda")]
    assert [(row.judged_by, row.queries, row.way) for row in rows] == [
        (halves, queries, name)
        for halves in (HELD_OUT, BOTH_HALVES)
        for queries in ("labels", "again")
        for name in ("all", "none")
    ]
    assert trained is not None
    assert fair is not None
    assert trained.seen_in_training
    assert not fair.seen_in_training
    assert (fair.measured.judged, trained.measured.judged) == (len(HALF.label_by_uri), 12)
    assert trained.measured.rows[0].recall_at_100 == 1.0
    assert row_of(rows, queries="nothing", way="all", judged_by=HELD_OUT) is None
