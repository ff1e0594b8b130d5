"""`alicorn world`: a synthetic world (`loadtest.world`) as a whole library.

The library is a real one: its log, its graph and its shards are those that writing the people and
photos one after the other would have made, only made in bulk. What it lacks is a folder of photos
and a ledger of one; pictures are drawn when they are asked for (`loadtest.world.tiles`).

While it is being made, a file marks the folder as unfinished and keeps other builders away;
`library.json`, without which nobody opens a library, is written last. Whoever finds the mark
without a library removes what is there and begins anew.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from alicorn.command.console import out, say_json
from alicorn.command.library import (
    Library,
    LibrarySettings,
    Progress,
    WorldSettings,
    create_library,
    open_library,
)
from alicorn.command.opening import remember, running_here
from alicorn.command.progress import ProgressBar
from alicorn.command.world_blocks import made_blocks
from alicorn.errors import ConfigError, OutOfSpace
from alicorn.files import is_full
from alicorn.log import PutBlock, PutFriendship, PutPerson, SqliteLog
from alicorn.log.bulk import rows_of_graph
from indexserver.config import ShardConfig
from indexserver.filling import ShardFilling
from loadtest.world.generator import World

__all__ = ["build_world", "run"]

SHARDS: Final = 4

_UNFINISHED: Final = "world-unfinished"
_NOWHERE: Final = "no-folder"
"""Where the photos of a world would be."""
_MADE: Final = ("shards", "thumbnails")
"""Folders that a half-made world may hold; its files are `_FILES`."""
_FILES: Final = ("log.sqlite", "log.sqlite-wal", "log.sqlite-shm", "ledger.sqlite", "progress.json")


def run(directory: Path, *, people: int, photos: int, seed: int, as_json: bool) -> None:
    """Make a world, or find it made, and say how to open it."""
    began = time.monotonic()
    with ProgressBar(announce=False, doing="building a synthetic world") as bar:
        library = build_world(directory, people=people, photos=photos, seed=seed, tell=bar.tell)
    # A server that runs stays known; a search that names no library means this one from now on.
    remember(library, running_here())
    if as_json:
        say_json(
            {
                "library": str(library.path),
                "people": people,
                "photos": photos,
                "seed": seed,
                "shards": library.settings.shards,
                "seconds": round(time.monotonic() - began, 2),
            }
        )
        return
    out.print(
        f"{photos} synthetic photos of {people} made-up people\nlibrary: {library.path}\n"
        f"open it: alicorn up --library {library.path}",
        markup=False,
    )


def build_world(
    path: Path, *, people: int, photos: int, seed: int, tell: Callable[[Progress], None]
) -> Library:
    """Make the library of a world at ``path``, or open it where it has been made.

    Parameters
    ----------
    tell : callable
        Called with each step. What it raises ends the building; the next one begins anew.

    Raises
    ------
    ConfigError
        If ``path`` is something else, or a world of other parameters, or one that another process
        is making; or if a parameter is out of its range.
    OutOfSpace
        If the disk is full.
    """
    path = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - as it was named: no links read
    wanted = WorldSettings(people=people, photos=photos, seed=seed)
    done = Progress(found=photos, done=photos, message=f"{photos} synthetic photos are ready")
    _check_folder(path)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _only_builder(path):
            if not (path / "library.json").exists():
                _clear(path)
                _fill(path, wanted, tell)
                settings = LibrarySettings(
                    name="A synthetic world",
                    photos=str(path / _NOWHERE),
                    shards=SHARDS,
                    sample=True,
                    world=wanted,
                )
                create_library(path, settings).write_progress(done)
            library = _finished(path, wanted)
    except OSError as error:
        told = f"cannot write the world at {path}: {error.strerror}"
        if is_full(error):
            raise OutOfSpace(f"{told}; make some room, or choose another folder") from None
        raise ConfigError(f"{told}; needed a folder of yours") from None
    tell(done)
    return library


def _check_folder(path: Path) -> None:
    """Raise ConfigError unless a world may be made, continued or opened at ``path``."""
    if not path.exists():
        return
    if not path.is_dir():
        raise ConfigError(f"found a file at {path}, needed a folder or nothing")
    known = {"library.json", _UNFINISHED}
    if any(path.iterdir()) and not any((path / name).exists() for name in known):
        raise ConfigError(
            f"the folder {path} holds something that is no world; needed an empty folder or none, "
            "name another"
        )


def _finished(path: Path, wanted: WorldSettings) -> Library:
    """Return the library at ``path``; ConfigError unless it is the world ``wanted``."""
    library = open_library(path)
    found = library.settings.world
    if found is None:
        raise ConfigError(f"the library at {path} is no synthetic world; name another folder")
    if found != wanted:
        raise ConfigError(
            f"the world at {path} has {found.people} people, {found.photos} photos and seed "
            f"{found.seed}, needed {wanted.people}, {wanted.photos} and {wanted.seed}; "
            "name another folder, or remove it"
        )
    return library


@contextmanager
def _only_builder(path: Path) -> Iterator[None]:
    """Hold the folder's mark; it is removed at the end where a library is there."""
    if (path / "library.json").exists() and not (path / _UNFINISHED).exists():
        yield
        return
    handle = os.open(path / _UNFINISHED, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"another process is making the world at {path}; wait for it"
            ) from None
        yield
        (path / _UNFINISHED).unlink(missing_ok=True)
    finally:
        os.close(handle)


def _clear(path: Path) -> None:
    """Remove what a builder left that did not come to its end."""
    for name in _MADE:
        if (path / name).exists():
            shutil.rmtree(path / name)
    for name in _FILES:
        (path / name).unlink(missing_ok=True)


def _fill(path: Path, settings: WorldSettings, tell: Callable[[Progress], None]) -> None:
    """Write log, graph and shards of a world into ``path``."""
    began = time.monotonic()
    world = World(people=settings.people, photos=settings.photos, seed=settings.seed)
    (path / "shards").mkdir(mode=0o700)
    ready = 0

    def step() -> None:
        tell(
            Progress(
                found=settings.photos,
                done=ready,
                per_second=ready / max(time.monotonic() - began, 1e-9),
                running=True,
                message=f"building a synthetic world: {ready} of {settings.photos} photos",
            )
        )

    step()
    with ExitStack() as held:
        log = held.enter_context(closing(SqliteLog(path / "log.sqlite")))
        shards = [held.enter_context(ShardFilling(_config(path, shard))) for shard in range(SHARDS)]
        _introduce(world, log)
        # Closed before the log and the shards, also when a step fails: it has processes.
        blocks = made_blocks(world, settings, SHARDS, log.latest() + 1)
        for block in held.enter_context(closing(blocks)):
            log.load(block.rows)
            for shard, segment in zip(shards, block.segments, strict=True):
                if segment:
                    shard.add(segment)
            ready += block.photos
            step()
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            list(pool.map(lambda shard: shard.finish(log.latest()), shards))


def _config(path: Path, shard: int) -> ShardConfig:
    return ShardConfig(directory=path / "shards" / str(shard), shard=shard, shards=SHARDS)


def _introduce(world: World, log: SqliteLog) -> None:
    """Write people, friendships and blocks."""
    writes: list[PutPerson | PutFriendship | PutBlock] = [
        *(PutPerson(person, name) for person, name in enumerate(world.names, start=1)),
        *(PutFriendship(a, b) for a, b in world.friendships.tolist()),
        *(PutBlock(a, b) for a, b in world.blocked.tolist()),
    ]
    log.load(rows_of_graph(writes, first_sequence=1))
