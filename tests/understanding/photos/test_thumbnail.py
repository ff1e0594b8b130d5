"""Thumbnails: small, upright JPEGs without a word about their origin."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from understanding.photos.decode import decode_bytes
from understanding.photos.limits import Limits
from understanding.photos.thumbnail import THUMBNAIL_SIDE, thumbnail


@pytest.mark.parametrize(
    ("shape", "size"),
    [((400, 640), (512, 320)), ((640, 100), (80, 512)), ((30, 40), (40, 30)), ((1, 640), (512, 1))],
)
def test_the_longer_side_is_bounded_and_nothing_is_enlarged(
    shape: tuple[int, int], size: tuple[int, int]
) -> None:
    """The page lays out by width and height; a tiny picture stays tiny."""
    data = thumbnail(np.zeros((*shape, 3), dtype=np.uint8))
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG"
        assert max(image.size) <= THUMBNAIL_SIDE
        assert image.size == size


def test_nothing_of_the_files_metadata_is_left() -> None:
    """A thumbnail travels to people who may see the photo, not where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "SECRET MAKER"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", (700, 500), "red").save(
        out, "JPEG", exif=exif, comment=b"SECRET", icc_profile=b"SECRET PROFILE"
    )
    assert out.getvalue().count(b"SECRET") == 3

    data = thumbnail(decode_bytes(out.getvalue(), "x", Limits()).rgb)

    assert b"SECRET" not in data
    with Image.open(io.BytesIO(data)) as image:
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
