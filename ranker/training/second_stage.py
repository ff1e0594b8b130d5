"""Training of the second stage: a small monotone network by PyTorch (`network`), then its cut-off.

The cut-off is calibrated across folds: the queries are dealt into five parts by a hash of their
text, each part is scored by a network trained on the other four, and one curve is fitted to all
these scores, one for queries that describe a picture and one for the others. So it knows how sure
the network is of queries that it has not seen; the network that serves is then trained on all.

A query has hundreds of candidates and few matches. Signals of the set are made of all of them, but
beside the matches only the first stage's best others and a sample of the rest become rows
(`_LEADING`, `_SAMPLED`), each row of the sample weighing as many as it stands for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import structlog
from numpy.typing import NDArray

from alicorn.cards import card_path, sha256_of
from alicorn.errors import BadRequest, ConfigError
from ranker.features import SECOND_STAGE
from ranker.forest import Forest
from ranker.models.card import Card
from ranker.models.shipped import SECOND_STAGE_FILE
from ranker.scores import fixed_point
from ranker.second_stage.cutoff import Cutoff
from ranker.second_stage.model import SecondStageModel
from ranker.second_stage.signals import second_stage_rows, set_signals
from ranker.training.calibration import fit_cutoff
from ranker.training.judged import JudgedQuery
from ranker.training.network import LEARNED, SecondStageSettings, TrainingRows, fit_network
from ranker.training.quality import kinds_of, order_quality
from ranker.training.splits import SPLIT
from ranker.training.worlds import with_worlds

__all__ = ["train_second_stage"]

_log = structlog.get_logger(__name__)

_FOLDS: Final = 5

_LEADING: Final = 40
_SAMPLED: Final = 40


_FIRST_SCORE: Final = SECOND_STAGE.index("first_stage_score")


def train_second_stage(
    judged: Sequence[JudgedQuery],
    forest: Forest,
    out_dir: Path,
    *,
    held_out: Sequence[JudgedQuery] = (),
    settings: SecondStageSettings | None = None,
    data: str = "Caltech-101, the training half of the photos",
    licence: str = "CC BY 4.0",
    made_by: str = "alicorn train second-stage",
) -> Card:
    """Train network and cut-off and write ``second_stage.npz`` and its card.

    Parameters
    ----------
    judged : sequence of JudgedQuery
        With columns; whole result sets, since signals of the set are made of them.
    forest : Forest
        The first stage that will serve; its scores replace those in the columns.
    out_dir : Path
        Made if absent.
    held_out : sequence of JudgedQuery
        Not trained on; measured for the card.
    settings : SecondStageSettings, optional
    data, licence, made_by : str
        For the card.

    Returns
    -------
    Card
        As written.

    Raises
    ------
    ConfigError
        If PyTorch is not installed.
    BadRequest
        If a query has no columns, or there are not both matches and other candidates.
    """
    torch = _torch()
    chosen = settings or SecondStageSettings()
    laid = with_worlds(judged, chosen.seed) if chosen.worlds else list(judged)
    laid = [one for one in laid if one.labels.size]
    if not laid:
        raise BadRequest(f"none of {len(judged)} judged queries has a candidate")
    # Layers this small are slower on several threads, and one adds in the same order everywhere.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows = [_rows_of_query(one, forest, chosen.seed) for one in laid]
        network = fit_network(torch, _joined(rows), chosen)
        scores, unseen = _scored_unseen(torch, laid, rows, chosen)
    finally:
        torch.set_num_threads(threads)
    required, described = (
        _cutoff(scores, unseen, unseen.described == kind, chosen) for kind in (False, True)
    )
    if required is None and described is None:
        raise BadRequest("calibration needs matches and others, found no query that has both")
    # Where one kind was not judged, the other's is the nearest thing to know.
    cutoffs = [one for one in (required, described) if one is not None]
    model = SecondStageModel(network, required or cutoffs[0], described or cutoffs[0])
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / SECOND_STAGE_FILE
    model.save(path)
    card = Card(
        name=SECOND_STAGE.name,
        file=path.name,
        sha256=sha256_of(path.read_bytes()),
        schema_version=SECOND_STAGE.version,
        features_learned=LEARNED,
        made_by=made_by,
        data=data + (", with generated people and captions" if chosen.worlds else ""),
        licence=licence,
        parameters={
            "torch": str(torch.__version__),
            **asdict(chosen),
            "hidden": " ".join(map(str, chosen.hidden)),
            "folds": _FOLDS,
            "split": SPLIT,
        },
        metrics={
            "threshold": round(model.cutoff.threshold, 6),
            "threshold_described": round(model.described_cutoff.threshold, 6),
        }
        | _metrics(model, forest, judged, "trained_on")
        | _metrics(model, forest, held_out, "held_out"),
        limits="calibrated on photos of single objects; on crowded ones it may keep too much",
    )
    card.write(card_path(path))
    _log.info("second stage trained", rows=len(unseen.x), threshold=model.cutoff.threshold)
    return card


def _torch() -> Any:
    try:
        import torch  # noqa: PLC0415 - serving must not import it
    except ImportError:
        raise ConfigError("training needs PyTorch: pip install 'alicorn[train]'") from None
    return torch


def _scored_unseen(
    torch: Any,
    judged: Sequence[JudgedQuery],
    rows: Sequence[TrainingRows],
    settings: SecondStageSettings,
) -> tuple[NDArray[np.int64], TrainingRows]:
    """Score every query by a network that was not trained on it, nor on a made-up answer to it."""
    texts = sorted(
        {one.query for one in judged},
        key=lambda text: hashlib.blake2b(text.encode(), digest_size=8).digest(),
    )
    # Dealt out in the order of the hashes, so that the parts are of one size.
    part = {text: place % _FOLDS for place, text in enumerate(texts)}
    dealt = [part[one.query] for one in judged]
    scores, parts = [], []
    for fold in range(min(_FOLDS, len(texts))):
        rest = [each for each, its in zip(rows, dealt, strict=True) if its != fold] or rows
        network = fit_network(torch, _joined(rest), settings)
        unseen = _joined([each for each, its in zip(rows, dealt, strict=True) if its == fold])
        scores.append(network.score(unseen.x))
        parts.append(unseen)
    return np.concatenate(scores), _joined(parts)


def _cutoff(
    scores: NDArray[np.int64],
    rows: TrainingRows,
    kind: NDArray[np.bool_],
    settings: SecondStageSettings,
) -> Cutoff | None:
    """Fit the cut-off of one kind of queries; None without both matches and others."""
    labels = rows.labels[kind]
    if labels.all() or not labels.any():
        return None
    return fit_cutoff(
        scores[kind],
        labels,
        rows.weights[kind],
        keep=settings.keep,
        at_most=settings.threshold_at_most,
    )


def _rows_of(one: JudgedQuery, forest: Forest) -> NDArray[np.float32]:
    if one.columns is None:
        raise BadRequest(f"judged query {one.query!r} has no columns, the second stage needs them")
    scores = fixed_point(forest.score(one.features))
    candidates = replace(one.columns, features=one.features, scores=scores)
    return second_stage_rows(candidates, set_signals(candidates))


def _rows_of_query(one: JudgedQuery, forest: Forest, seed: int) -> TrainingRows:
    """Return the rows of a query that teach: see the module's docstring."""
    x = _rows_of(one, forest)
    others = np.flatnonzero(one.labels == 0)
    order = others[np.argsort(-x[others, _FIRST_SCORE], kind="stable")]
    leading, rest = order[:_LEADING], order[_LEADING:]
    digest = hashlib.blake2b(f"{seed} {one.query}".encode(), digest_size=8).digest()
    rng = np.random.default_rng(int.from_bytes(digest, "big"))
    sampled = rng.choice(rest, min(_SAMPLED, rest.size), replace=False)
    stands_for = np.ones(one.labels.size)
    if sampled.size:
        stands_for[sampled] = rest.size / sampled.size
    taken = np.sort(np.concatenate((np.flatnonzero(one.labels), leading, sampled)))
    return TrainingRows(
        x=x[taken],
        labels=one.labels[taken],
        stands_for=stands_for[taken],
        queries=np.zeros(taken.size, dtype=np.int64),
        described=np.full(taken.size, one.described),
    )


def _joined(rows: Sequence[TrainingRows]) -> TrainingRows:
    return TrainingRows(
        x=np.concatenate([each.x for each in rows]),
        labels=np.concatenate([each.labels for each in rows]),
        stands_for=np.concatenate([each.stands_for for each in rows]),
        queries=np.repeat(np.arange(len(rows)), [each.labels.size for each in rows]),
        described=np.concatenate([each.described for each in rows]),
    )


def _metrics(
    model: SecondStageModel, forest: Forest, judged: Sequence[JudgedQuery], name: str
) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind, some in kinds_of(judged, name):
        cutoff = model.described_cutoff if some[0].described else model.cutoff
        scores = [model.network.score(_rows_of(one, forest)) for one in some]
        kept = [cutoff.keeps(score) for score in scores]
        matches = [one.labels > 0 for one in some]
        total = max(sum(int(match.sum()) for match in matches), 1)
        others = max(sum(int((~match).sum()) for match in matches), 1)
        pairs = list(zip(kept, matches, strict=True))
        by_first = [forest.score(one.features) for one in some]
        figures |= order_quality(some, scores, kind)
        figures |= order_quality(some, by_first, f"{kind}_by_first_stage")
        figures |= {
            f"{kind}_matches_kept": round(sum(int((k & m).sum()) for k, m in pairs) / total, 4),
            f"{kind}_others_cut": round(sum(int((~k & ~m).sum()) for k, m in pairs) / others, 4),
        }
    return figures
