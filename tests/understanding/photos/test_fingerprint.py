"""PDQ: the same bits as Facebook's own code, and near-copies stay near."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFilter

from alicorn.errors import ShapeError
from understanding.photos.fingerprint import pdq

# The radius that PDQ's authors recommend, and that the ranker folds by.
NEAR_COPY_BITS = 31

Rgb = npt.NDArray[np.uint8]


def differing_bits(a: bytes, b: bytes) -> int:
    """Return in how many bits two fingerprints differ."""
    return sum((x ^ y).bit_count() for x, y in zip(a, b, strict=True))


def scene(seed: int, width: int, height: int) -> Rgb:
    """Make a blurred random picture: structure at several scales, as a photo has."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8))
    fine = Image.fromarray(rng.integers(0, 256, (70, 90, 3), dtype=np.uint8))
    size = (width, height)
    blend = Image.blend(coarse.resize(size, Image.Resampling.BICUBIC), fine.resize(size), 0.3)
    return np.asarray(blend.filter(ImageFilter.GaussianBlur(1)))


def theirs(rgb: Rgb) -> tuple[bytes, int]:
    """Bits and quality by Facebook's C++ code."""
    pdqhash = pytest.importorskip("pdqhash", reason="the oracle `pdqhash` is not installed")
    bits, quality = pdqhash.compute(np.ascontiguousarray(rgb))
    return np.packbits(bits.astype(np.uint8)).tobytes(), int(quality)


def slow_spectrum(rgb: Rgb) -> list[float]:
    """Return the 256 frequencies by the four filter passes of the paper, in plain loops."""
    luma = rgb.astype(np.float64) @ np.array([0.299, 0.587, 0.114])

    def boxed(line: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        window = (len(line) + 127) // 128
        ahead = (window + 2) // 2
        return np.array(
            [line[max(0, at + ahead - window) : at + ahead].mean() for at in range(len(line))]
        )

    for _ in range(2):
        luma = np.apply_along_axis(boxed, 1, luma)
        luma = np.apply_along_axis(boxed, 0, luma)
    height, width = luma.shape
    rows = [int((i + 0.5) * height / 64) for i in range(64)]
    columns = [int((j + 0.5) * width / 64) for j in range(64)]
    grid = luma[np.ix_(rows, columns)]
    at = 2 * np.arange(64) + 1
    wave = [np.cos(np.pi / 128 * k * at) for k in range(1, 17)]
    return [float(u @ grid @ v) for u in wave for v in wave]


@pytest.mark.parametrize(
    ("width", "height"), [(64, 64), (127, 63), (128, 129), (300, 200), (640, 427), (5, 900)]
)
def test_bits_agree_with_the_plain_loops(width: int, height: int) -> None:
    """Two matrices must do what four passes of box filters do, whatever the sides."""
    rgb = scene(3, width, height)
    spectrum = slow_spectrum(rgb)
    middle = sorted(spectrum)[127]
    expected = "".join("1" if value > middle else "0" for value in reversed(spectrum))

    found = pdq(rgb)

    actual = "".join(f"{byte:08b}" for byte in found.bits)
    assert sum(a != b for a, b in zip(expected, actual, strict=True)) <= 2


@pytest.mark.parametrize("seed", range(12))
def test_bits_and_quality_are_those_of_the_original(seed: int) -> None:
    """PS-46: fingerprints of other tools (Facebook's hexadecimal form) must be comparable."""
    rng = np.random.default_rng(seed)
    rgb = scene(seed, *map(int, rng.integers(40, 640, 2)))
    bits, quality = theirs(rgb)

    found = pdq(rgb)

    assert differing_bits(bits, found.bits) <= 2
    assert abs(quality - found.quality) <= 1


@pytest.mark.data
def test_real_photos_have_the_bits_of_the_original(data_dir: Path) -> None:
    """Generated pictures are kind; photos have flat skies and hard edges."""
    lines = (data_dir / "photos" / "index.jsonl").read_text().splitlines()
    for line in lines[::60]:
        with Image.open(data_dir / json.loads(line)["file"]) as image:
            rgb = np.asarray(image.convert("RGB"))
        bits, quality = theirs(rgb)

        found = pdq(rgb)

        assert differing_bits(bits, found.bits) <= 10, line
        assert abs(quality - found.quality) <= 1, line


@pytest.mark.parametrize("seed", range(4))
def test_near_copies_are_within_the_radius_and_others_are_not(seed: int) -> None:
    """PS-46: folding rests on this gap."""
    original = Image.fromarray(scene(seed, 600, 400))
    encoded = io.BytesIO()
    original.save(encoded, "JPEG", quality=40)
    copies = {
        "scaled": original.resize((300, 200), Image.Resampling.LANCZOS),
        "re-encoded": Image.open(encoded).convert("RGB"),
        "brightened": original.point([min(255, int(v * 1.1)) for v in range(256)] * 3),
    }
    bits = pdq(np.asarray(original)).bits

    for name, copy in copies.items():
        assert differing_bits(bits, pdq(np.asarray(copy)).bits) <= NEAR_COPY_BITS, name
    assert differing_bits(bits, pdq(scene(seed + 100, 600, 400)).bits) > 2 * NEAR_COPY_BITS


def test_a_picture_without_structure_says_so() -> None:
    """A black frame is no near-copy of a white one; quality is how the caller knows."""
    assert pdq(np.zeros((200, 200, 3), dtype=np.uint8)).quality == 0
    assert pdq(np.full((3, 200, 3), 90, dtype=np.uint8)) == pdq(np.zeros((1, 1, 3), np.uint8))


def test_wrong_shapes_are_refused() -> None:
    """A gray picture is a fault of the caller."""
    with pytest.raises(ShapeError, match=r"shape \(h, w, 3\), got \(4, 4\)"):
        pdq(np.zeros((4, 4), dtype=np.uint8))
