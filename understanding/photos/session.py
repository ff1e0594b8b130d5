"""ONNX Runtime, opened the way that Alicorn wants it: silent, on the CPU, on so many cores.

A classifier off the shelf often gives probabilities alone, while the vector before the last layer
stays inside. Any tensor of a graph can be made an output without a library for ONNX: a model is a
protobuf message, of which two that stand one after the other are read as one (lists are joined),
so a few bytes behind the file add an output to it:

    ModelProto.graph (field 7) { GraphProto.output (field 12) { ValueInfoProto.name (field 1) } }
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from alicorn.errors import ConfigError, CorruptData, MissingModel

__all__ = ["open_session", "with_output"]

_LENGTH_DELIMITED: Final = 2
_MODEL_GRAPH: Final = 7
_GRAPH_OUTPUT: Final = 12
_VALUE_NAME: Final = 1


def open_session(path: Path, *, threads: int, outputs: Sequence[str]) -> Any:
    """Return a session of ONNX Runtime that has ``outputs``.

    Parameters
    ----------
    path : Path
        Of the model.
    threads : int
        Cores that one run may use, at least 1.
    outputs : sequence of str
        Names of outputs of the model, or of other tensors in its graph.

    Raises
    ------
    MissingModel
        If there is no such file.
    CorruptData
        If ONNX Runtime cannot read it.
    ConfigError
        If the graph has no tensor of such a name.
    """
    if not path.is_file():
        raise MissingModel(f"no classifier at {path}, needed an ONNX file")
    # The runtime's builds report to their maker, over the network, and keep an id of this
    # machine for it. The variable must be there before the library loads; the call is too late.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # Imported late: whoever only searches never pays for it.
    import onnxruntime  # noqa: PLC0415

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # Threads that spin while they wait would take the cores of searches on the same machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Numbers beside the file are looked for there, also where the model comes from memory.
    options.add_session_config_entry(
        "session.model_external_initializers_file_folder_path", str(path.absolute().parent)
    )
    providers = ["CPUExecutionProvider"]
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=providers)
    # The runtime's exceptions have no public common ancestor.
    except Exception as error:
        raise CorruptData(f"classifier {path} unreadable: {error}") from error
    known = [output.name for output in session.get_outputs()]
    inner = [name for name in dict.fromkeys(outputs) if name not in known]
    if not inner:
        return session
    del session
    model = path.read_bytes()
    for name in inner:
        model = with_output(model, name)
    try:
        return onnxruntime.InferenceSession(model, options, providers=providers)
    except Exception as error:
        raise ConfigError(
            f"{path} has no output and no inner tensor {' or '.join(map(repr, inner))}, needed "
            f"one of the outputs {known} or a tensor of its graph"
        ) from error


def with_output(model: bytes, name: str) -> bytes:
    """Return an ONNX model that gives its tensor ``name`` as a further output."""
    value = _field(_VALUE_NAME, name.encode())
    return model + _field(_MODEL_GRAPH, _field(_GRAPH_OUTPUT, value))


def _field(number: int, content: bytes) -> bytes:
    """Return a protobuf field that holds bytes."""
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Return a number in groups of seven bits, lowest first; the top bit says that more follow."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
