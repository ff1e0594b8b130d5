"""The machine's pictures folder: which it is, and how many pictures it seems to hold.

Desktops write down which folder it is (`user-dirs.dirs` of xdg-user-dirs), in the language of the
person; where nothing is written down, the usual names are tried. Counting reads names only: no file
is opened, no link is followed, and it ends after some time and some number.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alicorn.config.places import config_home
from understanding.photos.scan import PASSED_OVER, PHOTO_SUFFIXES

__all__ = ["Counted", "PicturesCount", "count_pictures", "pictures_folder"]

_LINE: Final = re.compile(r'^\s*XDG_PICTURES_DIR\s*=\s*"((?:[^"\\]|\\.)*)"\s*$', re.MULTILINE)

_NAMES: Final = (
    *("Pictures", "Bilder", "Images", "Imágenes", "Immagini", "Imagens", "Afbeeldingen"),
    *("Obrazy", "Billeder", "Imatges", "Kuvat", "Obrázky", "Képek", "Slike", "Imagini"),
    *(
        "Resimler",
        "Изображения",
        "Зображення",
        "Εικόνες",
        "图片",
        "圖片",
        "画像",
        "ピクチャ",
        "사진",
    ),
)
"""What the folder is called below one's home, as xdg-user-dirs and file managers translate it."""

_MOST_COUNTED: Final = 100_000
_MOST_LOOKED_AT: Final = 1_000_000
_LONGEST_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Counted:
    """How many pictures a folder seems to hold."""

    photos: int
    at_least: bool
    """Counting was cut short: there are so many or more."""


def pictures_folder() -> Path | None:
    """Return the machine's pictures folder with its links resolved; None where there is none.

    What is written down counts, also where it says that there is none (one's home itself).
    """
    home = Path.home()
    written = _written_down(home)
    for folder in [written] if written is not None else [home / name for name in _NAMES]:
        try:
            if folder.is_dir() and folder.resolve() != home.resolve():
                return folder.resolve()
        except OSError:
            continue
    return None


def _written_down(home: Path) -> Path | None:
    """Return what the person's settings name, if they name one."""
    try:
        text = (config_home() / "user-dirs.dirs").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    found = _LINE.findall(text)
    if not found:
        return None
    # The file is read by shells: the last assignment counts, and a backslash escapes.
    value = re.sub(r"\\(.)", r"\1", found[-1])
    if value == "$HOME" or value.startswith("$HOME/"):
        return home / value.removeprefix("$HOME").lstrip("/")
    return Path(value) if Path(value).is_absolute() else None


def count_pictures(
    folder: Path,
    *,
    most: int = _MOST_COUNTED,
    longest_s: float = _LONGEST_S,
    stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> Counted:
    """Count what is named like a photo below ``folder``, as a scan would find it without links.

    Parameters
    ----------
    most : int
        Counting ends at so many.
    longest_s : float
        Or after so many seconds.
    stop : callable
        Or when this says so.
    """
    deadline = clock() + longest_s
    photos = looked_at = 0
    pending = [folder]
    while pending:
        try:
            with os.scandir(pending.pop()) as listing:
                for entry in listing:
                    looked_at += 1
                    if looked_at > _MOST_LOOKED_AT or clock() > deadline or stop():
                        return Counted(photos, at_least=True)
                    if entry.name.startswith(".") or entry.name.lower() in PASSED_OVER:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(Path(entry.path))
                    elif _is_named_like_a_photo(entry):
                        if photos == most:
                            return Counted(photos, at_least=True)
                        photos += 1
        # A folder that may not be listed, or has gone, holds nothing that could be searched.
        except OSError:
            continue
    return Counted(photos, at_least=False)


def _is_named_like_a_photo(entry: os.DirEntry[str]) -> bool:
    suffix = Path(entry.name).suffix
    return suffix.lower() in PHOTO_SUFFIXES and entry.is_file(follow_symlinks=False)


class PicturesCount:
    """The pictures folder, counted once in the background."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._stop = threading.Event()
        self._counted: Counted | None = None
        self._thread = threading.Thread(target=self._count, name="pictures", daemon=True)

    @property
    def counted(self) -> Counted | None:
        """How many there are; None until that is known."""
        return self._counted

    def start(self) -> None:
        """Begin to count."""
        if self.folder is not None:
            self._thread.start()

    def close(self) -> None:
        """Stop counting."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _count(self) -> None:
        assert self.folder is not None  # `start` looks
        self._counted = count_pictures(self.folder, stop=self._stop.is_set)
