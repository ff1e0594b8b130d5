r"""Where a dropped file is kept: a path below a folder, made of a name that is never trusted.

The name comes from whoever drops, through a browser that may not be one. What is kept of it is what
people read: folders and a file name of printable characters, which mean the same on every file
system. What is cleaned away:

    ../../etc/x.jpg, C:\x .jpg, /x.jpg   steps up, drives and roots: only the names remain
    .hidden/x.jpg, @eaDir/x.jpg         names that a scan passes over: hidden/x.jpg, _@eaDir/x.jpg
    CON.jpg, x:y.jpg, ends of dots      what Windows takes for a device, a stream, or another name
    control, format, private characters left out, and bytes that are no text
    long names and deep paths           cut, from the front of a path and the end of a name
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final

from alicorn.errors import BadRequest
from understanding.photos.scan import PASSED_OVER, PHOTO_SUFFIXES

__all__ = ["kept_name", "numbered"]

_MOST_FOLDERS: Final = 6
# Bytes of UTF-8. File systems take 255 a name, those that hide names some 140.
_MOST_NAME_BYTES: Final = 120
_MOST_FOLDER_BYTES: Final = 100
# More is no name; it is not even looked at.
_MOST_CHARACTERS: Final = 10_000

_SEPARATORS: Final = re.compile(r"[/\\]+")
_REFUSED: Final = re.compile(r'[<>:"|?*]')
_ENDS: Final = re.compile(r"^[\s.]+|[\s.]+$")
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)", re.I)
# What a name may not hold: control, format (a text that runs backwards), surrogates (bytes that
# are no text), private and unassigned characters, line and paragraph separators.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def kept_name(name: str) -> PurePosixPath:
    """Return the path, below the folder of dropped photos, at which ``name`` is kept.

    It is relative, has at most 7 parts, none of them empty, "." or "..", hidden or passed over by a
    scan, and ends in a suffix of `understanding.photos.scan.PHOTO_SUFFIXES`.

    Raises
    ------
    BadRequest
        If nothing readable is left of the name, or it does not end like a photo's.
    """
    if len(name) > _MOST_CHARACTERS:
        raise BadRequest(f"found a name of {len(name)} characters, needed one that can be read")
    readable = "".join(map(_readable, unicodedata.normalize("NFC", name)))
    parts = [_cleaned(part) for part in _SEPARATORS.split(readable)]
    *folders, file = [part for part in parts if part] or [""]
    path = PurePosixPath(file)
    if path.suffix.lower() not in PHOTO_SUFFIXES:
        kinds = ", ".join(sorted(PHOTO_SUFFIXES))
        raise BadRequest(f"found {file[:80]!r}, needed a photo: a name that ends in {kinds}")
    stem = _cut(path.stem, _MOST_NAME_BYTES)
    return PurePosixPath(
        *(_safe(_cut(folder, _MOST_FOLDER_BYTES)) for folder in folders[-_MOST_FOLDERS:]),
        _safe(f"{stem}{path.suffix}"),
    )


def numbered(path: PurePosixPath, number: int) -> PurePosixPath:
    """Return ``path`` itself for 1, else with a number, as "cat (2).jpg"."""
    return path if number == 1 else path.with_stem(f"{path.stem} ({number})")


def _readable(character: str) -> str:
    """Return ``character``, a plain space for every kind of space, "" for what nobody sees."""
    category = unicodedata.category(character)
    return " " if category == "Zs" else "" if category in _UNSEEN else character


def _cleaned(part: str) -> str:
    """Return one name without what no file system should have to take; "" if nothing is left."""
    # Dots and spaces at the ends make a name hidden, a step up, or another name on Windows.
    return _ENDS.sub("", _REFUSED.sub("_", part))


def _safe(part: str) -> str:
    """Return a name that is neither passed over by a scan nor a device."""
    special = part.lower() in PASSED_OVER or _DEVICES.fullmatch(part.partition(".")[0].strip())
    return f"_{part}" if special else part


def _cut(text: str, most_bytes: int) -> str:
    """Return the first whole characters of ``text`` that fit."""
    cut = text.encode("utf-8")[:most_bytes].decode("utf-8", errors="ignore")
    return cut if cut == text else _ENDS.sub("", cut)
