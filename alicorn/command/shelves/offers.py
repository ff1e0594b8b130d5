"""Which shelves can be opened: the one that `up` was started with, and what stands beside it.

folder      what `up` was started with, where it is none of the others
sample      the sample shelf
world       the synthetic world, made when it is first opened
pictures    the machine's pictures folder, where it has one with pictures in it
dropped     what was dropped on the page, once something was
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from alicorn.command.library import (
    Library,
    LibrarySettings,
    Progress,
    create_library,
    open_library,
)
from alicorn.command.opening import lay_out_sample, make_library, make_sample
from alicorn.command.shelves.pictures import PicturesCount
from alicorn.config.cluster import DEFAULT_SHARDS
from alicorn.config.places import dropped_home, library_of_folder, sample_library, world_library
from alicorn.errors import AlicornError

__all__ = ["DROPPED", "FOLDER", "PICTURES", "SAMPLE", "WORLD", "Offer", "Offers", "WorldPlan"]

FOLDER: Final = "folder"
SAMPLE: Final = "sample"
WORLD: Final = "world"
PICTURES: Final = "pictures"
DROPPED: Final = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldPlan:
    """Which world is offered."""

    people: int = 2_000
    photos: int = 100_000
    seed: int = 7

    @property
    def path(self) -> Path:
        """Where its library is kept."""
        return world_library(self.people, self.photos, self.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A shelf that can be opened, whatever is being done with it now."""

    key: str
    title: str
    about: str
    path: Path
    """Where its library is, or will be."""
    library: Callable[[], Library]
    """Opens the library, making what is missing of it; raises `AlicornError`."""
    photos: int | None = None
    """How many pictures it holds, or would hold; None when that is not known."""
    at_least: bool = False
    """Counting was cut short."""

    @property
    def is_there(self) -> bool:
        """Whether its library has been made."""
        return (self.path / "library.json").is_file()


class Offers:
    """The shelves of this machine.

    Parameters
    ----------
    started : Library
        What `up` was started with.
    start : callable
        Makes what is missing of it where it is a folder, and returns it.
    say : callable
        Told what is being done, where it takes time.
    world : WorldPlan
    pictures : PicturesCount
    """

    def __init__(
        self,
        started: Library,
        *,
        start: Callable[[], Library],
        say: Callable[[str], None],
        world: WorldPlan,
        pictures: PicturesCount,
    ) -> None:
        self._started = started
        self._start = start
        self._say = say
        self._world = world
        self._pictures = pictures
        self.started = self._key_of(started)
        """Key of the shelf that `up` was started with."""

    def all(self) -> tuple[Offer, ...]:
        """Return what can be opened now, the one that `up` was started with first."""
        offers = {offer.key: offer for offer in self._offers()}
        return (offers.pop(self.started), *offers.values())

    def find(self, key: str) -> Offer | None:
        """Return the offer of ``key``, if there is one."""
        return next((offer for offer in self.all() if offer.key == key), None)

    def _key_of(self, library: Library) -> str:
        places = {
            self._world.path: WORLD,
            sample_library(): SAMPLE,
            dropped_home() / "library": DROPPED,
        }
        at = library.path.resolve()
        for path, key in places.items():
            if path.resolve() == at:
                return key
        return FOLDER

    def _offers(self) -> Iterator[Offer]:
        if self.started == FOLDER:
            yield self._of_folder(self._started)
        yield Offer(
            key=SAMPLE,
            title="Sample shelf",
            about="A few real photographs of six people, to try things out.",
            path=sample_library(),
            library=self._sample,
            photos=_found(sample_library()),
        )
        yield Offer(
            key=WORLD,
            title="A synthetic world",
            about=(
                f"{self._world.photos:,} made-up photos of {self._world.people:,} made-up people, "
                "to see how fast a search is; the pictures are drawn tiles."
            ),
            path=self._world.path,
            library=lambda: open_library(self._world.path),
            photos=self._world.photos,
        )
        if (offer := self._of_pictures()) is not None:
            yield offer
        dropped = dropped_home()
        if self.started == DROPPED or (dropped / "photos").is_dir():
            yield self._of_dropped(dropped)

    def _of_folder(self, library: Library) -> Offer:
        world = library.settings.world
        return Offer(
            key=FOLDER,
            title=library.settings.name,
            about=(
                f"The photos in {library.photos}."
                if world is None
                else f"{world.photos:,} made-up photos of {world.people:,} made-up people."
            ),
            path=library.path,
            library=self._start,
            photos=_found(library.path),
        )

    def _sample(self) -> Library:
        library = make_sample(shards=_shards_of(sample_library()))
        lay_out_sample(library, self._say)
        return library

    def _of_pictures(self) -> Offer | None:
        """Return the offer of the pictures folder, once something was counted in it."""
        folder, counted = self._pictures.folder, self._pictures.counted
        if folder is None or counted is None or not counted.photos:
            return None
        if folder == self._started.photos.resolve():
            return None
        path = library_of_folder(folder)
        return Offer(
            key=PICTURES,
            title="Pictures on this machine",
            about=f"The photos in {folder}; they are only read.",
            path=path,
            library=lambda: make_library(folder, shards=_shards_of(path)),
            photos=counted.photos,
            at_least=counted.at_least,
        )

    def _of_dropped(self, home: Path) -> Offer:
        path = home / "library"

        def library() -> Library:
            photos = home / "photos"
            photos.mkdir(mode=0o700, parents=True, exist_ok=True)
            settings = LibrarySettings(
                name="Dropped photos", photos=str(photos.absolute()), shards=_shards_of(path)
            )
            return create_library(path, settings)

        return Offer(
            key=DROPPED,
            title="Dropped photos",
            about="What was dropped on this page; copies of it are kept here.",
            path=path,
            library=library,
            photos=_found(path),
        )


def _shards_of(path: Path) -> int:
    """Return how many shards the library at ``path`` has, or will have."""
    try:
        return open_library(path).settings.shards
    except AlicornError:
        return DEFAULT_SHARDS


def _found(path: Path) -> int | None:
    """Return how many photos the library at ``path`` knows of; None where nobody has looked.

    Pages ask often, so nothing else of the library is read.
    """
    try:
        progress = msgspec.json.decode((path / "progress.json").read_bytes(), type=Progress)
    except (OSError, msgspec.DecodeError):
        return None
    return progress.found or None
