"""The file format of PyTorch before 1.6, read without PyTorch and without running anything.

Five pickles and then the numbers:

    0x1950a86a20f9469cfc6c          magic number
    1001                            version of the format
    {"little_endian": True, ...}    the machine that wrote it
    OrderedDict of tensors          each a call of torch._utils._rebuild_tensor_v2 over a
                                    storage, which is a persistent id
    ["100125952", ...]              the storages' keys, in the order in which they follow
    per storage                     count as int64, then its numbers, little-endian

A pickle can name any function of any module and have it called. `_Reader` knows four names,
each replaced by a harmless stand-in of this module, and refuses all others, so that even an
altered file can do no more than fail.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

import numpy as np
import numpy.typing as npt

from alicorn.errors import CorruptData

__all__ = ["read_tensors"]

_MAGIC: Final = 0x1950A86A20F9469CFC6C
_VERSION: Final = 1001

Array = npt.NDArray[Any]
"""float32 or int64, little-endian."""


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    dtype: np.dtype[Any]
    count: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In numbers. Not always row-major: the stem was stored as TensorFlow had it."""

    def within(self, numbers: Array) -> Array:
        """Return the tensor as a view of its storage's ``numbers``."""
        size = numbers.dtype.itemsize
        return np.lib.stride_tricks.as_strided(
            numbers[self.offset :],
            self.shape,
            tuple(size * stride for stride in self.strides),
            writeable=False,
        )


def _rebuild(
    storage: object, offset: object, shape: object, strides: object, *_unused: object
) -> _Tensor:
    """Stand in for ``torch._utils._rebuild_tensor_v2``: remember what to build, build nothing."""
    if not isinstance(storage, _Storage):
        raise CorruptData(f"tensor over {storage!r}, needed a storage")
    if not (_is_count(offset) and _are_counts(shape) and _are_counts(strides)):
        raise CorruptData(f"tensor of {shape!r} by {strides!r} from {offset!r}, needed numbers")
    if len(shape) != len(strides):
        raise CorruptData(f"tensor with {len(shape)} axes and {len(strides)} strides, needed equal")
    last = offset + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))
    if 0 in shape or last >= storage.count:
        raise CorruptData(f"tensor ends at number {last} of a storage of {storage.count}")
    return _Tensor(storage, offset, shape, strides)


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and value >= 0


def _are_counts(values: object) -> TypeGuard[tuple[int, ...]]:
    return isinstance(values, tuple) and all(_is_count(value) for value in values)


_ALLOWED: Final[Mapping[tuple[str, str], object]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}


class _Reader(pickle.Unpickler):
    """An unpickler that knows the names in ``allowed`` and storages, and nothing else."""

    def __init__(self, file: io.BytesIO, allowed: Mapping[tuple[str, str], object]) -> None:
        super().__init__(file)
        self._allowed = allowed

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._allowed:
            raise CorruptData(f"pickle names {module}.{name}, which no file of weights needs")
        return self._allowed[module, name]

    def persistent_load(self, pid: object) -> _Storage:
        match pid:
            case ("storage", np.dtype() as dtype, str(key), str(), int(count), None):
                return _Storage(key, dtype, count)
        raise CorruptData(f"pickle refers to {pid!r}, needed a storage that is no view")


def read_tensors(data: bytes) -> dict[str, Array]:
    """Read every tensor of a file in PyTorch's legacy format.

    Parameters
    ----------
    data : bytes
        The whole file. Check its hash first: this function makes a strange file harmless, not
        right.

    Returns
    -------
    dict of str to array
        In the file's order; float32 or int64, not writeable, views of ``data``, of any strides.

    Raises
    ------
    CorruptData
        If the file is of another format, is cut short, or names anything but tensors.
    """
    file = io.BytesIO(data)
    try:
        return _read(file, data)
    except CorruptData:
        raise
    # Whatever a damaged pickle makes the unpickler trip over is one finding: the file is damaged.
    except Exception as error:
        raise CorruptData(f"weights unreadable at byte {file.tell()}: {error}") from error


def _read(file: io.BytesIO, data: bytes) -> dict[str, Array]:
    for needed in (_MAGIC, _VERSION):
        found = _Reader(file, {}).load()
        if found != needed:
            raise CorruptData(f"weights start with {found!r}, needed {needed}: another format")
    machine = _Reader(file, {}).load()
    if machine.get("little_endian") is not True:
        raise CorruptData(f"weights written by a machine with {machine!r}, needed little endian")
    tensors = _Reader(file, _ALLOWED).load()
    keys = _Reader(file, {}).load()
    needed_storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    if sorted(keys) != sorted(needed_storages):
        raise CorruptData(f"{len(keys)} storages, needed {len(needed_storages)} with equal names")

    numbers: dict[str, Array] = {}
    position = file.tell()
    for key in keys:
        storage = needed_storages[key]
        count = int.from_bytes(data[position : position + 8], "little", signed=True)
        if count != storage.count:
            raise CorruptData(f"storage {key} holds {count} numbers, needed {storage.count}")
        position += 8
        numbers[key] = np.frombuffer(data, storage.dtype, count, position)
        position += count * storage.dtype.itemsize
    if position != len(data):
        raise CorruptData(f"weights are {len(data)} bytes, needed {position}")
    return {name: tensor.within(numbers[tensor.storage.key]) for name, tensor in tensors.items()}
