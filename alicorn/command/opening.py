"""Which library a command means: one by folder, the sample shelf, or the one that is running.

`--library DIR` wins; `--photos DIR` is that folder's library; `--sample` the sample shelf. A search
that names none goes to the server that is running here, else to the library used last, else to the
sample shelf, which is made.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from alicorn.command.library import Library, LibrarySettings, create_library, open_library
from alicorn.config.cluster import DEFAULT_SHARDS
from alicorn.config.places import library_of_folder, sample_library, state_home
from alicorn.errors import ConfigError, NotFound, OutOfSpace
from alicorn.files import write_whole
from alicorn.rpc.addresses import split_address

__all__ = [
    "Running",
    "chosen",
    "forget",
    "last_library",
    "lay_out_sample",
    "listens",
    "make_library",
    "make_sample",
    "remember",
    "running_here",
    "sample_here",
]

SAMPLE_PHOTOS: Final = "photos"


class Running(msgspec.Struct, frozen=True):
    """A server on this machine."""

    pid: int
    library: str
    grpc: str
    """host:port of SearchService."""
    web: str
    """Address of the results page."""


class _State(msgspec.Struct):
    running: Running | None = None
    last_library: str = ""


def _state_file() -> Path:
    return state_home() / "state.json"


def _state() -> _State:
    try:
        return msgspec.json.decode(_state_file().read_bytes(), type=_State)
    except (OSError, msgspec.DecodeError):
        return _State()


def remember(library: Library, running: Running | None) -> None:
    """Note what was used last, and what is running; a home that cannot be written is no error."""
    file = _state_file()
    with suppress(OSError, OutOfSpace):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, msgspec.json.encode(_State(running, str(library.path))))


def forget(library: Library) -> None:
    """Take back the note that this process serves ``library``; another's stays."""
    running = _state().running
    if running is not None and running.pid == os.getpid():
        remember(library, None)


def running_here() -> Running | None:
    """Return the server that runs on this machine, if one does."""
    running = _state().running
    if running is None:
        return None
    with suppress(PermissionError):
        try:
            os.kill(running.pid, 0)
        except ProcessLookupError:
            return None
    # Process ids are used again: one that was killed left its note, and somebody has its number.
    return running if listens(running.grpc) else None


def listens(address: str) -> bool:
    """Return whether somebody takes connections at ``address`` ("host:port")."""
    try:
        socket.create_connection(split_address(address), timeout=1.0).close()
    except (OSError, ConfigError):
        return False
    return True


def last_library() -> Library | None:
    """Return the library used last, if it is still there."""
    path = _state().last_library
    if not path:
        return None
    try:
        return open_library(Path(path))
    except ConfigError:
        return None


def chosen(
    *, photos: Path | None, library: Path | None, sample: bool, shards: int = DEFAULT_SHARDS
) -> Library:
    """Return the library that the options name, made with ``shards`` where there is none yet.

    It takes no time: the sample shelf's photographs may still be missing (`lay_out_sample`).

    Raises
    ------
    ConfigError
        If they name none, or two.
    """
    if photos is not None and sample:
        raise ConfigError("found --photos and --sample, needed one of them")
    if sample:
        return make_sample(library, shards)
    if photos is not None:
        return make_library(photos, library, shards)
    if library is not None:
        return open_library(library)
    raise ConfigError("found nothing to index, needed --photos DIR, --sample or --library DIR")


def make_sample(path: Path | None = None, shards: int = DEFAULT_SHARDS) -> Library:
    """Return the sample shelf's library; `lay_out_sample` has its photographs."""
    where = path or sample_library()
    photos = where / SAMPLE_PHOTOS
    settings = LibrarySettings(
        name="Sample shelf", photos=str(photos.absolute()), shards=shards, sample=True
    )
    return create_library(where, settings)


def lay_out_sample(library: Library, say: Callable[[str], None]) -> None:
    """Put the sample shelf's photographs where ``library`` looks for them.

    Raises
    ------
    MissingModel
        If a package that carries some of them cannot be had.
    """
    # Here, for it brings an image library with it, which a search never needs.
    from alicorn.command.sample.photographs import lay_out  # noqa: PLC0415

    lay_out(library.photos, say)


def sample_here(say: Callable[[str], None], path: Path | None = None) -> Library:
    """Return the sample shelf's library, with its photographs."""
    library = make_sample(path)
    lay_out_sample(library, say)
    return library


def make_library(photos: Path, path: Path | None = None, shards: int = DEFAULT_SHARDS) -> Library:
    """Return the library of the folder ``photos``, made where there is none.

    Raises
    ------
    NotFound
        If there is no such folder.
    ConfigError
        If its path is not UTF-8: settings, log and pages could not name it.
    """
    folder = photos.expanduser()
    if not folder.is_dir():
        what = "a file" if folder.exists() else "nothing"
        raise NotFound(f"found {what} at {photos}, needed a folder of photos")
    full = folder.resolve()
    if not _is_text(str(full)):
        raise ConfigError(
            f"found the folder {str(full)!a}, needed a path in UTF-8; rename what is not"
        )
    return create_library(
        path or library_of_folder(full),
        LibrarySettings(name=full.name or str(full), photos=str(full), shards=shards),
    )


def _is_text(path: str) -> bool:
    """Whether a path is UTF-8 (bytes that are not arrive as lone surrogates)."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
