"""A library: everything that Alicorn keeps about one folder of photos.

    library.json      what it is: name, folder, shards (never changed by hand)
    log.sqlite        the update log and the authoritative graph: the truth
    ledger.sqlite     which file is which photo, and which could not be understood
    shards/<n>/       segments and manifest of each shard: can be made again from the log
    thumbnails/       small pictures by photo id: can be made again from the photos
    progress.json     how far understanding has come, for pages and other processes

The photos themselves stay where they are and are only read.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from alicorn.errors import ConfigError, CorruptData, NotFound, OutOfSpace
from alicorn.files import is_full, write_whole

__all__ = [
    "Library",
    "LibrarySettings",
    "ModelRecord",
    "Progress",
    "WorldSettings",
    "create_library",
    "open_library",
    "write_settings",
]

_FORMAT: Final = 0


class ModelRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The model that a library's photos are understood by, where it is not the one that ships."""

    name: str
    licence: str
    """Of its weights."""
    path: str
    """Of its `model.toml`, absolute; it may move."""
    identity: str
    """`understanding.photos.model_file.ModelFile.identity`; fixed once photos were understood."""


class WorldSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The synthetic world that a library is (`loadtest.world`)."""

    people: int
    photos: int
    seed: int


class LibrarySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `library.json` says."""

    name: str
    """For people."""
    photos: str
    """The folder of photos, absolute."""
    shards: int
    """Shards of the collection; fixed when it is made."""
    sample: bool = False
    """The sample shelf, where the viewer may be switched."""
    default_viewer: int = 1
    """Person id that is served when a request names nobody."""
    format: int = _FORMAT
    model: ModelRecord | None = None
    """None is the model that ships."""
    world: WorldSettings | None = None
    """A synthetic world: no folder of photos, pictures are drawn from the documents."""


class Progress(msgspec.Struct, frozen=True):
    """How far understanding has come."""

    found: int = 0
    done: int = 0
    failed: int = 0
    per_second: float = 0.0
    running: bool = False
    message: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """An existing library."""

    path: Path
    settings: LibrarySettings

    @property
    def log_path(self) -> Path:
        """The update log and the authoritative graph."""
        return self.path / "log.sqlite"

    @property
    def ledger_path(self) -> Path:
        """Which file is which photo."""
        return self.path / "ledger.sqlite"

    @property
    def photos(self) -> Path:
        """The folder of photos."""
        return Path(self.settings.photos)

    @property
    def thumbnails_path(self) -> Path:
        """Small pictures."""
        return self.path / "thumbnails"

    def shard_path(self, shard: int) -> Path:
        """Folder of one shard."""
        return self.path / "shards" / str(shard)

    def thumbnail_path(self, photo_id: int) -> Path:
        """Return where the small picture of a photo is: in one of 256 folders."""
        return self.thumbnails_path / f"{photo_id % 256:02x}" / f"{photo_id}.jpg"

    def write_thumbnail(self, photo_id: int, jpeg: bytes) -> None:
        """Keep the small picture of a photo."""
        path = self.thumbnail_path(photo_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, jpeg)

    def read_thumbnail(self, photo_id: int) -> bytes:
        """Return the small picture of a photo; NotFound if there is none."""
        try:
            return self.thumbnail_path(photo_id).read_bytes()
        except OSError:
            raise NotFound(f"there is no picture of photo {photo_id}") from None

    def write_progress(self, progress: Progress) -> None:
        """Say how far understanding has come; without room on the disk nothing is said."""
        # What is written to the log fails then, too, and says why.
        with suppress(OutOfSpace, OSError):
            write_whole(self.path / "progress.json", msgspec.json.encode(progress))

    def read_progress(self) -> Progress:
        """Return how far understanding has come; nothing found when it has not begun."""
        try:
            return msgspec.json.decode((self.path / "progress.json").read_bytes(), type=Progress)
        except (OSError, msgspec.DecodeError):
            return Progress()


def open_library(path: Path) -> Library:
    """Open the library at ``path``.

    Raises
    ------
    ConfigError
        If there is none; the message says how to make one.
    CorruptData
        If `library.json` is damaged or newer than this program.
    """
    file = path / "library.json"
    try:
        settings = msgspec.json.decode(file.read_bytes(), type=LibrarySettings)
    except OSError:
        raise ConfigError(
            f"found no library at {path}; make one: alicorn index --photos DIR --library {path}"
        ) from None
    except msgspec.DecodeError as error:
        raise CorruptData(
            f"{file}: {error}; restore it, or remove {path} and index again"
        ) from None
    if settings.format > _FORMAT:
        raise CorruptData(f"{file}: found format {settings.format}, needed at most {_FORMAT}")
    return Library(path, settings)


def create_library(path: Path, settings: LibrarySettings) -> Library:
    """Open the library at ``path``, making it first where there is none.

    Raises
    ------
    ConfigError
        If the library there is of another folder or has another number of shards, or if it cannot
        be written.
    OutOfSpace
        If the disk is full.
    """
    if (path / "library.json").exists():
        library = open_library(path)
        if library.settings.photos != settings.photos:
            raise ConfigError(
                f"the library at {path} is of {library.settings.photos}, not of "
                f"{settings.photos}; choose another with --library"
            )
        if library.settings.shards != settings.shards:
            raise ConfigError(
                f"the library at {path} has {library.settings.shards} shards, "
                f"needed {settings.shards}; use as many, or make a new library"
            )
        return library
    try:
        # Thumbnails of private photos lie in it: not for the other accounts of this machine.
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A folder that was there keeps its mode, so they have modes of their own; the log's is its
        # own work. SQLite takes an empty file for a new database.
        for inner in ("thumbnails", "shards"):
            (path / inner).mkdir(mode=0o700, exist_ok=True)
        Library(path, settings).ledger_path.touch(mode=0o600)
        write_settings(Library(path, settings))
    except OSError as error:
        told = f"cannot write the library at {path}: {error.strerror}"
        if is_full(error):
            raise OutOfSpace(f"{told}; make some room, or choose another with --library") from None
        raise ConfigError(f"{told}; needed a folder of yours, choose one with --library") from None
    return Library(path, settings)


def write_settings(library: Library) -> None:
    """Write `library.json`."""
    written = msgspec.json.format(msgspec.json.encode(library.settings))
    write_whole(library.path / "library.json", written)
