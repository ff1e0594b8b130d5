"""Where things are kept on this machine: libraries, caches, and which server is running.

The XDG folders, so that nothing is written beside anybody's pictures.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

__all__ = [
    "cache_home",
    "config_home",
    "dropped_home",
    "library_of_folder",
    "sample_library",
    "state_home",
    "world_library",
]


def _base(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable, "")
    # The XDG specification: a relative path is to be ignored.
    return Path(value) if value and Path(value).is_absolute() else Path.home() / fallback


def _home(variable: str, fallback: str) -> Path:
    return _base(variable, fallback) / "alicorn"


def config_home() -> Path:
    """Return the folder where every program's settings are, not only ours."""
    return _base("XDG_CONFIG_HOME", ".config")


def cache_home() -> Path:
    """Return the folder for what can be made again (models read from their packages)."""
    return _home("XDG_CACHE_HOME", ".cache")


def state_home() -> Path:
    """Return the folder for what is true now (the running server's address)."""
    return _home("XDG_STATE_HOME", ".local/state")


def _data_home() -> Path:
    return _home("XDG_DATA_HOME", ".local/share")


def _libraries() -> Path:
    return _data_home() / "libraries"


def library_of_folder(photos: Path) -> Path:
    """Return where the library of the folder ``photos`` is kept: one place a folder.

    The name is readable, and eight hex digits of the full path keep two `Pictures` apart.
    """
    full = photos.expanduser().resolve()
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", full.name).strip("-") or "photos"
    digest = hashlib.blake2b(os.fsencode(full), digest_size=4).hexdigest()
    return _libraries() / f"{readable}-{digest}"


def sample_library() -> Path:
    """Return where the sample shelf is kept."""
    return _libraries() / "sample-shelf"


def world_library(people: int, photos: int, seed: int) -> Path:
    """Return where the synthetic world of these parameters is kept."""
    return _libraries() / f"world-{people}-{photos}-{seed}"


def dropped_home() -> Path:
    """Return the folder of the photos that were dropped on the page, and of their library."""
    return _data_home() / "dropped"
