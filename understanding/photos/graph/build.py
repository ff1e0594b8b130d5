"""The builder of `lite0.onnx`: `alicorn train graph` (extra `train`).

The graph holds no number that was trained: its initialisers refer to bytes of `lite0.bin`, which
`understanding.photos.weights` writes beside a copy of it.

    image        uint8 (n, 224, 224, 3), RGB    in
    probability  float32 (n, 1000)              out, sums to 1
    embedding    float32 (n, 1280)              out, average of the head's 7x7 features, >= 0

The normalisation (x - 127) / 128 is part of the graph; `n` is free.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from understanding.photos.graph.architecture import (
    CLASSES,
    DATA_FILE,
    EMBEDDING,
    GRAPH_VERSION,
    SIDE,
    Convolution,
    Parameter,
    blocks,
    convolutions,
    parameters,
    same_padding,
)

__all__ = ["build"]

# Old enough for every ONNX Runtime that Alicorn accepts; nothing newer is used.
_OPSET = 17
_IR_VERSION = 8


def build() -> onnx.ModelProto:
    """Return the graph; the same bytes at every call."""
    nodes: list[onnx.NodeProto] = [
        helper.make_node("Cast", ["image"], ["image_float"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["image_float", "middle_grey"], ["image_centred"]),
        helper.make_node("Mul", ["image_centred", "grey_scale"], ["image_scaled"]),
        helper.make_node("Transpose", ["image_scaled"], ["image_nchw"], perm=[0, 3, 1, 2]),
    ]
    stem, *_, head = convolutions()
    value = _convolve(nodes, stem, "image_nchw")
    for block in blocks():
        entry = value
        for convolution in block.convolutions:
            value = _convolve(nodes, convolution, value)
        if block.residual:
            total = value + "_sum"
            nodes.append(helper.make_node("Add", [value, entry], [total]))
            value = total
    value = _convolve(nodes, head, value)
    nodes += [
        helper.make_node("GlobalAveragePool", [value], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["embedding"], axis=1),
        helper.make_node(
            "Gemm", ["embedding", "_fc.weight", "_fc.bias"], ["logits"], name="_fc", transB=1
        ),
        helper.make_node("Softmax", ["logits"], ["probability"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "efficientnet_lite0",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", SIDE, SIDE, 3])],
        [
            helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["n", CLASSES]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", EMBEDDING]),
        ],
        [*_constants(), *(_external(parameter) for parameter in parameters())],
    )
    return helper.make_model(
        graph,
        producer_name="alicorn",
        producer_version=str(GRAPH_VERSION),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
    )


def _constants() -> list[onnx.TensorProto]:
    return [
        numpy_helper.from_array(np.array(127, np.float32), "middle_grey"),
        # 1/128 is exact in float32, so multiplying is dividing.
        numpy_helper.from_array(np.array(1 / 128, np.float32), "grey_scale"),
        numpy_helper.from_array(np.array(0, np.float32), "zero"),
        numpy_helper.from_array(np.array(6, np.float32), "six"),
    ]


def _external(parameter: Parameter) -> onnx.TensorProto:
    """Return an initialiser that is only a reference into the data file."""
    tensor = TensorProto(name=parameter.name, data_type=TensorProto.FLOAT, dims=parameter.shape)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (
        ("location", DATA_FILE),
        ("offset", str(parameter.offset)),
        ("length", str(4 * parameter.size)),
    ):
        tensor.external_data.add(key=key, value=value)
    return tensor


def _convolve(nodes: list[onnx.NodeProto], convolution: Convolution, value: str) -> str:
    """Append a convolution and its activation; return the name of the result."""
    before, after = same_padding(convolution.side, convolution.kernel, convolution.stride)
    name = convolution.name
    nodes.append(
        helper.make_node(
            "Conv",
            [value, name + ".weight", name + ".bias"],
            [name + "_out"],
            name=name,
            kernel_shape=[convolution.kernel] * 2,
            strides=[convolution.stride] * 2,
            pads=[before, before, after, after],
            group=convolution.groups,
        )
    )
    if not convolution.relu6:
        return name + "_out"
    nodes.append(helper.make_node("Clip", [name + "_out", "zero", "six"], [name + "_relu6"]))
    return name + "_relu6"
