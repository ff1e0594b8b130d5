"""EXIF: naive local time, camera and position, and no crash on nonsense."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from understanding.photos.exif import Exif, camera_name, naive_seconds, read_exif


def seconds(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


def reread(exif: Image.Exif | bytes) -> Exif:
    """Read back a JPEG saved with ``exif``."""
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "JPEG", exif=exif)
    with Image.open(io.BytesIO(out.getvalue())) as image:
        return read_exif(image)


def test_time_camera_and_place_are_read() -> None:
    """PS: `year:`, `month:`, `camera:` and `place:` all come from here."""
    exif = Image.Exif()
    exif[Base.Make] = "Canon"
    exif[Base.Model] = "Canon EOS 5D"
    exif[Base.DateTime] = "2020:01:01 00:00:00"
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2014:05:01 10:20:30"
    exif.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "S",
            GPS.GPSLatitude: (33.0, 51.0, 36.0),
            GPS.GPSLongitudeRef: "E",
            GPS.GPSLongitude: (151.0, 12.0, 0.0),
        }
    )

    read = reread(exif)

    assert read.taken_at == seconds(2014, 5, 1, 10, 20, 30)
    assert read.camera == "Canon EOS 5D"
    assert read.position == (pytest.approx(-33.86), pytest.approx(151.2))


def test_the_first_believable_time_wins() -> None:
    """A camera whose clock was never set must not put a photo into 1970."""
    exif = Image.Exif()
    exif[Base.DateTime] = "2020:01:01 00:00:01"
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "0000:00:00 00:00:00"
    exif.get_ifd(IFD.Exif)[Base.DateTimeDigitized] = "    :  :     :  :  "

    assert reread(exif).taken_at == seconds(2020, 1, 1, 0, 0, 1)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024:02:29 23:59:59", seconds(2024, 2, 29, 23, 59, 59)),
        ("2024-02-29T23:59:60", seconds(2024, 2, 29, 23, 59, 59)),
        (b"1969:12:31 23:59:59\0", -1),
        ("1850:01:01 00:00:00", seconds(1850, 1, 1)),
        ("2023:02:29 00:00:00", None),
        ("2024:13:01 00:00:00", None),
        ("9999:01:01 00:00:00", None),
        ("1970:01:01 00:00:00", None),
        ("1980:01:01 00:00:00", None),
        ("yesterday", None),
        (None, None),
        (17, None),
    ],
)
def test_dates_are_naive_seconds_or_nothing(written: object, expected: int | None) -> None:
    """The clock on the wall, without a zone; what is no date is no time at all."""
    assert expected == naive_seconds(written)


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("NIKON CORPORATION", "NIKON D90", "Nikon D90"),
        ("Apple", "iPhone 12", "Apple iPhone 12"),
        ("OLYMPUS IMAGING CORP.  ", "E-M5", "Olympus E-M5"),
        ("SONY", "ILCE-7M3\0\0junk", "Sony ILCE-7M3"),
        ("", "X", "X"),
        (None, None, ""),
        ("samsung", "SM-G960F", "samsung SM-G960F"),
        ("EASTMAN KODAK COMPANY", "KODAK Z740", "Eastman Kodak KODAK Z740"),
        (b"Canon", 5, "Canon"),
    ],
)
def test_camera_names_are_tidied(make: object, model: object, expected: str) -> None:
    """Makers shout, repeat themselves and pad with NULs."""
    assert expected == camera_name(make, model)


@pytest.mark.parametrize(
    "gps",
    [
        {},
        {GPS.GPSLatitude: (1.0, 2.0, 3.0)},
        {GPS.GPSLatitude: (0.0, 0.0, 0.0), GPS.GPSLongitude: (0.0, 0.0, 0.0)},
        {GPS.GPSLatitude: (91.0, 0.0, 0.0), GPS.GPSLongitude: (1.0, 0.0, 0.0)},
    ],
)
def test_positions_that_cannot_be_are_absent(gps: dict[int, object]) -> None:
    """No fix, half a fix and impossible degrees place no photo anywhere."""
    exif = Image.Exif()
    exif.get_ifd(IFD.GPSInfo).update(gps)

    assert reread(exif).position is None


def test_zero_denominators_are_no_position() -> None:
    """Some phones write 0/0 for every number until they have a fix."""
    tiff = bytes.fromhex(
        "4d4d002a00000008"  # big endian, first directory at 8
        "0001" "8825" "0004" "00000001" "0000001a" "00000000"  # GPS directory at 26
        "0002"
        "0002" "0005" "00000003" "00000038"  # latitude: three rationals at 56
        "0004" "0005" "00000003" "00000038"
        "00000000"
    ) + bytes(24)  # fmt: skip

    assert reread(b"Exif\0\0" + tiff).position is None


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")
@given(st.binary(max_size=200))
def test_a_broken_block_is_nothing_and_no_error(block: bytes) -> None:
    """Whatever bytes stand where EXIF should be, the photo is still understood."""
    for prefix in (b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08", b"Exif\0\0II*\0\x08\0\0\0"):
        assert isinstance(reread(prefix + block), Exif)
