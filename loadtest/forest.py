"""How long do the trees of the first stage take?

Data    feature rows drawn by chance, seed 11, and trees of 31 leaves that LightGBM trains on 6,000
        others of them in the run (without it, grown by chance); every query has other rows, since
        a processor learns the paths of rows that it meets again
Report  microseconds of a call, and nanoseconds a document and tree, of `Forest.score` on float rows
        and of `Forest.score_binned` on rows binned before; beside LightGBM's predict with one
        thread, in turn in the same run, the Python call included. Scores are within 1e-5 of
        LightGBM's, and are the same integers as those of the plain walk, row by row and binned;
        else there are no figures
Run     alicorn bench forest
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from loadtest.brute import refuse
from loadtest.corpora.trees import feature_rows, grown_model, relevance
from loadtest.peers.lightgbm import LightGBM
from loadtest.report import Report, Row, report_of
from loadtest.timing import clocked, typical
from loadtest.workbench import Workbench
from ranker.features import FIRST_STAGE
from ranker.forest import Forest
from ranker.forest.model import parse_model

__all__ = ["forest_rows", "run"]

SEED: Final = 11
_LEAVES: Final = 31
_TREES: Final = 300
_FEW_TREES: Final = 100
_DOCUMENTS: Final = 1_000
_FEW_DOCUMENTS: Final = 100
_TRAINED_ON: Final = 6_000
_WALKED: Final = 50
"""Rows of each query that are scored one by one too: the plain walk takes its time."""
_CLOSE: Final = 1e-5
_PEER: Final = "LightGBM predict, one thread"
_IDS: Final = (
    "forest/A/300x31",
    "forest/A/300x31-ns",
    "forest/A/300x31-binned-ns",
    "forest/A/300x31-100",
    "forest/A/100x31",
    "forest/A/100x31-100",
)

Rows = npt.NDArray[np.float32]


class _Spent(NamedTuple):
    """Seconds of a call: float rows, rows binned before, LightGBM's or None."""

    ours: float
    binned: float
    theirs: float | None


def run(bench: Workbench) -> Report:
    """Measure every row that ``bench`` wants."""
    return report_of(forest_rows(bench))


def forest_rows(bench: Workbench) -> list[Row]:
    """Return the rows that are promised, of 300 trees and 1,000 documents, and those of less."""
    rows: list[Row] = []
    if bench.wanted(_IDS[:3]):
        rows += _promised(bench)
    for row_id, trees, documents in (
        (_IDS[3], _TREES, _FEW_DOCUMENTS),
        (_IDS[4], _FEW_TREES, _DOCUMENTS),
        (_IDS[5], _FEW_TREES, _FEW_DOCUMENTS),
    ):
        if bench.wants(row_id):
            spent = _spent(bench, trees, documents)
            rows.append(_call_row(bench, row_id, trees, documents, spent))
    return [row for row in rows if bench.wants(row.id)]


def _promised(bench: Workbench) -> list[Row]:
    spent = _spent(bench, _TREES, _DOCUMENTS)
    shared = _shared(bench, _TREES, _DOCUMENTS)
    each = 1e9 / (_TREES * _DOCUMENTS)
    return [
        _call_row(bench, _IDS[0], _TREES, _DOCUMENTS, spent, at_least=30.0, aim=80.0),
        Row(
            id=_IDS[1],
            question="nanoseconds a document and tree, from float rows?",
            ours=spent.ours * each,
            peer=_PEER,
            theirs=None if spent.theirs is None else spent.theirs * each,
            unit="ns",
            limit=1.2,
            limit_aim=0.5,
            note="two comparisons a split for 64 documents bound it, then finding the bins",
            **shared,
        ),
        Row(
            id=_IDS[2],
            question="nanoseconds a document and tree, from rows binned before?",
            ours=spent.binned * each,
            unit="ns",
            note="as where all columns depend on the photo alone and are binned when indexing",
            **shared,
        ),
    ]


def _call_row(
    bench: Workbench,
    row_id: str,
    trees: int,
    documents: int,
    spent: _Spent,
    *,
    at_least: float | None = None,
    aim: float | None = None,
) -> Row:
    return Row(
        id=row_id,
        question=f"scores of {documents:,} documents by {trees} trees of {_LEAVES} leaves?",
        ours=spent.ours * 1e6,
        peer=_PEER,
        theirs=None if spent.theirs is None else spent.theirs * 1e6,
        unit="us",
        at_least=at_least,
        aim=aim,
        **_shared(bench, trees, documents),
    )


def _spent(bench: Workbench, trees: int, documents: int) -> _Spent:
    """Check every answer, then measure."""
    bench.tell(f"{trees} trees, {documents:,} documents")
    rng = np.random.default_rng(SEED)
    text = _model(rng, trees)
    forest = Forest(parse_model(text, FIRST_STAGE))
    assert forest.bins is not None, "trees of 31 leaves and 255 bins fit into bytes"
    peer = LightGBM.open(text)
    queries = [feature_rows(rng, documents) for _ in range(bench.scale.queries)]
    binned = [forest.bins.bin_rows(rows) for rows in queries]
    for rows, bins in zip(queries, binned, strict=True):
        _check(forest, peer, rows, bins)
    spent = bench.taken(
        ours=[clocked(partial(forest.score, rows)) for rows in queries],
        binned=[clocked(partial(forest.score_binned, bins, documents)) for bins in binned],
        theirs=[clocked(partial(peer.score, rows)) for rows in queries] if peer else [],
    )
    theirs = spent.get("theirs")
    return _Spent(
        ours=typical(spent["ours"]),
        binned=typical(spent["binned"]),
        theirs=None if theirs is None else typical(theirs),
    )


def _model(rng: np.random.Generator, trees: int) -> str:
    if not LightGBM.is_here():
        return grown_model(rng, trees, _LEAVES)
    rows = feature_rows(rng, _TRAINED_ON)
    target = relevance(rng, rows)
    return LightGBM.trained(rows, target, FIRST_STAGE.names, trees=trees, leaves=_LEAVES)


def _check(forest: Forest, peer: LightGBM | None, rows: Rows, bins: npt.NDArray[np.uint8]) -> None:
    """Refuse to measure where a score is not LightGBM's or not that of the plain walk."""
    scores, fixed = forest.score(rows), forest.score_fixed(rows)
    if peer is not None:
        apart = np.abs(scores - peer.score(rows))
        if not (apart <= _CLOSE).all():
            raise refuse("score", f"{apart.max():.2g} from LightGBM's", f"at most {_CLOSE:g}")
    _same("score_binned", forest.score_binned(bins, len(rows)), fixed)
    one_by_one = np.concatenate([forest.score_fixed(row[np.newaxis]) for row in rows[:_WALKED]])
    _same("score_fixed", fixed[:_WALKED], one_by_one)


def _same(what: str, found: npt.NDArray[np.int64], needed: npt.NDArray[np.int64]) -> None:
    if not np.array_equal(found, needed):
        raise refuse(what, found.tolist(), needed.tolist())


def _shared(bench: Workbench, trees: int, documents: int) -> dict[str, Any]:
    return {
        "better": "less",
        "data": f"{trees} trees of {_LEAVES} leaves, "
        f"{'trained' if LightGBM.is_here() else 'grown by chance'}; {documents:,} random rows of "
        f"{len(FIRST_STAGE)} features",
        "seed": SEED,
        "measured": f"median of {bench.scale.queries} queries, each the median of "
        f"{bench.scale.repeats} runs",
    }
