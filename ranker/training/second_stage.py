"""Training of the second stage: a small monotone network by PyTorch, then its cut-off.

The loss has two parts, and every query weighs the same in each: binary, match or none, so that
scores of different queries can be compared and a threshold drawn; and listwise [1]_, the surprise
at which candidate matches, so that a query's own order counts where one match stands against
hundreds. On features that may only help, first-layer weights are kept of one sign and all later
weights positive, which with the half-and-half activation makes the score monotone in them
(`ranker.second_stage.net`). Features that would tell how the judged photos were collected get no
weight (`LEARNED`), nor do those that do not vary.

The cut-off is calibrated across folds: the queries are dealt into five parts by a hash of their
text, each part is scored by a network trained on the other four, and one curve is fitted to all
these scores, one for queries that describe a picture and one for the others. So it knows how sure
the network is of queries that it has not seen; the network that serves is then trained on all.

A query has hundreds of candidates and few matches. Signals of the set are made of all of them, but
beside the matches only the first stage's best others and a sample of the rest become rows
(`_LEADING`, `_SAMPLED`), each row of the sample weighing as many as it stands for.

References
----------
.. [1] Cao et al., "Learning to rank: from pairwise approach to listwise approach", ICML 2007.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
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
from ranker.second_stage.cutoff import Cutoff
from ranker.second_stage.model import SecondStageModel
from ranker.second_stage.net import INPUT_BOUND, Network
from ranker.second_stage.signals import second_stage_rows, set_signals
from ranker.training.calibration import fit_cutoff
from ranker.training.judged import JudgedQuery
from ranker.training.quality import kinds_of, order_quality
from ranker.training.splits import SPLIT
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

_LEADING: Final = 40
_SAMPLED: Final = 40


_FIRST_SCORE: Final = SECOND_STAGE.index("first_stage_score")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondStageSettings:
    """How the second stage is trained."""

    hidden: tuple[int, ...] = (32, 16)
    """Units of the hidden layers, each even."""
    steps: int = 300
    """Of Adam, each over all rows."""
    learning_rate: float = 0.01
    weight_decay: float = 0.001
    listwise: float = 1.0
    """Weight of the listwise part of the loss, the binary part weighing 1."""
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
    stands_for: NDArray[np.float64]
    """How many candidates each stands for."""
    queries: NDArray[np.int64]
    """Number of each row's query, from 0, ascending."""
    described: NDArray[np.bool_]
    """Whether its query describes a picture."""

    @property
    def weights(self) -> NDArray[np.float64]:
        """Of each row, by the number of its query's candidates: every query weighs 1."""
        return self.stands_for / np.bincount(self.queries, self.stands_for)[self.queries]


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
        network = _fit(torch, _joined(rows), chosen)
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
    torch: Any, judged: Sequence[JudgedQuery], rows: Sequence[_Rows], settings: SecondStageSettings
) -> tuple[NDArray[np.int64], _Rows]:
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
        network = _fit(torch, _joined(rest), settings)
        unseen = _joined([each for each, its in zip(rows, dealt, strict=True) if its == fold])
        scores.append(network.score(unseen.x))
        parts.append(unseen)
    return np.concatenate(scores), _joined(parts)


def _cutoff(
    scores: NDArray[np.int64],
    rows: _Rows,
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


def _rows_of_query(one: JudgedQuery, forest: Forest, seed: int) -> _Rows:
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
    return _Rows(
        x=x[taken],
        labels=one.labels[taken],
        stands_for=stands_for[taken],
        queries=np.zeros(taken.size, dtype=np.int64),
        described=np.full(taken.size, one.described),
    )


def _joined(rows: Sequence[_Rows]) -> _Rows:
    return _Rows(
        x=np.concatenate([each.x for each in rows]),
        labels=np.concatenate([each.labels for each in rows]),
        stands_for=np.concatenate([each.stands_for for each in rows]),
        queries=np.repeat(np.arange(len(rows)), [each.labels.size for each in rows]),
        described=np.concatenate([each.described for each in rows]),
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
    surprise = _surprise(torch, rows)
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
        order = settings.listwise * surprise(z[:, 0])
        loss = (each * importance).sum() + order + settings.weight_decay * shrink / 2
        loss.backward()
        optimiser.step()
    return (
        tuple(matrix.detach().numpy().copy() for matrix in served()),
        tuple(bias.detach().numpy().copy() for bias in biases),
    )


def _surprise(torch: Any, rows: _Rows) -> Callable[[Any], Any]:
    """Return the listwise loss of scores: mean over queries, over matches, of -ln of their share.

    A candidate's share is its exp(score) by the sum of its query's, in which each row counts as
    often as it stands for.
    """
    count = int(rows.queries[-1]) + 1
    matches = np.bincount(rows.queries, rows.labels, minlength=count)
    asked = max(int((matches > 0).sum()), 1)
    of = torch.from_numpy(rows.queries)
    often = torch.from_numpy(np.log(rows.stands_for))
    weights = torch.from_numpy(rows.labels / np.maximum(matches, 1)[rows.queries] / asked)

    def loss(scores: Any) -> Any:
        lifted = scores + often
        # Subtracted for the exponential's sake; it cancels, so it needs no gradient.
        top = torch.full((count,), -torch.inf, dtype=torch.float64)
        top = top.scatter_reduce(0, of, lifted.detach(), "amax")
        sums = torch.zeros(count, dtype=torch.float64)
        sums = sums.index_add(0, of, torch.exp(lifted - top[of]))
        return (weights * ((torch.log(sums) + top)[of] - scores)).sum()

    return loss


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
