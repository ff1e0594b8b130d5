"""Decoding: every mode and format to upright sRGB, and every bad file to a clear refusal."""

from __future__ import annotations

import io
import os
import struct
import zlib
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms, features

from alicorn.errors import ConfigError, NotFound, UnreadablePhoto
from understanding.photos.decode import (
    WORKING_SIDE,
    content_hash,
    content_hash_of,
    decode,
    decode_bytes,
)
from understanding.photos.limits import MOST_PIXELS, Limits

LIMITS = Limits()


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def quarters() -> Image.Image:
    """60 x 40: red top left, green top right, blue bottom left, white bottom right."""
    image = Image.new("RGB", (60, 40), "white")
    image.paste((255, 0, 0), (0, 0, 30, 20))
    image.paste((0, 255, 0), (30, 0, 60, 20))
    image.paste((0, 0, 255), (0, 20, 30, 40))
    return image


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int, *more: bytes) -> bytes:
    """Make a PNG that claims a size in its header and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = (png_chunk(b"IHDR", header), *more, png_chunk(b"IDAT", zlib.compress(b"\0" * 100)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + png_chunk(b"IEND", b"")


FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF"]
if features.check("avif"):
    FORMATS.append("AVIF")


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_of_a_photo_library_is_read(kind: str) -> None:
    """A library has what phones, scanners and the web have made in thirty years."""
    if kind == "HEIF":
        pillow_heif.register_heif_opener()

    decoded = decode_bytes(saved(quarters(), kind), "x", LIMITS)

    assert (decoded.width, decoded.height) == (60, 40)
    assert decoded.rgb.shape == (40, 60, 3)
    assert decoded.rgb.dtype == np.uint8
    near = np.abs(decoded.rgb[10, 15].astype(int) - (255, 0, 0))
    assert near.max() < 40


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_the_picture_stands_upright(orientation: int, kind: str) -> None:
    """Phones store the sensor's rows and say in EXIF how the phone was held."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = quarters()
    if orientation in undo:
        stored = stored.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation

    decoded = decode_bytes(saved(stored, kind, exif=exif), "x", LIMITS)

    assert (decoded.width, decoded.height) == (60, 40)
    assert decoded.rgb.shape == (40, 60, 3)
    for (row, column), colour in {(10, 15): (255, 0, 0), (10, 45): (0, 255, 0)}.items():
        assert np.abs(decoded.rgb[row, column].astype(int) - colour).max() < 40


def test_transparency_lies_on_white() -> None:
    """A viewer shows a cut-out on white; black would be another picture."""
    half = Image.new("RGBA", (8, 8), (255, 0, 0, 128))
    clear = Image.new("LA", (8, 8), (0, 0))

    assert decode_bytes(saved(half, "PNG"), "x", LIMITS).rgb[4, 4].tolist() == [255, 127, 127]
    assert decode_bytes(saved(clear, "PNG"), "x", LIMITS).rgb[4, 4].tolist() == [255, 255, 255]


def test_a_transparent_palette_entry_lies_on_white() -> None:
    """GIFs and small PNGs keep transparency in the palette."""
    image = Image.new("P", (8, 8), 0)
    image.putpalette([10, 20, 30] + [0] * 765)

    assert decode_bytes(saved(image, "PNG"), "x", LIMITS).rgb[0, 0].tolist() == [10, 20, 30]
    seen = decode_bytes(saved(image, "PNG", transparency=0), "x", LIMITS)
    assert seen.rgb[0, 0].tolist() == [255, 255, 255]


def test_deep_and_gray_and_cmyk_samples_become_eight_bit_rgb() -> None:
    """Scanners write 16 bits, printers CMYK; the classifier knows 8-bit RGB alone."""
    deep = Image.fromarray(np.full((8, 8), 0x8000, dtype=np.uint16))
    real = Image.fromarray(np.full((8, 8), 0.5, dtype=np.float32))
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))

    assert decode_bytes(saved(deep, "PNG"), "x", LIMITS).rgb[4, 4].tolist() == [128, 128, 128]
    assert decode_bytes(saved(deep, "TIFF"), "x", LIMITS).rgb[4, 4].tolist() == [128, 128, 128]
    assert decode_bytes(saved(real, "TIFF"), "x", LIMITS).rgb[4, 4].tolist() == [128, 128, 128]
    red = decode_bytes(saved(cmyk, "JPEG"), "x", LIMITS).rgb[4, 4].astype(int)
    assert np.abs(red - (255, 0, 0)).max() < 20
    for mode in ("1", "L"):
        white = saved(Image.new(mode, (8, 8), 255 if mode == "L" else 1), "PNG")
        assert decode_bytes(white, "x", LIMITS).rgb[4, 4].tolist() == [255, 255, 255]


def test_an_animation_is_its_first_frame() -> None:
    """The first frame is what a file manager shows."""
    frames = [Image.new("RGB", (8, 8), c) for c in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])

    assert decode_bytes(data, "x", LIMITS).rgb[0, 0].tolist() == [255, 0, 0]


def test_a_colour_profile_is_applied() -> None:
    """A wide-gamut photo without its profile looks pale, to people and to the classifier."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (8, 8), (200, 100, 50))

    for block in (srgb, profile, b"no profile at all"):
        data = saved(image, "PNG", icc_profile=block)
        assert decode_bytes(data, "x", LIMITS).rgb[4, 4].tolist() == [200, 100, 50]


def test_a_large_photo_is_scaled_to_the_working_side() -> None:
    """Nothing downstream needs more, and a sixth of the time goes into pixels nobody looks at."""
    image = Image.linear_gradient("L").resize((3000, 1500)).convert("RGB")
    for kind in ("JPEG", "PNG"):
        decoded = decode_bytes(saved(image, kind), "x", LIMITS)

        assert decoded.rgb.shape == (WORKING_SIDE // 2, WORKING_SIDE, 3)
        assert (decoded.width, decoded.height) == (3000, 1500)
        # The scaled JPEG is the same picture: dark above, light below.
        assert decoded.rgb[5].mean() < 10 < 245 < decoded.rgb[-5].mean()


def test_the_content_hash_is_of_the_file() -> None:
    """A moved file must be recognised by its bytes."""
    data = saved(quarters(), "PNG")

    assert decode_bytes(data, "x", LIMITS).content_hash == blake2b(data, digest_size=32).digest()


def test_one_pixel_is_a_picture() -> None:
    """The smallest picture must not trip a scale or a filter."""
    assert decode_bytes(saved(Image.new("RGB", (1, 1)), "PNG"), "x", LIMITS).rgb.shape == (1, 1, 3)


def test_a_hundred_megapixels_are_refused_by_the_header() -> None:
    """The refusal must cost nothing: no pixel is decoded, and the message says the limit."""
    with pytest.raises(UnreadablePhoto, match=r"big\.png: .*100\.0 megapixels, at most 80\.0"):
        decode_bytes(png_header(10_000, 10_000), "big.png", LIMITS)


def test_more_pixels_than_pillow_opens_are_refused() -> None:
    """Pillow's own bound must read like ours."""
    with pytest.raises(UnreadablePhoto, match="more pixels than any limit allows"):
        decode_bytes(png_header(60_000, 60_000), "x", LIMITS)


def test_a_long_thin_picture_is_refused() -> None:
    """A side beyond every camera is an attack on a filter or a scale."""
    with pytest.raises(UnreadablePhoto, match="at most 32768 on a side"):
        decode_bytes(png_header(1_000_000, 1), "x", LIMITS)


def test_a_png_bomb_in_a_text_or_profile_chunk_is_refused() -> None:
    """A megabyte of zeros in a kilobyte of zTXt or iCCP must not be inflated without bound."""
    zeros = zlib.compress(b"\0" * 80_000_000, 9)
    text = png_header(8, 8, png_chunk(b"zTXt", b"k\0\0" + zeros))
    with pytest.raises(UnreadablePhoto, match=r"x: damaged: .*large"):
        decode_bytes(text, "x", LIMITS)

    profile = png_header(8, 8, png_chunk(b"iCCP", b"p\0\0" + zeros))
    with pytest.raises(UnreadablePhoto, match=r"x: damaged: .*large"):
        decode_bytes(profile, "x", LIMITS)


def test_heavy_metadata_is_refused() -> None:
    """EXIF of many megabytes is no camera's."""
    data = saved(quarters(), "PNG", exif=b"Exif\0\0" + bytes(5000))
    with pytest.raises(UnreadablePhoto, match="more than 1000 bytes of metadata"):
        decode_bytes(data, "x", Limits(max_metadata_bytes=1000))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_cut_file_is_named_or_decoded_but_never_crashes(kind: str, share: float) -> None:
    """Interrupted copies are the commonest damage."""
    rng = np.random.default_rng(1)
    noise = Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    data = saved(noise, kind)
    cut = data[: int(len(data) * share)]
    with pytest.raises(UnreadablePhoto, match=r"^cut\.x: \w"):
        decode_bytes(cut, "cut.x", LIMITS)


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bytes_never_escape_as_another_error(seed: int) -> None:
    """Whatever a decoder raises on damage, callers see one error or a picture."""
    rng = np.random.default_rng(seed)
    data = bytearray(saved(quarters(), FORMATS[seed % len(FORMATS)]))
    for at in rng.integers(0, len(data), 8):
        data[at] = rng.integers(0, 256)
    try:
        decoded = decode_bytes(bytes(data), "x", LIMITS)
    except UnreadablePhoto as error:
        seen = str(error)
    else:
        seen = f"x: {decoded.rgb.ndim} axes"

    assert seen.startswith("x: ")


def test_text_and_empty_files_are_no_pictures(tmp_path: Path) -> None:
    """A renamed text file and a failed download: the message says which it is."""
    (tmp_path / "note.jpg").write_text("not a picture")
    (tmp_path / "zero.jpg").touch()

    with pytest.raises(UnreadablePhoto, match=r"note\.jpg: not a picture"):
        decode(tmp_path / "note.jpg", LIMITS)
    with pytest.raises(UnreadablePhoto, match=r"zero\.jpg: the file is empty"):
        decode(tmp_path / "zero.jpg", LIMITS)


def test_a_directory_a_pipe_and_a_forbidden_file_are_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder named x.jpg, a named pipe (which would block for ever), a file of another user."""
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    for name in ("folder.jpg", "pipe.jpg"):
        with pytest.raises(UnreadablePhoto, match=rf"{name}: not a regular file"):
            decode(tmp_path / name, LIMITS)

    def forbidden(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbidden)
    with pytest.raises(UnreadablePhoto, match=r"a\.jpg: cannot be read: permission denied"):
        decode(tmp_path / "a.jpg", LIMITS)


def test_a_vanished_file_is_not_found(tmp_path: Path) -> None:
    """The caller passes over it in silence, so it must be told from damage."""
    with pytest.raises(NotFound, match=r"gone\.jpg: no such file"):
        decode(tmp_path / "gone.jpg", LIMITS)


def test_a_file_larger_than_allowed_is_not_read(tmp_path: Path) -> None:
    """The size is known before the first byte."""
    (tmp_path / "a.png").write_bytes(saved(quarters(), "PNG"))
    with pytest.raises(UnreadablePhoto, match=r"a\.png: \d+ bytes, at most 10 are read"):
        decode(tmp_path / "a.png", Limits(max_file_bytes=10))


def test_limits_are_checked_at_birth() -> None:
    """A limit of nothing, or beyond Pillow's own, would fail on every photo instead."""
    with pytest.raises(ConfigError, match="max_pixels must be positive, got 0"):
        Limits(max_pixels=0)
    with pytest.raises(ConfigError, match=f"at most {MOST_PIXELS}"):
        Limits(max_pixels=MOST_PIXELS + 1)


def test_only_regular_files_are_hashed(tmp_path):
    """A pipe put in the place of a photo would hold the run for ever."""
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "photo.jpg").write_bytes(b"some bytes")

    with pytest.raises(UnreadablePhoto, match="not a regular file"):
        content_hash_of(tmp_path / "pipe.jpg")
    with pytest.raises(NotFound):
        content_hash_of(tmp_path / "gone.jpg")
    assert content_hash_of(tmp_path / "photo.jpg") == content_hash(b"some bytes")
