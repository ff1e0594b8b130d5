"""Training of the second stage: a small monotone network by PyTorch, then its cut-off.

The loss is binary, match or none, every query weighing the same. On features that may only help,
first-layer weights are kept of one sign and all later weights positive, which with the
half-and-half activation makes the score monotone in them (`ranker.second_stage.net`). Features that
would tell how the judged photos were collected get no weight (`LEARNED`), nor do those that do not
vary.

The cut-off is calibrated across folds: the queries are dealt into five parts by a hash of their
text, each part is scored by a network trained on the other four, and one curve is fitted to all
these scores. So it knows how sure the network is of queries that it has not seen; the network that
serves is then trained on all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
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
from ranker.second_stage.model import SecondStageModel
from ranker.second_stage.net import INPUT_BOUND, Network
from ranker.second_stage.signals import second_stage_rows, set_signals
from ranker.training.calibration import fit_cutoff
from ranker.training.judged import JudgedQuery
from ranker.training.quality import order_quality
from ranker.training.worlds import with_worlds

__all__ = ["LEARNED", "SecondStageSettings", "train_second_stage"]

_log = structlog.get_logger(__name__)

LEARNED: Final = tuple(
    name
    for name in SECOND_STAGE.names
    if name not in {"log_popularity", "tag_count", "text_length"}
)
"""What the network may use; see `ranker.training.first_stage.LEARNED`."""

_FOLDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondStageSettings:
    """How the second stage is trained."""

    hidden: tuple[int, ...] = (32, 16)
    """Units of the hidden layers, each even."""
    steps: int = 300
    """Of Adam, each over all rows."""
    learning_rate: float = 0.01
    weight_decay: float = 0.01
    keep: float = 0.95
    """Share of the matches that the cut-off must leave, for queries that were not trained on."""
    threshold_at_most: float = 0.5
    """A photo at least this probable is always shown."""
    seed: int = 20_262
    worlds: bool = True
    """Lay generated people and captions over the judged photos (`worlds`)."""

    def __post_init__(self) -> None:
        if not 2 <= len(self.hidden) <= 3 or any(w < 2 or w % 2 for w in self.hidden):
            raise ConfigError(f"hidden must be 2 or 3 even widths, got {self.hidden}")


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows of several queries, each with a candidate, end to end."""

    x: NDArray[np.float32]
    labels: NDArray[np.uint8]
    weights: NDArray[np.float64]
    """One by the number of the query's candidates."""


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
        network = _fit(torch, _rows(laid, forest), chosen)
        scores, unseen = _scored_unseen(torch, laid, forest, chosen)
    finally:
        torch.set_num_threads(threads)
    cutoff = fit_cutoff(
        scores, unseen.labels, unseen.weights, keep=chosen.keep, at_most=chosen.threshold_at_most
    )
    model = SecondStageModel(network, cutoff)
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
        },
        metrics={"threshold": round(cutoff.threshold, 6)}
        | _metrics(model, forest, judged, "trained_on")
        | _metrics(model, forest, held_out, "held_out"),
        limits="calibrated on photos of single objects; on crowded ones it may keep too much",
    )
    card.write(card_path(path))
    _log.info("second stage trained", rows=len(unseen.x), threshold=cutoff.threshold)
    return card


def _torch() -> Any:
    try:
        import torch  # noqa: PLC0415 - serving must not import it
    except ImportError:
        raise ConfigError("training needs PyTorch: pip install 'alicorn[train]'") from None
    return torch


def _scored_unseen(
    torch: Any, judged: Sequence[JudgedQuery], forest: Forest, settings: SecondStageSettings
) -> tuple[NDArray[np.int64], _Rows]:
    """Score every query by a network that was not trained on it, nor on a made-up answer to it."""
    texts = sorted(
        {one.query for one in judged},
        key=lambda text: hashlib.blake2b(text.encode(), digest_size=8).digest(),
    )
    # Dealt out in the order of the hashes, so that the parts are of one size.
    part = {text: place % _FOLDS for place, text in enumerate(texts)}
    scores, parts = [], []
    for fold in range(min(_FOLDS, len(texts))):
        rest = [one for one in judged if part[one.query] != fold] or judged
        network = _fit(torch, _rows(rest, forest), settings)
        rows = _rows([one for one in judged if part[one.query] == fold], forest)
        scores.append(network.score(rows.x))
        parts.append(rows)
    return np.concatenate(scores), _Rows(
        x=np.concatenate([rows.x for rows in parts]),
        labels=np.concatenate([rows.labels for rows in parts]),
        weights=np.concatenate([rows.weights for rows in parts]),
    )


def _rows_of(one: JudgedQuery, forest: Forest) -> NDArray[np.float32]:
    if one.columns is None:
        raise BadRequest(f"judged query {one.query!r} has no columns, the second stage needs them")
    scores = fixed_point(forest.score(one.features))
    candidates = replace(one.columns, features=one.features, scores=scores)
    return second_stage_rows(candidates, set_signals(candidates))


def _rows(judged: Sequence[JudgedQuery], forest: Forest) -> _Rows:
    return _Rows(
        x=np.concatenate([_rows_of(one, forest) for one in judged]),
        labels=np.concatenate([one.labels for one in judged]),
        weights=np.concatenate([np.full(one.labels.size, 1 / one.labels.size) for one in judged]),
    )


def _fit(torch: Any, rows: _Rows, settings: SecondStageSettings) -> Network:
    x = rows.x.astype(np.float64)
    known = ~np.isnan(x)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, x, 0.0).sum(axis=0) / counts
    scale = np.sqrt(np.where(known, (x - mean) ** 2, 0.0).sum(axis=0) / counts)
    learned = (scale > 1e-6) & np.array([name in LEARNED for name in SECOND_STAGE.names])
    scale = np.where(learned, scale, 1.0)
    standard = np.clip(np.where(known, (x - mean) / scale, 0.0), -INPUT_BOUND, INPUT_BOUND)
    weights, biases = _descend(torch, standard, rows, learned, settings)
    return Network(mean=mean, scale=scale, weights=weights, biases=biases)


def _descend(
    torch: Any,
    standard: NDArray[np.float64],
    rows: _Rows,
    learned: NDArray[np.bool_],
    settings: SecondStageSettings,
) -> tuple[tuple[NDArray[np.float64], ...], tuple[NDArray[np.float64], ...]]:
    """Fit the layers by Adam over all rows at once; return weights and biases as served."""
    generator = torch.Generator().manual_seed(settings.seed)
    widths = (standard.shape[1], *settings.hidden, 1)
    raw = [
        torch.randn(a, b, generator=generator, dtype=torch.float64) / a**0.5
        for a, b in pairwise(widths)
    ]
    biases = [torch.zeros(b, dtype=torch.float64) for b in widths[1:]]
    for tensor in (*raw, *biases):
        tensor.requires_grad_(True)
    sign = torch.tensor([[float(feature.monotone)] for feature in SECOND_STAGE.features])
    mask = torch.tensor(learned[:, np.newaxis].astype(np.float64))

    def served() -> list[Any]:
        first = torch.where(sign == 0, raw[0], sign * raw[0].abs()) * mask
        return [first, *(matrix.abs() for matrix in raw[1:])]

    inputs = torch.from_numpy(standard)
    labels = torch.from_numpy(rows.labels.astype(np.float64))
    importance = torch.from_numpy(rows.weights / rows.weights.sum())
    optimiser = torch.optim.Adam([*raw, *biases], lr=settings.learning_rate)
    for _ in range(settings.steps):
        optimiser.zero_grad()
        z = inputs
        matrices = served()
        for number, (matrix, bias) in enumerate(zip(matrices, biases, strict=True)):
            z = z @ matrix + bias
            if number < len(matrices) - 1:
                half = z.shape[1] // 2
                z = torch.cat((z[:, :half].clamp(min=0), z[:, half:].clamp(max=0)), dim=1)
        each = torch.nn.functional.binary_cross_entropy_with_logits(
            z[:, 0], labels, reduction="none"
        )
        shrink = sum((matrix**2).sum() for matrix in matrices)
        loss = (each * importance).sum() + settings.weight_decay * shrink / 2
        loss.backward()
        optimiser.step()
    return (
        tuple(matrix.detach().numpy().copy() for matrix in served()),
        tuple(bias.detach().numpy().copy() for bias in biases),
    )


def _metrics(
    model: SecondStageModel, forest: Forest, judged: Sequence[JudgedQuery], name: str
) -> dict[str, float]:
    if not judged:
        return {}
    scores = [model.network.score(_rows_of(one, forest)) for one in judged]
    kept = [model.cutoff.keeps(score) for score in scores]
    matches = [one.labels > 0 for one in judged]
    total = max(sum(int(match.sum()) for match in matches), 1)
    others = max(sum(int((~match).sum()) for match in matches), 1)
    pairs = list(zip(kept, matches, strict=True))
    return (
        order_quality(judged, scores, name)
        | order_quality(
            judged, [forest.score(one.features) for one in judged], f"{name}_by_first_stage"
        )
        | {
            f"{name}_matches_kept": round(sum(int((k & m).sum()) for k, m in pairs) / total, 4),
            f"{name}_others_cut": round(sum(int((~k & ~m).sum()) for k, m in pairs) / others, 4),
        }
    )
