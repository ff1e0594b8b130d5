"""A photo as Alicorn knows it: plain, immutable, the same in every tier.

A document is made once by `understanding`, gets its id from the log, and is then indexed. What it
holds is all that search may use; the picture itself stays where it is (`uri`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from alicorn.errors import BadRequest

__all__ = [
    "CODE_BYTES",
    "MAX_TAGS",
    "UNKNOWN_TIME",
    "Audience",
    "AudienceKind",
    "PhotoDocument",
    "Place",
    "Tag",
    "static_rank",
]

CODE_BYTES: Final = 32
"""Bytes of a compact embedding and of a fingerprint: 256 bits."""

MAX_TAGS: Final = 50
"""Tags kept for a photo (DB-08: top 50)."""

UNKNOWN_TIME: Final = -(1 << 63)
"""``taken_at`` in columns of int64, of a photo whose time is not known: the least there is."""

# 1900-01-01 in seconds before 1970-01-01: photographs older than that get the least key.
_SECONDS_1900: Final = 2_208_988_800
# What a calendar of four-digit years can say: 0001-01-01 to 9999-12-31.
_FIRST_SECOND: Final = -62_135_596_800
_LAST_SECOND: Final = 253_402_300_799
_MAX_U32: Final = 2**32 - 1
_MAX_U64: Final = 2**64 - 1


class AudienceKind(IntEnum):
    """Who may see a photo, besides its author. The values are those of the wire."""

    ONLY_ME = 1
    LIST = 2
    FRIENDS = 3
    PUBLIC = 4


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may see a photo, besides its author."""

    kind: AudienceKind
    members: tuple[int, ...] = ()
    """Ids of the people on the list, ascending; empty unless ``kind`` is LIST."""

    def __post_init__(self) -> None:
        if self.members and self.kind is not AudienceKind.LIST:
            raise BadRequest(f"audience {self.kind.name.lower()} takes no members, got some")


@dataclass(frozen=True, slots=True)
class Tag:
    """One concept seen in a photo."""

    concept: str
    """Unique concept name of the taxonomy: lower case, spaces (``beach ball``)."""
    confidence: float
    """In [0, 1], base rate divided out (`understanding.concepts`)."""


@dataclass(frozen=True, slots=True)
class Place:
    """The nearest city to where a photo was taken."""

    id: int
    """GeoNames id."""
    name: str
    country: str
    """ISO 3166 code of two letters, upper case; empty when unknown."""
    latitude: float
    """Degrees north; of the photo where known, else of the city."""
    longitude: float
    """Degrees east."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoDocument:
    """Everything that search knows of one photo."""

    id: int = 0
    """u64, assigned by the log; 0 until then."""
    sort_key: int = 0
    """u32 static rank, fixed at writing; see `static_rank`."""
    content_hash: bytes = b""
    """BLAKE2b-256 of the file's bytes: a moved file is the same photo."""
    author: int = 0
    """u64 id of the person who owns it; 0 when nobody is known."""
    tagged: tuple[int, ...] = ()
    """u64 ids of people in the picture, ascending."""
    audience: Audience = Audience(AudienceKind.ONLY_ME)
    taken_at: int | None = None
    """Naive local time in seconds since 1970-01-01 (EXIF has no zone), years 1 to 9999."""
    place: Place | None = None
    camera: str = ""
    caption: str = ""
    album: str = ""
    tags: tuple[Tag, ...] = ()
    """At most `MAX_TAGS`, confidence descending."""
    visual: bytes = b""
    """256-bit code of the image vector (ITQ); empty when there is none."""
    joint: bytes = b""
    """256-bit code of the joint photo tower; empty when there is none."""
    fingerprint: bytes = b""
    """PDQ, 256 bits; empty when there is none."""
    fingerprint_quality: int = 0
    """0..100; under 50 the fingerprint says little."""
    quality: float = 0.0
    """0..1, sharpness and exposure."""
    popularity: int = 0
    """u32, how often it was opened or liked."""
    uri: str = ""
    """Path below the library's folder, with slashes; or an address."""
    width: int = 0
    """Pixels, upright."""
    height: int = 0
    written: int = 0
    """u64 log sequence of the write that made this version; set by the log, 0 before. What is
    shown must be the version that the authoritative graph knows."""

    def __post_init__(self) -> None:
        for name, value, most in (
            ("id", self.id, _MAX_U64),
            ("author", self.author, _MAX_U64),
            ("written", self.written, _MAX_U64),
            ("sort_key", self.sort_key, _MAX_U32),
            ("popularity", self.popularity, _MAX_U32),
        ):
            if not 0 <= value <= most:
                raise BadRequest(f"{name} must be in 0..{most}, got {value}")
        if self.taken_at is not None and not _FIRST_SECOND <= self.taken_at <= _LAST_SECOND:
            raise BadRequest(f"taken_at must be in the years 1..9999, got second {self.taken_at}")
        for name, code in (
            ("visual", self.visual),
            ("joint", self.joint),
            ("fingerprint", self.fingerprint),
        ):
            if len(code) not in {0, CODE_BYTES}:
                raise BadRequest(f"{name} must have {CODE_BYTES} bytes, got {len(code)}")
        if len(self.tags) > MAX_TAGS:
            raise BadRequest(f"a photo has at most {MAX_TAGS} tags, got {len(self.tags)}")


def static_rank(taken_at: int | None) -> int:
    """Return the sort-key of a photo taken at ``taken_at``: newest first.

    Minutes since 1900, so that u32 reaches far beyond any photograph; 0 when the time is unknown.

    >>> static_rank(None), static_rank(0)
    (0, 36816480)
    """
    if taken_at is None:
        return 0
    return min(max((taken_at + _SECONDS_1900) // 60, 1), _MAX_U32)
