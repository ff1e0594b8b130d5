"""EXIF: when, with which camera and where a picture was taken.

EXIF has no time zone, so the time stays what the camera's clock showed: naive seconds since
1970-01-01 00:00, as `year:` and `month:` need it. Cameras write much nonsense here; whatever
cannot be read is absent, and never an error.
"""

from __future__ import annotations

import math
import re
from calendar import timegm
from dataclasses import dataclass
from datetime import datetime
from typing import Final, SupportsFloat, cast

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

__all__ = ["Exif", "camera_name", "naive_seconds", "orientation_of", "read_exif"]

MAX_CAMERA_CHARACTERS: Final = 80

# The separators that cameras and editors write between the six numbers, a `T` included.
_DATE: Final = re.compile(
    r"^\s*(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})[ T](\d{1,2}):(\d{2}):(\d{2})"
)

# What a camera's clock shows when it was never set: the first second of its era.
_UNSET_CLOCKS: Final = frozenset({datetime(1970, 1, 1), datetime(1980, 1, 1)})

# Photography began in the 1820s; a clock that says more than 2100 was never set.
_YEARS: Final = range(1826, 2101)


@dataclass(frozen=True, slots=True)
class Exif:
    """What a picture's EXIF block says, as far as it can be believed."""

    taken_at: int | None = None
    """Naive local seconds since 1970-01-01."""
    camera: str = ""
    """Make and model, the make once; empty when unknown."""
    position: tuple[float, float] | None = None
    """Degrees north and degrees east."""


def read_exif(image: Image.Image) -> Exif:
    """Return what the EXIF block of an opened ``image`` says; nothing of it is an error.

    The time is the first believable one of DateTimeOriginal, DateTimeDigitized and DateTime.
    """
    # Pillow reads EXIF lazily through struct, rationals and codecs: a broken block raises
    # whatever the first of them trips over.
    try:
        block = image.getexif()
        main = dict(block)
    except Exception:
        return Exif()
    details = _directory(block, IFD.Exif)
    times = (
        details.get(Base.DateTimeOriginal),
        details.get(Base.DateTimeDigitized),
        main.get(Base.DateTime),
    )
    taken_at = next((t for t in map(naive_seconds, times) if t is not None), None)
    return Exif(
        taken_at=taken_at,
        camera=camera_name(main.get(Base.Make), main.get(Base.Model)),
        position=_position(_directory(block, IFD.GPSInfo)),
    )


def orientation_of(image: Image.Image) -> int:
    """Return the EXIF orientation, 1..8; 1 (upright) where it is missing or makes no sense."""
    try:
        found = image.getexif().get(Base.Orientation, 1)
    except Exception:
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def naive_seconds(written: object) -> int | None:
    """Return the naive local seconds of an EXIF date, or None when it is not a date.

    >>> naive_seconds("2024:05:01 10:00:00"), naive_seconds("0000:00:00 00:00:00")
    (1714557600, None)
    """
    found = _DATE.match(_text(written))
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups())
    if year not in _YEARS:
        return None
    try:
        # A leap second is the last second of its minute.
        when = datetime(year, month, day, hour, minute, min(second, 59))
    except ValueError:
        return None
    if when in _UNSET_CLOCKS:
        return None
    return timegm(when.timetuple())


def camera_name(make: object, model: object) -> str:
    """Return ``make`` and ``model`` as one name, the make once and without shouting.

    >>> camera_name("NIKON CORPORATION", "NIKON D90"), camera_name("Apple", "iPhone 12")
    ('Nikon D90', 'Apple iPhone 12')
    """
    maker = re.sub(
        r"\b(corporation|corp|co|ltd|inc|company|optical|electronics|camera|digital|imaging)\b\.?,?",
        "",
        _text(make),
        flags=re.IGNORECASE,
    )
    maker = " ".join(re.sub(r"[.,]+", " ", maker).split())
    name = " ".join(_text(model).split())
    first = maker.split(" ")[0]
    if first and name.lower().startswith(first.lower()):
        name = name[len(first) :].lstrip(" -_")
    if len(maker) > 3 and maker.isupper():
        maker = maker.title()
    return f"{maker} {name}".strip()[:MAX_CAMERA_CHARACTERS].strip()


def _directory(block: Image.Exif, which: IFD) -> dict[int, object]:
    """One sub-directory of the block, empty when it is broken or absent."""
    try:
        return dict(block.get_ifd(which))
    except Exception:
        return {}


def _text(value: object) -> str:
    """Return the printable text of an EXIF value, cut at the first NUL."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    cut = value.split("\0", 1)[0]
    return "".join(c for c in cut if c.isprintable()).strip()


def _position(gps: dict[int, object]) -> tuple[float, float] | None:
    """Degrees north and east, or None when either is missing, broken or impossible."""
    latitude = _degrees(gps.get(GPS.GPSLatitude), gps.get(GPS.GPSLatitudeRef), "S")
    longitude = _degrees(gps.get(GPS.GPSLongitude), gps.get(GPS.GPSLongitudeRef), "W")
    if latitude is None or longitude is None:
        return None
    if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):
        return None
    # Phones without a fix write zeros; nobody photographs in the sea off Ghana by chance.
    if latitude == 0.0 and longitude == 0.0:
        return None
    return latitude, longitude


def _degrees(value: object, reference: object, negative: str) -> float | None:
    """Degrees from up to three rationals (degrees, minutes, seconds) or from one number."""
    parts = value if isinstance(value, (tuple, list)) else (value,)
    degrees = 0.0
    for part, unit in zip(parts, (1.0, 60.0, 3600.0), strict=False):
        try:
            number = float(cast("SupportsFloat", part))
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            return None
        if not math.isfinite(number):
            return None
        degrees += number / unit
    return -degrees if _text(reference).upper().startswith(negative) else degrees
