"""Reading PyTorch's old format: right for what we need, harmless for everything else."""

from __future__ import annotations

import io
import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import CorruptData
from understanding.photos.legacy_pickle import read_tensors
from understanding.photos.weights import read_package

MAGIC = 0x1950A86A20F9469CFC6C
MACHINE = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}}


def legacy_file(tensors: object, keys: list[str], numbers: bytes, *, magic: int = MAGIC) -> bytes:
    """Return a file whose fourth pickle is ``tensors``, pickled as it is."""
    parts = [pickle.dumps(part, protocol=2) for part in (magic, 1001, MACHINE)]
    body = tensors if isinstance(tensors, bytes) else pickle.dumps(tensors, protocol=2)
    return b"".join([*parts, body, pickle.dumps(keys, protocol=2), numbers])


def one_tensor(storage: tuple[Any, ...], offset: int, shape: Any, strides: Any) -> bytes:
    """Return the pickle of ``OrderedDict(w=<tensor over storage>)``, written by hand."""

    class FloatStorage:
        pass

    class Rebuilt:
        def __reduce__(self) -> Any:
            return rebuild, (FloatStorage(), offset, shape, strides, False, OrderedDict())

    def rebuild() -> None:
        """Only its name is written."""

    class Writer(pickle._Pickler):  # type: ignore[name-defined]  # the one with save_global
        def persistent_id(self, value: object) -> Any:
            return storage if isinstance(value, FloatStorage) else None

        def save_global(self, value: Any, name: str | None = None) -> None:
            if value is rebuild:
                self.write(b"ctorch._utils\n_rebuild_tensor_v2\n")
                self.memoize(value)
            elif value is np.float32:
                self.write(b"ctorch\nFloatStorage\n")
                self.memoize(value)
            else:
                super().save_global(value, name)

        dispatch: ClassVar[dict[type, Any]] = {
            **pickle._Pickler.dispatch,  # type: ignore[attr-defined]
            type(rebuild): save_global,
            type: save_global,
        }

    file = io.BytesIO()
    Writer(file, protocol=2).dump(OrderedDict(w=Rebuilt()))
    return file.getvalue()


STORAGE = ("storage", np.float32, "7", "cpu", 6, None)
NUMBERS = (6).to_bytes(8, "little") + np.arange(6, dtype="<f4").tobytes()


def test_a_tensor_comes_back_with_its_shape_and_strides() -> None:
    """Some weights were stored as TensorFlow had them: columns first."""
    data = legacy_file(one_tensor(STORAGE, 0, (2, 3), (1, 2)), ["7"], NUMBERS)

    assert read_tensors(data)["w"].tolist() == [[0, 2, 4], [1, 3, 5]]


def test_tensors_cannot_be_written_to() -> None:
    """They are views of the file's bytes, and a stride trick must not become a write."""
    tensor = read_tensors(legacy_file(one_tensor(STORAGE, 1, (5,), (1,)), ["7"], NUMBERS))["w"]

    assert not tensor.flags.writeable


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [(0, (7,), (1,)), (1, (6,), (1,)), (0, (2, 2), (1, 9)), (-1, (2,), (1,)), (0, (2,), (-1,)),
     (0, (2,), (1, 1)), (0, "ab", (1, 1)), (0, (0,), (1,))],
)  # fmt: skip
def test_a_tensor_outside_its_storage_is_refused(offset: int, shape: Any, strides: Any) -> None:
    """Else a file could make us read the memory behind it."""
    with pytest.raises(CorruptData):
        read_tensors(legacy_file(one_tensor(STORAGE, offset, shape, strides), ["7"], NUMBERS))


class Evil:
    """A pickle that runs a command when it is loaded."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (f"touch {self.target}",)


def test_a_malicious_pickle_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    """Loading weights must never be a way to run somebody's program."""
    target = tmp_path / "ran"
    for position in range(5):
        parts: list[object] = [MAGIC, 1001, MACHINE, OrderedDict(), []]
        parts[position] = Evil(target)
        data = b"".join(pickle.dumps(part, protocol=2) for part in parts)

        with pytest.raises(CorruptData, match=r"names (posix|nt)\.system"):
            read_tensors(data)
    assert not target.exists()


@pytest.mark.parametrize(
    "name", ["builtins\neval", "builtins\ngetattr", "torch\nload", "collections\nnamedtuple",
             "numpy\nfromfile", "torch._utils\n_rebuild_parameter"],
)  # fmt: skip
def test_every_other_name_is_refused(name: str) -> None:
    """The list holds what is allowed; whatever is not on it is refused, however innocent."""
    with pytest.raises(CorruptData, match="no file of weights needs"):
        read_tensors(legacy_file(f"c{name}\n.".encode(), [], b""))


def test_another_format_is_named_as_such() -> None:
    """PyTorch's newer files are zip archives, and other pickles are no weights at all."""
    with pytest.raises(CorruptData, match="another format"):
        read_tensors(legacy_file(OrderedDict(), [], b"", magic=1))
    with pytest.raises(CorruptData, match="unreadable"):
        read_tensors(b"PK\x03\x04 and so on")


def test_a_storage_without_its_numbers_is_refused() -> None:
    """A file that was cut short must not give fewer or wrong weights."""
    whole = legacy_file(one_tensor(STORAGE, 0, (6,), (1,)), ["7"], NUMBERS)
    for data in (whole[:-1], whole + b"\0", whole[:-24]):
        with pytest.raises(CorruptData):
            read_tensors(data)


@given(data=st.data())
def test_a_damaged_file_only_ever_raises_corrupt_data(data: st.DataObject) -> None:
    """Whatever the bytes, the answer is a clear error or tensors of the file."""
    whole = bytearray(legacy_file(one_tensor(STORAGE, 0, (2, 3), (3, 1)), ["7"], NUMBERS))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        tensors = read_tensors(bytes(whole))
    except CorruptData:
        return
    assert all(tensor.nbytes <= len(whole) for tensor in tensors.values())


@pytest.mark.train
def test_the_reader_agrees_with_torch() -> None:
    """Torch itself is the oracle: every tensor, every number, every shape."""
    torch = pytest.importorskip("torch")
    data = read_package()
    oracle = torch.load(io.BytesIO(data), weights_only=True)
    ours = read_tensors(data)

    assert list(oracle) == list(ours)
    for name, tensor in oracle.items():
        np.testing.assert_array_equal(tensor.numpy(), ours[name])
