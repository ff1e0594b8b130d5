"""Fitting the second stage's network to rows, by PyTorch: `fit_network`.

The loss has two parts, and every query weighs the same in each: binary, match or none, so that
scores of different queries can be compared and a threshold drawn; and listwise [1]_, the surprise
at which candidate matches, so that a query's own order counts where one match stands against
hundreds. On features that may only help, first-layer weights are kept of one sign and all later
weights positive, which with the half-and-half activation makes the score monotone in them
(`ranker.second_stage.net`). Features that would tell how the judged photos were collected get no
weight (`LEARNED`), nor do those that do not vary.

References
----------
.. [1] Cao et al., "Learning to rank: from pairwise approach to listwise approach", ICML 2007.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alicorn.errors import ConfigError
from ranker.features import SECOND_STAGE
from ranker.second_stage.net import INPUT_BOUND, Network

__all__ = ["LEARNED", "SecondStageSettings", "TrainingRows", "fit_network"]

LEARNED: Final = tuple(
    name
    for name in SECOND_STAGE.names
    if name not in {"log_popularity", "tag_count", "text_length"}
)
"""What the network may use; see `ranker.training.first_stage.LEARNED`."""


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
class TrainingRows:
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


def fit_network(torch: Any, rows: TrainingRows, settings: SecondStageSettings) -> Network:
    """Return the network that fits ``rows``; ``torch`` is the module, which only training needs."""
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
    rows: TrainingRows,
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


def _surprise(torch: Any, rows: TrainingRows) -> Callable[[Any], Any]:
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
