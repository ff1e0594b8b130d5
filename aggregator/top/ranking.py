"""One module from visible hits to its final order: the bridge to `ranker.second_stage` (PS-44).

What comes in is what the viewer may see, so nothing hidden can leave a trace in a signal, a fold or
a threshold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from aggregator.hits import HitArrays
from aggregator.top.rewrite import Rewritten
from aggregator.top.sight import Sighted
from alicorn.errors import ShapeError
from ranker.scores import rescaled
from ranker.second_stage.candidates import Candidates
from ranker.second_stage.model import SecondStageModel
from ranker.second_stage.pipeline import Options, Reranked, rerank

__all__ = ["RankedModule", "rank_module"]


@dataclass(frozen=True, slots=True)
class RankedModule:
    """One module's photos, and everything that says how they came there."""

    request: Rewritten
    hits: HitArrays
    """What may be seen, in the first stage's order."""
    reasons: npt.NDArray[np.uint8]
    """Why each hit may be seen."""
    candidates: Candidates
    reranked: Reranked


def rank_module(
    request: Rewritten, sighted: Sighted, model: SecondStageModel | None, options: Options
) -> RankedModule:
    """Run the second stage over one module's visible hits."""
    hits = sighted.hits
    candidates = _candidates(hits)
    reranked = rerank(candidates, model, replace(options, described=request.described))
    return RankedModule(request, hits, sighted.reasons, candidates, reranked)


def _candidates(hits: HitArrays) -> Candidates:
    columns = hits.columns
    if columns is None:
        raise ShapeError("found hits without columns, needed them for the second stage")
    return Candidates(
        ids=hits.ids.astype(np.uint64),
        sort_keys=hits.sort_keys.astype(np.uint32),
        scores=rescaled(np.ascontiguousarray(hits.scores[:, 0]), hits.score_unit),
        features=hits.features.astype(np.float32),
        authors=columns.authors.astype(np.uint64),
        taken_at=columns.taken_at.astype(np.int64),
        fingerprints=columns.fingerprints,
        fingerprint_qualities=columns.fingerprint_qualities,
        visual=columns.visual,
    )
