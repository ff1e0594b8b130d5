"""Decoding: a picture file to upright RGB at the working size.

Nothing downstream needs more than `WORKING_SIDE` pixels on the long side: the classifier looks at
224 x 224, the fingerprint at 64 x 64, the thumbnail has 512. So a JPEG is decoded at a half, a
quarter or an eighth where the format allows (libjpeg scales inside the inverse DCT, several times
faster), and every picture is scaled down to `WORKING_SIDE` before colours are touched.

The header is read and the limits are checked before a pixel is decoded. Only the formats listed
here are tried, so that a file cannot reach a decoder (PostScript, say) that photos never need.
"""

from __future__ import annotations

import io
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from alicorn.errors import NotFound, UnreadablePhoto
from understanding.photos.colour import resizable, to_srgb
from understanding.photos.exif import orientation_of, read_exif
from understanding.photos.limits import Limits

__all__ = [
    "WORKING_SIDE",
    "Decoded",
    "UnreadableFile",
    "content_hash",
    "content_hash_of",
    "decode",
    "decode_bytes",
    "read_file",
]

WORKING_SIDE: Final = 640
"""Pixels of the longer side after decoding: a quarter more than the thumbnail, so that it and the
classifier's crop (256 pixels on the shorter side, up to 5:2) are scaled down, never up."""

# Phones' multi-picture files (MPO) open as JPEG.
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF")

_HASH_BYTES: Final = 32

_Turn = Image.Transpose

# What each EXIF orientation needs to stand upright; 1 and unknown ones need nothing.
_TURNS: Final = {
    2: _Turn.FLIP_LEFT_RIGHT,
    3: _Turn.ROTATE_180,
    4: _Turn.FLIP_TOP_BOTTOM,
    5: _Turn.TRANSPOSE,
    6: _Turn.ROTATE_270,
    7: _Turn.TRANSVERSE,
    8: _Turn.ROTATE_90,
}
_SIDEWAYS: Final = frozenset({_Turn.TRANSPOSE, _Turn.ROTATE_270, _Turn.TRANSVERSE, _Turn.ROTATE_90})


class UnreadableFile(UnreadablePhoto):
    """The file cannot be read just now (permission, a failing disk); another time it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """One picture, upright, with what its file says of it."""

    rgb: npt.NDArray[np.uint8]
    """Shape (h, w, 3), sRGB, C-contiguous; the longer side at most `WORKING_SIDE`."""
    width: int
    """Pixels of the file's picture, upright."""
    height: int
    content_hash: bytes
    """BLAKE2b-256 of the file's bytes."""
    taken_at: int | None
    """Naive local seconds since 1970-01-01."""
    camera: str
    position: tuple[float, float] | None
    """Degrees north and east."""


def decode(path: Path, limits: Limits) -> Decoded:
    """Decode the picture at ``path``.

    Raises
    ------
    NotFound
        If there is no such file (any more).
    UnreadablePhoto
        If it is not a picture, is damaged, is larger than ``limits``, or may not be read. The
        message names the file and the reason.
    """
    return decode_bytes(read_file(path, limits), str(path), limits)


def read_file(path: Path, limits: Limits) -> bytes:
    """Return the bytes of a regular file within ``limits``; errors as `decode`."""
    with _opened(path) as file:
        found = os.fstat(file.fileno()).st_size
        if found == 0:
            raise UnreadablePhoto(f"{path}: the file is empty")
        if found > limits.max_file_bytes:
            raise UnreadablePhoto(
                f"{path}: {found} bytes, at most {limits.max_file_bytes} are read"
            )
        # A file that grows meanwhile is cut, and then damaged: never more than the limit.
        return file.read(limits.max_file_bytes)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file for reading; errors as `decode`."""
    try:
        # Not blocking, or a named pipe in the folder would hold its reader for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnreadablePhoto(f"{path}: not a regular file")
            yield file
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"{path}: no such file") from error
    except IsADirectoryError as error:
        raise UnreadablePhoto(f"{path}: not a regular file") from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UnreadableFile(f"{path}: cannot be read: {reason}") from error


def content_hash(data: bytes) -> bytes:
    """Return the BLAKE2b-256 of ``data``, 32 bytes: the identity of a file's content."""
    return blake2b(data, digest_size=_HASH_BYTES).digest()


def content_hash_of(path: Path) -> bytes:
    """Return `content_hash` of a regular file, without holding it in memory; errors as `decode`."""
    digest = blake2b(digest_size=_HASH_BYTES)
    with _opened(path) as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.digest()


def decode_bytes(data: bytes, name: str, limits: Limits) -> Decoded:
    """Decode the picture whose file has the bytes ``data``; ``name`` is for the messages.

    Raises
    ------
    UnreadablePhoto
        As `decode`.
    """
    _register_heif()
    try:
        with warnings.catch_warnings():
            # Pillow warns from half its own limit on; `limits` decides here, and damaged
            # metadata is passed over in silence.
            warnings.simplefilter("ignore")
            return _decode(data, name, limits)
    except UnreadablePhoto:
        raise
    except MemoryError as error:
        raise UnreadablePhoto(f"{name}: needs more memory than allowed") from error
    except UnidentifiedImageError as error:
        raise UnreadablePhoto(f"{name}: not a picture, or damaged at its start") from error
    except Image.DecompressionBombError as error:
        raise UnreadablePhoto(
            f"{name}: more pixels than any limit allows, at most {limits.max_pixels} are decoded"
        ) from error
    # The decoders of nine formats raise what their author saw fit (OSError, SyntaxError,
    # struct.error, ValueError, EOFError ...): every one means that this file is damaged.
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UnreadablePhoto(f"{name}: damaged: {reason}") from error


def _decode(data: bytes, name: str, limits: Limits) -> Decoded:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        _check_header(image, name, limits)
        profile = image.info.get("icc_profile")
        exif_block = image.info.get("exif")
        if len(profile or b"") + len(exif_block or b"") > limits.max_metadata_bytes:
            raise UnreadablePhoto(
                f"{name}: more than {limits.max_metadata_bytes} bytes of metadata"
            )
        exif = read_exif(image)
        full = image.size
        if image.format in {"JPEG", "MPO"}:
            image.draft(None, _fitting(full, WORKING_SIDE))
        image.load()
        small = resizable(image)
        target = _fitting(small.size, WORKING_SIDE)
        if target != small.size:
            # Boxes to at least twice the target first: as sharp, and much faster.
            small = small.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)
        # Asked after loading: TIFF and HEIF decoders turn the picture themselves, and say so.
        turn = _TURNS.get(orientation_of(image))
        upright = small if turn is None else small.transpose(turn)
        rgb = np.array(to_srgb(upright, profile), dtype=np.uint8, order="C")
        width, height = full[::-1] if turn in _SIDEWAYS else full
    return Decoded(
        rgb=rgb,
        width=width,
        height=height,
        content_hash=content_hash(data),
        taken_at=exif.taken_at,
        camera=exif.camera,
        position=exif.position,
    )


def _check_header(image: Image.Image, name: str, limits: Limits) -> None:
    """Refuse what the header says is too large, before anything is decoded."""
    width, height = image.size
    if width < 1 or height < 1:
        raise UnreadablePhoto(f"{name}: no pixels, {width} x {height}")
    if width * height > limits.max_pixels:
        raise UnreadablePhoto(
            f"{name}: {width} x {height} is {width * height / 1e6:.1f} megapixels, "
            f"at most {limits.max_pixels / 1e6:.1f} are decoded"
        )
    if max(width, height) > limits.max_side:
        raise UnreadablePhoto(
            f"{name}: {width} x {height} pixels, at most {limits.max_side} on a side are decoded"
        )


def _fitting(size: tuple[int, int], side: int) -> tuple[int, int]:
    """``size`` scaled down, never up, so that the longer side is at most ``side``."""
    width, height = size
    longest = max(width, height)
    if longest <= side:
        return size
    return max(1, round(width * side / longest)), max(1, round(height * side / longest))


@cache
def _register_heif() -> None:
    """Teach Pillow HEIC and HEIF, once; one thread, as the worker's other parts."""
    import pillow_heif  # noqa: PLC0415  (a hundred milliseconds that only decoding pays)

    pillow_heif.register_heif_opener(thumbnails=False)
    pillow_heif.options.DECODE_THREADS = 1
