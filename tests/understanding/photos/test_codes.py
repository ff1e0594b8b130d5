"""Binary codes: the bits are what the description says, and near vectors have near codes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import ConfigError, MissingModel, ShapeError
from understanding.photos import models
from understanding.photos.codes import BITS, DIMENSIONS, Coder, Itq, Lsh

SHIPPED = Path(models.__file__).with_name("itq.npz")


def vectors(count: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return vectors that look like the classifier's: none negative, many near zero."""
    return np.random.default_rng(seed).gamma(0.5, 1.0, (count, DIMENSIONS)).astype(np.float32)


CODERS = pytest.mark.parametrize(
    "coder", [Itq.load(), Lsh.load(), Lsh(3), Lsh(3, balanced=True)], ids=lambda c: c.name
)


def slow_code(coder: Itq | Lsh, vector: np.ndarray[Any, Any]) -> bytes:
    """Return the code of one vector, bit by bit as the module's description says."""
    length = np.sqrt(sum(float(x) ** 2 for x in vector))
    rest = [float(x) / length - float(m) for x, m in zip(vector, coder.mean, strict=True)]
    code = bytearray(coder.bits // 8)
    for j in range(coder.bits):
        side = sum(r * int(p) for r, p in zip(rest, coder.planes[:, j], strict=True))
        if side > 0:
            code[j // 8] |= 1 << (j % 8)
    return bytes(code)


@CODERS
def test_both_coders_do_the_same_interface(coder: Coder) -> None:
    """PS-11: iterative quantization and locality-sensitive hashing, either in the other's place."""
    codes = coder.encode(vectors(3))

    assert (codes.shape, codes.dtype) == ((3, 32), np.uint8)
    assert (coder.bits, coder.dimensions) == (BITS, DIMENSIONS)


@CODERS
def test_codes_agree_with_the_slow_reading_of_the_description(coder: Itq | Lsh) -> None:
    """Bit order is part of the index's format: it must be what is written."""
    for vector in vectors(2, seed=5):
        assert slow_code(coder, vector) == coder.encode(vector[None]).tobytes()


@CODERS
@given(scale=st.floats(1e-3, 1e3), row=st.integers(0, 19))
def test_only_the_direction_counts(coder: Coder, scale: float, row: int) -> None:
    """A brighter picture has longer vectors, not another meaning."""
    vector = vectors(20)[row : row + 1].astype(np.float64)

    assert coder.encode(vector).tobytes() == coder.encode(vector * scale).tobytes()


@CODERS
def test_a_vector_has_the_same_code_alone_and_in_a_batch(coder: Coder) -> None:
    """Replicas that understand photos in other batches must agree on every bit."""
    many = vectors(40)
    alone = [coder.encode(many[i : i + 1]) for i in range(40)]

    np.testing.assert_array_equal(np.concatenate(alone), coder.encode(many))


@CODERS
def test_no_vectors_give_no_codes(coder: Coder) -> None:
    """An empty batch is no error."""
    assert coder.encode(np.empty((0, DIMENSIONS), np.float32)).shape == (0, 32)


@CODERS
def test_a_vector_of_zeros_has_a_code(coder: Coder) -> None:
    """A black picture must not end in a division by zero."""
    with np.errstate(all="raise"):
        assert coder.encode(np.zeros((1, DIMENSIONS))).shape == (1, 32)


@CODERS
def test_a_copy_that_differs_a_little_has_nearly_the_same_code(coder: Coder) -> None:
    """What codes are for: distance in bits follows distance in angle."""
    base = vectors(20)
    near = base + 0.02 * vectors(20, seed=9)

    def distances(a: Any, b: Any) -> Any:
        return np.unpackbits(coder.encode(a) ^ coder.encode(b), axis=1).sum(axis=1)

    assert distances(base, near).max() < distances(base, np.roll(base, 1, axis=0)).min()


@CODERS
@pytest.mark.parametrize("shape", [(1280,), (2, 1279), (1, 2, 1280)])
def test_vectors_of_another_size_are_refused(coder: Coder, shape: tuple[int, ...]) -> None:
    """The vectors of another model do not fit these planes."""
    with pytest.raises(ShapeError):
        coder.encode(np.zeros(shape))


def test_names_tell_coders_apart() -> None:
    """Codes of coders with different names must never be compared."""
    mean = Itq.load().mean
    coders = [
        Itq.load(), Lsh(0), Lsh(1), Lsh(0, mean=mean), Lsh(0, bits=128), Lsh(0, balanced=True),
    ]  # fmt: skip

    assert len({coder.name for coder in coders}) == 6
    assert Lsh.load().name == Lsh(0, mean=mean).name


def test_random_planes_stay_as_they_are() -> None:
    """Golden: codes are kept in the index, so the planes of a seed hold for ever."""
    coder = Lsh(7, bits=16, dimensions=8)

    assert "".join("-+"[int(p > 0)] for p in coder.planes[:, 0]) == GOLDEN_COLUMN
    assert coder.encode(np.arange(16).reshape(2, 8)).tobytes().hex() == GOLDEN_CODES
    assert abs(Lsh(7).planes.mean()) < 0.01


@pytest.mark.parametrize("dimensions", [1, 2, 7, 8, 1280])
def test_balanced_planes_do_not_see_what_all_coordinates_share(dimensions: int) -> None:
    """Features are all positive: without it two photos agree in most bits whatever they show."""
    coder = Lsh(7, bits=16, dimensions=dimensions, balanced=True)

    assert coder.planes.sum(axis=0).tolist() == [-(dimensions % 2)] * 16
    assert set(np.unique(coder.planes)) <= {-1, 1}
    if dimensions == 8:
        assert "".join("-+"[int(p > 0)] for p in coder.planes[:, 0]) == BALANCED_COLUMN


BALANCED_COLUMN = "+---++-+"
GOLDEN_COLUMN = "+-++-+++"
GOLDEN_CODES = "3f373f37"


@pytest.mark.parametrize("settings", [(-1, 256, 8), (0, 0, 8), (0, 12, 8), (0, 256, 0)])
def test_impossible_random_planes_are_refused(settings: tuple[int, int, int]) -> None:
    """A code is whole bytes."""
    with pytest.raises(ConfigError):
        Lsh(*settings)


# ---- the file


def test_the_shipped_coder_is_small() -> None:
    """It is in every installation."""
    assert SHIPPED.stat().st_size < 400_000


def test_a_coder_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    """Equal coders also make equal files, so that a hash can stand for one."""
    shipped = Itq.load()
    shipped.save(tmp_path / "itq.npz")
    shutil.copy(SHIPPED.with_name("itq.card.json"), tmp_path)

    assert (tmp_path / "itq.npz").read_bytes() == SHIPPED.read_bytes()
    assert Itq.load(tmp_path / "itq.npz").name == shipped.name


def test_a_damaged_or_absent_coder_is_named(tmp_path: Path) -> None:
    """One wrong plane would make new codes strangers to all old ones."""
    path = tmp_path / "itq.npz"
    with pytest.raises(MissingModel, match=r"itq\.card\.json"):
        Itq.load(path)

    shutil.copy(SHIPPED.with_name("itq.card.json"), tmp_path)
    whole = SHIPPED.read_bytes()
    path.write_bytes(whole[:-400] + b"x" + whole[-399:])
    with pytest.raises(MissingModel, match=r"itq\.npz has sha256"):
        Itq.load(path)


def test_planes_and_mean_must_fit_together() -> None:
    """Found when the coder is made, not when the first photo comes."""
    with pytest.raises(ShapeError):
        Itq(np.zeros(7), np.zeros((8, 16), np.int8))
    with pytest.raises(ConfigError, match="12 bits"):
        Itq(np.zeros(8), np.zeros((8, 12), np.int8))
