"""What every test may use: the development data, a quiet Hypothesis, a private cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from alicorn.command.kernels import forget_stale_kernels

# Before a test module loads a kernel: the oracle must meet what the sources say now.
forget_stale_kernels()

# Kernels compile on first call, so the first example would fail on time. A test that asks for more
# cases takes a multiple of the profile's: the executor's five times as many, 20,000 in `long`.
settings.register_profile(
    "ci", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "long", deadline=None, max_examples=4_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Return the development data's folder; skip plainly where it is absent."""
    root = Path(__file__).resolve().parents[1]
    found = Path(os.environ.get("ALICORN_DATA", root.parent / "shared" / "data"))
    if not (found / "photos" / "index.jsonl").is_file():
        pytest.skip(f"development data not at {found}; set ALICORN_DATA to test with it")
    return found


_COLOURS_TOML = """\
name = "Colours"
licence = "CC0-1.0"
file = "colours.onnx"

[input]
name = "x"
layout = "NCHW"
side = 32
crop = 1.0
range = [0, 1]

[output]
logits = "scores"
vector = "pooled"

[classes]
file = "classes.txt"
"""


@pytest.fixture
def colour_model(tmp_path: Path) -> Path:
    """Write somebody's own classifier: red is a strawberry, green an artichoke, blue a lake.

    Its scores are 20 times the mean of each channel, its vector the 768 numbers of a smaller
    picture, which stay inside the graph. Returns the path of its `model.toml`.
    """
    onnx = pytest.importorskip("onnx")
    helper, kinds = onnx.helper, onnx.TensorProto
    graph = helper.make_graph(
        [
            helper.make_node("AveragePool", ["x"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
            helper.make_node("GlobalAveragePool", ["pooled"], ["means"]),
            helper.make_node("Flatten", ["means"], ["flat"], axis=1),
            helper.make_node("Mul", ["flat", "twenty"], ["scores"]),
        ],
        "colours",
        [helper.make_tensor_value_info("x", kinds.FLOAT, ["n", 3, 32, 32])],
        [helper.make_tensor_value_info("scores", kinds.FLOAT, ["n", 3])],
        [helper.make_tensor("twenty", kinds.FLOAT, [], [20.0])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    folder = tmp_path / "colours"
    folder.mkdir()
    (folder / "colours.onnx").write_bytes(model.SerializeToString())
    (folder / "classes.txt").write_text("strawberry\nn07718747\nlakeside\n", "utf-8")
    (folder / "model.toml").write_text(_COLOURS_TOML, "utf-8")
    return folder / "model.toml"
