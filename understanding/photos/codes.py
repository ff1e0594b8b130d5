"""Coders: vectors of 1,280 numbers to binary codes of 256 bits that keep who is near whom.

Both coders do the same and differ in their planes only. A vector is scaled to length 1, the mean
of such vectors is taken away (classifier features are all positive, so without it most bits
would be equal for all photos), and each bit says on which side of a plane the rest lies:

    bit j = 1  if  (v / |v| - mean) . planes[:, j] > 0
    bit j is in byte j // 8, with value 1 << (j % 8)

So as little-endian words of 64 bits, bit j is bit j % 64 of word j // 64.

* `Itq`, iterative quantization [1]_: the principal axes of photos' vectors, rotated so that
  rounding to signs loses least. Trained; the planes ship as signed bytes, for a plane's length
  is of no matter, and rounding them moves two bits in a thousand.
* `Lsh`, locality-sensitive hashing [2]_: random planes. Needs no training, holds for vectors of
  any kind, and keeps less with as many bits.

Codes of different coders have nothing to do with each other; `name` tells them apart.

References
----------
.. [1] Gong and Lazebnik, "Iterative quantization: a procrustean approach to learning binary
   codes", CVPR 2011.
.. [2] Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from importlib import resources
from pathlib import Path
from typing import Final, Protocol, Self

import numpy as np
import numpy.typing as npt

from alicorn.errors import ConfigError, CorruptData, ShapeError
from understanding.photos.card import read_checked

__all__ = ["BITS", "DIMENSIONS", "Coder", "Itq", "Lsh", "centred"]

Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Planes = npt.NDArray[np.int8]

BITS: Final = 256
DIMENSIONS: Final = 1280


class Coder(Protocol):
    """Whatever turns vectors into binary codes."""

    @property
    def name(self) -> str:
        """Tells codes that may be compared from others: equal names, equal codes."""

    @property
    def bits(self) -> int:
        """Bits of a code, a multiple of 8."""

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""

    def encode(self, vectors: npt.ArrayLike) -> Codes:
        """Return the codes of vectors; see `Itq.encode`."""


def centred(vectors: npt.ArrayLike, mean: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return vectors scaled to length 1, less ``mean``: the space that codes stand for.

    Parameters
    ----------
    vectors : float, shape (n, dimensions)
        A vector of zeros stays one before the mean is taken away.
    mean : float, shape (dimensions,)

    Returns
    -------
    float64, shape (n, dimensions)

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    """
    wide = np.asarray(vectors, np.float64)
    middle = np.asarray(mean, np.float64)
    if wide.ndim != 2 or middle.shape != wide.shape[1:]:
        raise ShapeError(f"vectors are {wide.shape}, needed (n, {middle.shape[0]})")
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    unit: npt.NDArray[np.float64] = wide / np.where(lengths == 0, 1, lengths) - middle
    return unit


class _Signs:
    """What both coders do: which side of each plane a vector lies on."""

    def __init__(self, name: str, mean: npt.ArrayLike, planes: Planes) -> None:
        self.name = name
        self.mean: Floats = np.array(mean, np.float32)
        self.planes = planes
        if planes.ndim != 2 or planes.dtype != np.int8 or self.mean.shape != planes.shape[:1]:
            raise ShapeError(
                f"mean {self.mean.shape} and planes {planes.dtype} {planes.shape}, "
                "needed (dimensions,) and int8 (dimensions, bits)"
            )
        if self.bits == 0 or self.bits % 8 != 0:
            raise ConfigError(f"codes of {self.bits} bits, needed a positive multiple of 8")
        # In float64 the order of a sum, which differs with the size of a batch and the machine,
        # moves a result by 1e-16 of itself: no bit ever hangs on it.
        self._wide = planes.astype(np.float64)

    @property
    def bits(self) -> int:
        """Bits of a code."""
        return int(self.planes.shape[1])

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""
        return int(self.planes.shape[0])

    def encode(self, vectors: npt.ArrayLike) -> Codes:
        """Return the codes of vectors.

        Parameters
        ----------
        vectors : float, shape (n, dimensions)
            Of any length; only their direction counts.

        Returns
        -------
        uint8, shape (n, bits / 8)
            Bit order as in the module's description. The same for a vector alone and in a batch.

        Raises
        ------
        ShapeError
            If vectors have another number of dimensions.
        """
        sides = centred(vectors, self.mean) @ self._wide > 0
        return np.packbits(sides, axis=1, bitorder="little")


class Itq(_Signs):
    """Iterative quantization: trained planes.

    Parameters
    ----------
    mean : float32, shape (dimensions,)
        Of the training vectors, each scaled to length 1.
    planes : int8, shape (dimensions, bits)
        Principal axes times the trained rotation, each column scaled to at most 127.
    """

    def __init__(self, mean: npt.ArrayLike, planes: Planes) -> None:
        digest = hashlib.sha256(np.asarray(mean, "<f4").tobytes() + planes.tobytes())
        super().__init__(f"itq-{planes.shape[-1]}-{digest.hexdigest()[:8]}", mean, planes)

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Load a trained coder, by default the one that ships.

        Raises
        ------
        MissingModel
            If the file or its card is absent, or the file is not the one of its card.
        CorruptData
            If the file or the card holds something else.
        """
        if path is None:
            with resources.as_file(resources.files("understanding.photos.models")) as folder:
                return cls.load(folder / "itq.npz")
        try:
            with np.load(io.BytesIO(read_checked(path)), allow_pickle=False) as arrays:
                return cls(arrays["mean"], arrays["planes"])
        except (KeyError, ValueError, zipfile.BadZipFile, ShapeError) as error:
            raise CorruptData(f"coder {path} unreadable: {error}") from error

    def save(self, path: Path) -> None:
        """Write the coder as `load` reads it; its card is written by who trained it.

        Equal coders make equal files: nothing is compressed, and no time is noted.
        """
        np.savez(path, mean=self.mean, planes=self.planes)


class Lsh(_Signs):
    """Locality-sensitive hashing: random planes, each coordinate +1 or -1.

    The planes come from SHAKE-256 of the seed, not from a generator of NumPy's, whose streams
    may change between its versions: codes are kept, so planes must stay.

    Parameters
    ----------
    seed : int
        At least 0; equal seeds, equal planes.
    bits : int
        A multiple of 8.
    dimensions : int
        Numbers in a vector.
    mean : float, shape (dimensions,), optional
        Of vectors scaled to length 1; zeros if None.
    balanced : bool
        As many coordinates of a plane are +1 as -1 (one more is -1 where they are odd), so that
        what all coordinates of a vector have in common counts nothing. That is the better part
        of taking the mean away where no photos are at hand to take it from: over 150 COCO photos
        the rank correlation to the cosine (`training.rank_correlation`) of MobileNetV2's vectors
        is 0.48, without it 0.36, with the mean 0.56.
    """

    def __init__(
        self,
        seed: int,
        bits: int = BITS,
        dimensions: int = DIMENSIONS,
        mean: npt.ArrayLike | None = None,
        *,
        balanced: bool = False,
    ) -> None:
        if seed < 0 or bits < 8 or dimensions < 1:
            raise ConfigError(
                f"seed {seed}, {bits} bits, {dimensions} dimensions; needed >= 0, >= 8, >= 1"
            )
        middle = np.zeros(dimensions, np.float32) if mean is None else np.array(mean, np.float32)
        about = hashlib.sha256(middle.astype("<f4").tobytes()).hexdigest()[:8]
        if balanced:
            planes = _balanced_planes(seed, bits, dimensions)
            super().__init__(f"lsh-{bits}-{seed}-{about}-balanced", middle, planes)
            return
        count = dimensions * bits
        coins = hashlib.shake_256(f"alicorn lsh {seed}".encode()).digest(-(-count // 8))
        signs = np.unpackbits(np.frombuffer(coins, np.uint8), count=count).astype(np.int8) * 2 - 1
        planes = signs.reshape(dimensions, bits).astype(np.int8)
        super().__init__(f"lsh-{bits}-{seed}-{about}", middle, planes)

    @classmethod
    def load(cls, seed: int = 0) -> Self:
        """Return a coder of 256 bits around the mean of the shipped `Itq`."""
        return cls(seed, mean=Itq.load().mean)


def _balanced_planes(seed: int, bits: int, dimensions: int) -> Planes:
    """Return random planes whose coordinates sum to 0, or to -1 where they are odd.

    Each coordinate draws a number of 32 bits; the lower half of each plane's becomes +1.
    """
    drawn = hashlib.shake_256(f"alicorn balanced lsh {seed}".encode()).digest(4 * dimensions * bits)
    keys = np.frombuffer(drawn, "<u4").reshape(dimensions, bits)
    ranks = np.argsort(np.argsort(keys, axis=0, kind="stable"), axis=0, kind="stable")
    return np.where(ranks < dimensions // 2, 1, -1).astype(np.int8)
