"""`rerank`: the second stage in the order of PS-44, and what it can tell about each photo.

    signals   over all candidates         always
    folding   near-copies under the best  unless `without_folding`
    network   score and order             unless `without_second_stage`, or there is no model
    cut-off   poor matches taken away     unless `without_cutoff`, or the network did not run
    consensus the best look at each other unless only texts answer, or the network did not run

Without the network the first stage's order stays, near-copies folded.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alicorn.documents.ordering import best_first
from alicorn.errors import NotFound
from ranker.scores import SCORE_ONE
from ranker.second_stage.candidates import Candidates
from ranker.second_stage.consensus import agreed
from ranker.second_stage.cutoff import LEAST_MET
from ranker.second_stage.fold import Folding, Reason, fold, unfolded
from ranker.second_stage.model import SecondStageModel
from ranker.second_stage.signals import SetSignals, second_stage_rows, set_signals

__all__ = ["Absorbed", "Options", "PhotoStory", "Reranked", "explain", "rerank"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a request may switch off."""

    without_cutoff: bool = False
    """Show poor matches too."""
    without_folding: bool = False
    """Show near-copies one by one."""
    without_second_stage: bool = False
    """Keep the first stage's order; nothing is cut then, since nothing is calibrated."""
    described: bool = False
    """Not a switch: whether the query describes a picture, so that no phrase is required."""


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A near-copy that stands behind a shown photo."""

    position: int
    """Among the candidates."""
    id: int
    reason: Reason


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Reranked:
    """The module's photos, best first; m of them from n candidates."""

    order: NDArray[np.int64]
    """(m,): positions among the candidates."""
    ids: NDArray[np.uint64]
    """(m,)."""
    scores: NDArray[np.int64]
    """(m,): final scores, descending, in units of 1 / `SCORE_ONE`."""
    similar: tuple[tuple[Absorbed, ...], ...]
    """m tuples: near-copies behind each photo, in the first stage's order."""
    signals: SetSignals
    """Of all n candidates."""
    folding: Folding
    """Of all n candidates."""
    final_scores: NDArray[np.int64]
    """(n,): what each candidate was ordered by; the first stage's for those that were folded."""
    probabilities: NDArray[np.float64]
    """(n,): of a match; NaN where the network did not score."""
    cut: NDArray[np.bool_]
    """(n,): True where the cut-off took a photo away."""
    steps: tuple[str, ...] = field(default=())
    """What was run, in order: "signals", "folding", "network", "cut-off"."""


def rerank(
    candidates: Candidates, model: SecondStageModel | None, options: Options | None = None
) -> Reranked:
    """Give the candidates of one module their final score and order.

    Parameters
    ----------
    candidates : Candidates
        What the searcher may see, in the first stage's order.
    model : SecondStageModel or None
        None when there is none: as `Options.without_second_stage`.
    options : Options, optional
        Nothing is switched off by default.

    Returns
    -------
    Reranked
        Ordered by final score descending, sort-key descending, id ascending.
    """
    chosen = options or Options()
    steps = ["signals"]
    signals = set_signals(candidates)

    if chosen.without_folding:
        folding = unfolded(len(candidates))
    else:
        steps.append("folding")
        folding = fold(candidates)
    shown = folding.shown

    final = candidates.scores.copy()
    probabilities = np.full(len(candidates), np.nan)
    cut = np.zeros(len(candidates), dtype=np.bool_)
    order = shown
    if model is not None and not chosen.without_second_stage:
        steps.append("network")
        cutoff = model.described_cutoff if chosen.described else model.cutoff
        rows = second_stage_rows(candidates, signals)[shown]
        final[shown] = model.network.score(rows)
        probabilities[shown] = cutoff.probabilities(final[shown])
        order = shown[best_first(final[shown], candidates.sort_keys[shown], candidates.ids[shown])]
        if not chosen.without_cutoff:
            steps.append("cut-off")
            cut[shown] = ~cutoff.keeps(final[shown])
            if chosen.described:
                met = candidates.feature("matched_phrases")
                cut[shown] |= met[shown] < LEAST_MET * met.max(initial=0.0)
            order = order[~cut[order]]
        if _is_seen(candidates, order) and not chosen.described:
            steps.append("consensus")
            final[order] = agreed(final[order], candidates.visual[order])
            order = order[
                best_first(final[order], candidates.sort_keys[order], candidates.ids[order])
            ]
    return Reranked(
        order=order,
        ids=candidates.ids[order],
        scores=final[order],
        similar=_similar(candidates, folding, order),
        signals=signals,
        folding=folding,
        final_scores=final,
        probabilities=probabilities,
        cut=cut,
        steps=tuple(steps),
    )


def _is_seen(candidates: Candidates, order: NDArray[np.int64]) -> bool:
    """Whether pictures answer, and not texts alone: how texts' pictures look says nothing."""
    return bool(candidates.feature("shown_phrases")[order].max(initial=0.0) > 0)


def _similar(
    candidates: Candidates, folding: Folding, positions: NDArray[np.int64]
) -> tuple[tuple[Absorbed, ...], ...]:
    groups = folding.groups()
    return tuple(
        tuple(
            Absorbed(behind, int(candidates.ids[behind]), reason)
            for behind, reason in groups.get(position, ())
        )
        for position in positions.tolist()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoStory:
    """What the second stage did with one candidate."""

    first_rank: int
    """From 1, among the candidates."""
    rank: int
    """From 1, among what is shown; 0 when it is not shown."""
    score: float
    """What it was ordered by."""
    probability: float | None
    """Of a match; None where the network did not score it."""
    outlier: float
    """How far it looks from the other results, in robust deviations; see `signals`."""
    folded_under: int | None
    """Id of the photo that is shown for it; None when it was not folded."""
    reason: Reason | None
    """Why it was folded."""
    absorbed: tuple[Absorbed, ...]
    """Near-copies that it stands for."""
    cut: bool
    """True when it was taken away as a poor match."""


def explain(candidates: Candidates, reranked: Reranked, photo_id: int) -> PhotoStory:
    """Tell what became of one candidate.

    Raises
    ------
    NotFound
        If no candidate has that id: it was not retrieved, or may not be seen.
    """
    at = np.flatnonzero(candidates.ids == np.uint64(photo_id))
    if not at.size:
        raise NotFound(f"photo {photo_id} is not among the {len(candidates)} candidates")
    position = int(at[0])
    ranks = np.flatnonzero(reranked.order == position)
    keeper = int(reranked.folding.keeper[position])
    probability = float(reranked.probabilities[position])
    return PhotoStory(
        first_rank=position + 1,
        rank=int(ranks[0]) + 1 if ranks.size else 0,
        score=float(reranked.final_scores[position]) / SCORE_ONE,
        probability=None if np.isnan(probability) else probability,
        outlier=float(reranked.signals.outlier[position]),
        folded_under=int(candidates.ids[keeper]) if keeper != position else None,
        reason=reranked.folding.reason(position) if keeper != position else None,
        absorbed=_similar(candidates, reranked.folding, at[:1])[0],
        cut=bool(reranked.cut[position]),
    )
