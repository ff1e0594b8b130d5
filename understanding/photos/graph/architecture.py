"""EfficientNet-Lite0 as a table: every convolution, its names, its sizes, its place in the file.

The network [1]_ is a stem, sixteen inverted residual blocks, a head and one dense layer. Unlike
EfficientNet-B0 it has no squeeze-and-excitation, ReLU6 instead of swish, and a stem and a head
that are never scaled. A block of `inputs` channels and expansion 6 is three convolutions:

    expand   1x1      inputs -> 6 * inputs     ReLU6     (absent where the expansion is 1)
    depth    k x k    one filter a channel     ReLU6     stride 1 or 2
    project  1x1      -> outputs               linear    + the block's input, if the shapes agree

Each convolution is followed by a batch normalisation, which `weights.py` folds into it. So the
external data is, for each convolution in order, its weight (outputs, inputs / groups, k, k) and
then its bias (outputs,), and at last the dense layer's weight (1000, 1280) and bias (1000,); all
float32, little-endian, without gaps. This module says at which byte each lies; the graph refers
to these bytes and the converter writes them, so the two cannot disagree.

References
----------
.. [1] Liu, "Higher accuracy on vision models with EfficientNet-Lite", TensorFlow blog, 2020;
   Tan and Le, "EfficientNet: rethinking model scaling for CNNs", ICML 2019.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = [
    "BATCH_NORM_EPSILON",
    "CLASSES",
    "DATA_BYTES",
    "DATA_FILE",
    "EMBEDDING",
    "GRAPH_VERSION",
    "SIDE",
    "Block",
    "Convolution",
    "Parameter",
    "blocks",
    "convolutions",
    "parameters",
    "same_padding",
]

GRAPH_VERSION: Final = 1
"""Part of the cache's key: a change of the graph or of the data's layout raises it."""

DATA_FILE: Final = "lite0.bin"
"""Where the graph looks for its numbers, beside itself."""

SIDE: Final = 224
"""Width and height of the input in pixels."""

CLASSES: Final = 1000
EMBEDDING: Final = 1280

BATCH_NORM_EPSILON: Final = 1e-3
"""TensorFlow's value, with which the weights were trained; PyTorch's own default is 1e-5."""

# Repeats, kernel, stride of the first, expansion, inputs, outputs: table 1 of the EfficientNet
# paper. Lite0 scales neither width nor depth.
_STAGES: Final = (
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Convolution:
    """One convolution with the batch normalisation behind it, named as in the weights' file."""

    name: str
    """Of the convolution; its weight is ``<name>.weight``."""
    norm: str
    """Of the batch normalisation, likewise."""
    inputs: int
    outputs: int
    kernel: int
    stride: int
    groups: int
    side: int
    """Width and height of its input in pixels."""
    relu6: bool

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """Shape of the weight: outputs, inputs of one group, height, width."""
        return self.outputs, self.inputs // self.groups, self.kernel, self.kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One inverted residual block."""

    convolutions: tuple[Convolution, ...]
    residual: bool
    """Whether the block's input is added to its output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One array of the external data."""

    name: str
    shape: tuple[int, ...]
    offset: int
    """In bytes from the start of the file."""

    @property
    def size(self) -> int:
        """Numbers in the array."""
        return math.prod(self.shape)


def same_padding(side: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after each axis, as TensorFlow's SAME adds them.

    The odd one goes *behind*, unlike PyTorch's symmetric padding.

    >>> same_padding(224, 3, 2), same_padding(56, 5, 2), same_padding(28, 3, 1)
    ((0, 1), (1, 2), (1, 1))
    """
    total = max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
    return total // 2, total - total // 2


def _stem() -> Convolution:
    return Convolution(
        name="_conv_stem", norm="_bn0", inputs=3, outputs=32,
        kernel=3, stride=2, groups=1, side=SIDE, relu6=True,
    )  # fmt: skip


def _head(side: int) -> Convolution:
    return Convolution(
        name="_conv_head", norm="_bn1", inputs=320, outputs=EMBEDDING,
        kernel=1, stride=1, groups=1, side=side, relu6=True,
    )  # fmt: skip


def _block(
    index: int, *, kernel: int, stride: int, expansion: int, inputs: int, outputs: int, side: int
) -> Block:
    prefix = f"_blocks.{index}."
    middle = inputs * expansion
    expand = Convolution(
        name=prefix + "_expand_conv", norm=prefix + "_bn0", inputs=inputs, outputs=middle,
        kernel=1, stride=1, groups=1, side=side, relu6=True,
    )  # fmt: skip
    depth = Convolution(
        name=prefix + "_depthwise_conv", norm=prefix + "_bn1", inputs=middle, outputs=middle,
        kernel=kernel, stride=stride, groups=middle, side=side, relu6=True,
    )  # fmt: skip
    project = Convolution(
        name=prefix + "_project_conv", norm=prefix + "_bn2", inputs=middle, outputs=outputs,
        kernel=1, stride=1, groups=1, side=side // stride, relu6=False,
    )  # fmt: skip
    return Block(
        convolutions=(depth, project) if expansion == 1 else (expand, depth, project),
        residual=stride == 1 and inputs == outputs,
    )


def blocks() -> tuple[Block, ...]:
    """Return the sixteen blocks, in order."""
    made: list[Block] = []
    side = SIDE // 2
    for repeats, kernel, first_stride, expansion, first_inputs, outputs in _STAGES:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            inputs = first_inputs if repeat == 0 else outputs
            made.append(
                _block(
                    len(made), kernel=kernel, stride=stride, expansion=expansion,
                    inputs=inputs, outputs=outputs, side=side,
                )
            )  # fmt: skip
            side //= stride
    return tuple(made)


def convolutions() -> tuple[Convolution, ...]:
    """Return every convolution from the stem to the head, in order."""
    inner = tuple(convolution for block in blocks() for convolution in block.convolutions)
    return (_stem(), *inner, _head(inner[-1].side))


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    for convolution in convolutions():
        yield convolution.name + ".weight", convolution.weight_shape
        yield convolution.name + ".bias", (convolution.outputs,)
    yield "_fc.weight", (CLASSES, EMBEDDING)
    yield "_fc.bias", (CLASSES,)


def parameters() -> tuple[Parameter, ...]:
    """Return the arrays of the external data, in the order of the file."""
    made: list[Parameter] = []
    offset = 0
    for name, shape in _shapes():
        made.append(Parameter(name=name, shape=shape, offset=offset))
        offset += 4 * made[-1].size
    return tuple(made)


DATA_BYTES: Final = sum(4 * parameter.size for parameter in parameters())
"""Size of the external data in bytes."""
