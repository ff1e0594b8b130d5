"""The network's arithmetic against plain Python, and what it refuses."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from alicorn.errors import ConfigError, CorruptData, MissingModel, ShapeError
from ranker.features import SECOND_STAGE
from ranker.scores import SCORE_ONE
from ranker.second_stage.cutoff import Cutoff
from ranker.second_stage.model import SecondStageModel
from ranker.second_stage.net import Network

F = len(SECOND_STAGE)


def network(seed: int = 0, hidden: tuple[int, ...] = (6, 4)) -> Network:
    rng = np.random.default_rng(seed)
    widths = (F, *hidden, 1)
    return Network(
        mean=rng.normal(size=F),
        scale=rng.uniform(0.5, 2, F),
        weights=tuple(rng.normal(size=s) for s in pairwise(widths)),
        biases=tuple(rng.normal(size=w) for w in widths[1:]),
    )


def slow_score(net: Network, row) -> float:
    values = []
    for x, mean, scale in zip(row, net.mean, net.scale, strict=True):
        z = 0.0 if math.isnan(x) else (float(x) - mean) / scale
        values.append(min(max(z, -6.0), 6.0))
    for number, (matrix, bias) in enumerate(zip(net.weights, net.biases, strict=True)):
        out = [
            sum(v * matrix[i, o] for i, v in enumerate(values)) + bias[o] for o in range(bias.size)
        ]
        if number < len(net.weights) - 1:
            half = len(out) // 2
            out = [max(z, 0) if o < half else min(z, 0) for o, z in enumerate(out)]
        values = out
    return values[0]


@pytest.mark.parametrize("hidden", [(6, 4), (8, 4, 2)])
def test_scores_are_those_of_plain_arithmetic(hidden: tuple[int, ...]) -> None:
    """PS-47: missing values, values far out and all layers, in fixed point."""
    net = network(1, hidden)
    rows = np.random.default_rng(2).normal(0, 5, (40, F)).astype(np.float32)
    rows[rows > 8] = np.nan
    rows[0, 0], rows[1, 1] = np.inf, -np.inf
    expected = [round(slow_score(net, row) * SCORE_ONE) for row in rows]

    assert expected == net.score(rows).tolist()


def test_a_photo_scores_the_same_alone_and_in_company() -> None:
    """Linear algebra in other orders differs in the last bits; fixed point hides that."""
    net = network(3, (32, 16))
    rows = np.random.default_rng(4).normal(size=(300, F)).astype(np.float32)

    assert net.score(rows).tolist() == [int(net.score(row[np.newaxis])[0]) for row in rows]


def test_rows_of_another_width_are_refused() -> None:
    """The first stage's rows are not the second's."""
    with pytest.raises(ShapeError, match=rf"must have shape \(n, {F}\), got \(2, 16\)"):
        network().score(np.zeros((2, 16), np.float32))


def test_a_saved_model_loads_as_it_was(tmp_path) -> None:
    """PS-47: what was trained is what serves; the same model is the same bytes."""
    required = Cutoff(slope=1.5, intercept=-0.5, threshold=0.2)
    model = SecondStageModel(network(), required, Cutoff(slope=1, intercept=-4, threshold=0.01))
    model.save(tmp_path / "a.npz")
    model.save(tmp_path / "b.npz")
    loaded = SecondStageModel.load(tmp_path / "a.npz")
    rows = np.random.default_rng(5).normal(size=(20, F)).astype(np.float32)

    assert (loaded.network.score(rows) == model.network.score(rows)).all()
    assert loaded.cutoff == model.cutoff
    assert loaded.described_cutoff == model.described_cutoff
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def saved(tmp_path, **changes):
    """Save a model with some arrays changed or, with None, taken away."""
    cutoff = Cutoff(slope=1, intercept=0, threshold=0)
    SecondStageModel(network(), cutoff, cutoff).save(tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as file:
        arrays = {name: file[name] for name in file.files} | changes
    np.savez(tmp_path / "m.npz", **{k: v for k, v in arrays.items() if v is not None})
    return tmp_path / "m.npz"


def test_a_model_of_other_features_is_refused_naming_both(tmp_path) -> None:
    """A model of yesterday's schema must not score today's rows."""
    path = saved(tmp_path, names=np.array(["size"] * F))
    with pytest.raises(ConfigError, match=r"features size size.*first_stage_score"):
        SecondStageModel.load(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"b1": None},
        {"w0": np.zeros((3, 4))},
        {"mean": np.full(F, np.nan)},
        {"scale": np.zeros(F)},
        {"w1": np.zeros((6, 4), np.int64)},
        {"cutoff": np.zeros(2)},
        {"cutoff": np.array([-1.0, 0, 0])},
        {"cutoff": None},
        {"described_cutoff": None},
    ],
)
def test_a_damaged_model_is_refused_with_its_name(tmp_path, changes) -> None:
    """Half a download must not rank."""
    with pytest.raises(CorruptData, match=r"m\.npz: "):
        SecondStageModel.load(saved(tmp_path, **changes))


def test_what_is_no_model_file_is_refused(tmp_path) -> None:
    """Nor must a file of something else, and pickled objects are never read."""
    (tmp_path / "m.npz").write_bytes(b"PK\x03\x04 not much of an archive")
    with pytest.raises(CorruptData):
        SecondStageModel.load(tmp_path / "m.npz")
    with pytest.raises(CorruptData):
        SecondStageModel.load(saved(tmp_path, b0=np.array([{}], dtype=object)))


def test_a_missing_model_says_how_to_make_it(tmp_path) -> None:
    """The next step belongs into the message."""
    with pytest.raises(MissingModel, match="alicorn train second-stage"):
        SecondStageModel.load(tmp_path / "second_stage.npz")
