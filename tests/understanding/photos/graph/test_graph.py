"""The shipped graph is what the builder makes, and the network is the published one."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from understanding.photos import graph
from understanding.photos.classifier import Classifier
from understanding.photos.graph.architecture import blocks, convolutions, parameters, same_padding
from understanding.photos.legacy_pickle import read_tensors
from understanding.photos.weights import read_package

SHIPPED = Path(graph.__file__).with_name("lite0.onnx")


def test_the_network_is_residual_with_sixteen_blocks() -> None:
    """PS-06: a deep residual network; nine of its blocks add their input to their output."""
    assert len(blocks()) == 16
    assert sum(block.residual for block in blocks()) == 9
    assert len(convolutions()) == 49


def test_parameters_lie_one_behind_the_other() -> None:
    """A gap or an overlap would shift every weight behind it."""
    end = 0
    for parameter in parameters():
        assert parameter.offset == end
        end += 4 * parameter.size


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("side", [224, 112, 57, 7])
def test_padding_keeps_the_size_that_same_promises(kernel: int, stride: int, side: int) -> None:
    """SAME means ceil(side / stride) pixels, with no more zeros than that needs."""
    before, after = same_padding(side, kernel, stride)

    assert (side + before + after - kernel) // stride + 1 == math.ceil(side / stride)
    assert 0 <= after - before <= 1


def test_the_shipped_graph_holds_no_weights() -> None:
    """What was trained by others stays in their package; ours is the graph alone."""
    assert SHIPPED.stat().st_size < 50_000


@pytest.mark.train
def test_the_shipped_graph_is_what_the_builder_makes() -> None:
    """A file that nobody can rebuild is one that nobody can check."""
    onnx = pytest.importorskip("onnx")
    rebuilt = importlib.import_module("understanding.photos.graph.build").build()

    assert onnx.load(SHIPPED, load_external_data=False) == rebuilt
    assert SHIPPED.read_bytes() == rebuilt.SerializeToString(deterministic=True)


# Kernel and stride of the blocks, and whether their input is added, written down from
# the paper a second time: the oracle must not read the table that it is to check.
_BLOCKS = (
    (3, 1, False),
    *((3, 2, False), (3, 1, True)),
    *((5, 2, False), (5, 1, True)),
    *((3, 2, False), (3, 1, True), (3, 1, True)),
    *((5, 1, False), (5, 1, True), (5, 1, True)),
    *((5, 2, False), (5, 1, True), (5, 1, True), (5, 1, True)),
    (3, 1, False),
)


class TorchLite0:
    """EfficientNet-Lite0 in plain torch, batch normalisations and all: the slow oracle."""

    def __init__(self, torch: Any, state: Mapping[str, Any]) -> None:
        self.torch = torch
        self.f = torch.nn.functional
        self.state = state

    def conv(self, x: Any, name: str, stride: int = 1, groups: int = 1) -> Any:
        weight = self.state[f"{name}.weight"]
        kernel = weight.shape[-1]
        total = max((math.ceil(x.shape[-1] / stride) - 1) * stride + kernel - x.shape[-1], 0)
        low, high = total // 2, total - total // 2
        x = self.f.pad(x, (low, high, low, high))
        return self.f.conv2d(x, weight, stride=stride, groups=groups)

    def norm(self, x: Any, name: str) -> Any:
        s = self.state
        return self.f.batch_norm(
            x, s[f"{name}.running_mean"], s[f"{name}.running_var"],
            s[f"{name}.weight"], s[f"{name}.bias"], training=False, eps=1e-3,
        )  # fmt: skip

    def block(self, x: Any, index: int, stride: int, residual: bool) -> Any:
        name = f"_blocks.{index}"
        y = x
        if f"{name}._expand_conv.weight" in self.state:
            y = self.f.relu6(self.norm(self.conv(y, f"{name}._expand_conv"), f"{name}._bn0"))
        y = self.conv(y, f"{name}._depthwise_conv", stride, groups=y.shape[1])
        y = self.f.relu6(self.norm(y, f"{name}._bn1"))
        y = self.norm(self.conv(y, f"{name}._project_conv"), f"{name}._bn2")
        return x + y if residual else y

    def run(self, batch: Any) -> tuple[Any, Any]:
        torch = self.torch
        x = (torch.from_numpy(batch).float().permute(0, 3, 1, 2) - 127.0) / 128.0
        x = self.f.relu6(self.norm(self.conv(x, "_conv_stem", 2), "_bn0"))
        for index, (kernel, stride, residual) in enumerate(_BLOCKS):
            assert self.state[f"_blocks.{index}._depthwise_conv.weight"].shape[-1] == kernel
            x = self.block(x, index, stride, residual)
        x = self.f.relu6(self.norm(self.conv(x, "_conv_head"), "_bn1"))
        vectors = x.mean(dim=(2, 3))
        logits = vectors @ self.state["_fc.weight"].T + self.state["_fc.bias"]
        return torch.softmax(logits, dim=1).numpy(), vectors.numpy()


@pytest.mark.train
def test_probabilities_and_vectors_agree_with_torch(tmp_path: Path) -> None:
    """The graph, the folding and ONNX Runtime together against torch, to 1e-4."""
    torch = pytest.importorskip("torch")
    generator = np.random.default_rng(7)
    noise = generator.integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    # Smooth pictures reach other parts of the network than noise does.
    slope = np.linspace(0, 255, 224)
    smooth = np.stack([slope[:, None] + 0 * slope, 255 - slope + 0 * slope[:, None]])
    plain = np.repeat(smooth[..., None], 3, axis=3).astype(np.uint8)
    edges = np.zeros((1, 224, 224, 3), np.uint8)
    edges[:, -1:, :, 0] = edges[:, :, :1, 1] = 255
    batch = np.concatenate([noise, plain, edges])
    state = {n: torch.tensor(np.array(t)) for n, t in read_tensors(read_package()).items()}
    with torch.no_grad():
        expected = TorchLite0(torch, state).run(batch)

    ours = Classifier.load(tmp_path).run(batch)

    for oracle, found in zip(expected, ours, strict=True):
        np.testing.assert_allclose(found, oracle, atol=1e-4, rtol=0)
