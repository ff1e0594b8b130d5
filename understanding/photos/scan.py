"""The photo files below a folder, newest first.

A photo is a file whose name ends like one. Hidden files and folders (a leading dot) are passed
over, as are the folders that synchronisers and file managers hide in plain sight. Links are
followed, but each real folder is entered once, so a loop ends. What vanishes during the scan was
never there; a folder that may not be entered is reported, so that its photos are not taken for
deleted.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alicorn.errors import NotFound

__all__ = ["PASSED_OVER", "PHOTO_SUFFIXES", "FoundPhoto", "Scan", "scan"]

PHOTO_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".gif"}
    | {".tif", ".tiff", ".bmp", ".heic", ".heif", ".hif", ".avif"}
)
"""Lower case; the formats of `decode`."""

PASSED_OVER: Final = frozenset({"@eadir", "__macosx", "lost+found", "$recycle.bin"})
"""Lower case names of folders and files that hold nothing of a person's."""


@dataclass(frozen=True, slots=True)
class FoundPhoto:
    """A file that looks like a photo."""

    uri: str
    """Path below the folder, with slashes."""
    bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Scan:
    """What a folder holds."""

    photos: tuple[FoundPhoto, ...]
    """Newest change first; equal times by uri."""
    unreadable: tuple[str, ...]
    """Folders below the folder that could not be listed, with slashes, ascending."""
    unnameable: int
    """Files whose names are not UTF-8: they have no uri, so they are only counted."""

    def hides(self, uri: str) -> bool:
        """Whether ``uri`` may exist although it was not found: its folder could not be listed."""
        return any(uri.startswith(f"{folder}/") for folder in self.unreadable)


def scan(folder: Path) -> Scan:
    """List the photo files below ``folder``.

    Raises
    ------
    NotFound
        If ``folder`` does not exist, is no folder, or may not be listed: an unplugged disk must
        not look like a folder from which everything was deleted.
    """
    photos: list[FoundPhoto] = []
    unreadable: list[str] = []
    unnameable = 0
    entered: set[tuple[int, int]] = set()
    pending = [""]
    while pending:
        below = pending.pop()
        here = folder / below
        try:
            real = here.stat()
            if (real.st_dev, real.st_ino) in entered:
                continue
            entered.add((real.st_dev, real.st_ino))
            with os.scandir(here) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if not below:
                reason = (error.strerror or str(error)).lower()
                raise NotFound(f"photo folder {folder} cannot be listed: {reason}") from error
            if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
                unreadable.append(below)
            continue
        folders: list[str] = []
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower() in PASSED_OVER:
                continue
            uri = f"{below}/{entry.name}" if below else entry.name
            try:
                if entry.is_dir():
                    folders.append(uri)
                    continue
                if Path(entry.name).suffix.lower() not in PHOTO_SUFFIXES:
                    continue
                found = entry.stat()
            # Vanished since the listing, a dangling link, or a link to itself.
            except OSError:
                continue
            if not stat.S_ISREG(found.st_mode):
                continue
            if not _is_text(uri):
                unnameable += 1
                continue
            photos.append(FoundPhoto(uri, found.st_size, found.st_mtime_ns))
        pending.extend(reversed([uri for uri in folders if _is_text(uri)]))
    photos.sort(key=lambda photo: (-photo.mtime_ns, photo.uri))
    return Scan(tuple(photos), tuple(sorted(unreadable)), unnameable)


def _is_text(uri: str) -> bool:
    """Whether a name of the file system is UTF-8 (others arrive as lone surrogates)."""
    try:
        uri.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
