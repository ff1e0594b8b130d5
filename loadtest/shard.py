"""What does a whole search of a shard cost, beside the sum of its kernels?

Data    corpus A, one segment, as a shard's file; 100 trees of 31 leaves, grown from seed 29
Report  median microseconds of `IndexHandler.search`, from a request with text to the bytes of the
        answer: parsing and planning (cached), the best 1,000 by concept score, their features, the
        trees, the best 100, packing; beside the sum of what it cannot leave out, measured in the
        same run: the best 1,000 on a prepared query, the features' bins, the trees, the choice of
        100. The candidates are compared with brute force, and the answer with scores that come from
        float features and a sort
Run     alicorn bench engine --only shard
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.api.index.v1 import index_pb2
from alicorn.documents.ordering import best_first
from alicorn.query import parse
from indexserver.config import ShardConfig
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order, retrieve
from indexserver.handler import IndexHandler
from indexserver.ordering import best_of_each
from indexserver.scoring.context import RankingContext
from indexserver.scoring.features import CandidateFeatures
from indexserver.scoring.scorers import FIRST_STAGE_SCORER, Scorers
from indexserver.shard import Shard
from indexserver.view import View
from loadtest.brute import refuse
from loadtest.corpora.trees import grown_model
from loadtest.questions import Question
from loadtest.report import Row
from loadtest.stored import stored
from loadtest.timing import Timed, clocked
from loadtest.workbench import Workbench
from ranker.forest import Forest

__all__ = ["shard_rows"]

_CLASSES: Final = ("and2_ff", "or10", "and_or10")
"""Those with a thousand matches and more."""
_CANDIDATES: Final = 1_000
_LIMIT: Final = 100
_TREES: Final = 100
_LEAVES: Final = 31
_SEED: Final = 29
_PIECES: Final = ("retrieve", "features", "trees", "choose")
_NOW_S: Final = 1_700_000_000


@dataclass(frozen=True, slots=True, eq=False)
class _Served:
    """A shard that answers, and what it answers with."""

    handler: IndexHandler
    view: View
    forest: Forest
    ranking: RankingContext


def shard_rows(bench: Workbench) -> list[Row]:
    """Return a row for each class."""
    ids = {f"shard/A/{question_class}": question_class for question_class in _CLASSES}
    if not bench.wanted(ids):
        return []
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="shard-", dir=bench.folder))
        )
        bench.tell("corpus A: as a shard")
        served = _served(bench, folder, stack)
        return [
            _row(bench, row_id, question_class, served)
            for row_id, question_class in ids.items()
            if bench.wants(row_id)
        ]


def _served(bench: Workbench, folder: Path, stack: ExitStack) -> _Served:
    model = folder / "model.txt"
    model.write_text(grown_model(np.random.default_rng(_SEED), _TREES, _LEAVES), "utf-8")
    stored(bench.segment("A"), folder / "shard")
    shard = stack.enter_context(
        Shard(
            ShardConfig(directory=folder / "shard", writable=False),
            scorers=Scorers({FIRST_STAGE_SCORER: model}),
        )
    )
    return _Served(
        IndexHandler([shard]), shard.view, Forest.load(model), RankingContext(now=_NOW_S, viewer=7)
    )


def _row(bench: Workbench, row_id: str, question_class: str, served: _Served) -> Row:
    bench.tell(row_id)
    ways: dict[str, list[Timed]] = {"ours": [], **{name: [] for name in _PIECES}}
    for question in bench.questions("A", question_class):
        for name, call in _calls(bench, question, served).items():
            ways[name].append(clocked(call))
    spent = bench.taken(**ways)
    typical = {name: np.median(seconds, axis=1) for name, seconds in spent.items()}
    together = np.sum([typical[name] for name in _PIECES], axis=0)
    shares = {name: np.median(typical[name]) * 1e6 for name in _PIECES}
    return bench.row(
        row_id,
        "A",
        question=f"a whole search of a shard, class {question_class}: text to packed answer, "
        f"{_CANDIDATES:,} candidates, {_TREES} trees",
        ours=float(np.median(typical["ours"])) * 1e6,
        peer="the sum of its kernels",
        theirs=float(np.median(together)) * 1e6,
        # 1.5 times the sum, and 1.2: as ratios of the sum to the whole.
        at_least=round(1 / 1.5, 4),
        aim=round(1 / 1.2, 4),
        note=", ".join(f"{name} {share:.1f} us" for name, share in shares.items()),
    )


def _calls(
    bench: Workbench, question: Question, served: _Served
) -> dict[str, Callable[[], object]]:
    """Return the whole call and each of its pieces, after checking what they give."""
    text = question.text(bench.the_corpus("A"), "tag", weighted=True)
    request = index_pb2.SearchRequest(
        expression=text,
        order=index_pb2.ORDER_CONCEPT,
        retrieve_limit=_CANDIDATES,
        limit=_LIMIT,
        scorers=[FIRST_STAGE_SCORER],
        ranking=index_pb2.RankingContext(now=_NOW_S, viewer=7),
    )
    plan = compile_plan(parse(text))
    retrieved = retrieve(served.view, plan, order=Order.CONCEPT, limit=_CANDIDATES)
    candidates = retrieved.candidates
    needed, _ = bench.brute("A").best(question, _CANDIDATES)
    if not np.array_equal(candidates.ids, needed):
        raise refuse(f"candidates of {text}", candidates.ids, needed)
    forest = served.forest

    def features() -> CandidateFeatures:
        return CandidateFeatures(retrieved, plan, ranking=served.ranking)

    bins = features().bins(forest)
    scores = forest.score_fixed(features().rows)
    if not np.array_equal(forest.score_binned(bins, candidates.ids.size), scores):
        raise refuse(f"scores of {text}", forest.score_binned(bins, candidates.ids.size), scores)
    order = best_first(scores, candidates.sort_keys, candidates.ids)[:_LIMIT]
    answer = served.handler.search(request)
    found: npt.NDArray[np.uint64] = np.frombuffer(answer.hits.ids, dtype="<u8")
    if not np.array_equal(found, candidates.ids[order]):
        raise refuse(f"answer to {text}", found, candidates.ids[order])
    ranked = scores[np.newaxis]
    return {
        "ours": lambda: served.handler.search(request).SerializeToString(),
        "retrieve": partial(bench.engine("A").prepare(text).best, _CANDIDATES),
        "features": lambda: features().bins(forest),
        "trees": partial(forest.score_binned, bins, candidates.ids.size),
        "choose": partial(best_of_each, ranked, candidates.sort_keys, candidates.ids, _LIMIT),
    }
