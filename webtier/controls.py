"""What the page may do beside asking: open a shelf, take photos in, stop shards, end friendships.

Only where the page serves its own machine: without viewer tokens and on loopback. Elsewhere there
is no `Controls`, the routes do not exist, and nothing of them is shown. What these calls change,
everybody on this machine sees: there is one shelf open at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

__all__ = ["Controls", "Friend", "ShardSwitch", "ShelfOffer", "ShelfState"]


class ShelfState(StrEnum):
    """How far a shelf is from being searched."""

    OPEN = "open"
    """It is the one that answers."""
    READY = "ready"
    """It has been made, and opens at once."""
    ABSENT = "absent"
    """It is made when it is first opened."""
    PREPARING = "preparing"
    """It is being made, and opens when that is done."""
    FAILED = "failed"
    """It could not be made; `ShelfOffer.message` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfOffer:
    """A shelf that can be opened."""

    key: str
    """Short name for addresses, as "sample", "world", "pictures", "dropped", "folder"."""
    title: str
    """For people, as "A synthetic world"."""
    about: str
    """What is in it, in a sentence."""
    state: ShelfState
    photos: int | None = None
    """How many pictures it holds, or would hold; None when that is not known."""
    at_least: bool = False
    """Counting was cut short: there are ``photos`` or more."""
    percent: int = 0
    """How far it is being made, in [0, 100]."""
    message: str = ""
    """What is being done, or what failed."""


@dataclass(frozen=True, slots=True)
class ShardSwitch:
    """One shard of the open shelf."""

    number: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class Friend:
    """Somebody whose photos for friends one may see."""

    id: int
    name: str


class Controls(Protocol):
    """Implementations are thread-safe and answer at once; long work goes on behind them.

    All methods raise subclasses of `alicorn.errors.AlicornError`.
    """

    def shelves(self) -> tuple[ShelfOffer, ...]:
        """Return the shelves that can be opened, the open one among them."""
        ...

    def open_shelf(self, key: str) -> None:
        """Open a shelf, or begin to make it; it answers when `shelves` says that it is open.

        Raises
        ------
        NotFound
            If no shelf has this key.
        """
        ...

    def shards(self) -> tuple[ShardSwitch, ...]:
        """Return the shards of the open shelf, by number."""
        ...

    def stop_shard(self, number: int) -> None:
        """Let a shard answer nothing any more, as if its process were dead."""
        ...

    def start_shard(self, number: int) -> None:
        """Let a shard answer again."""
        ...

    def friends(self, viewer: int) -> tuple[Friend, ...]:
        """Return the friends of ``viewer``, by id; on the sample shelf and in a world only."""
        ...

    def end_friendship(self, viewer: int, friend: int) -> None:
        """End a friendship; it counts when this returns."""
        ...

    def make_friends(self, viewer: int, friend: int) -> None:
        """Make two people friends again."""
        ...

    @property
    def most_dropped_bytes(self) -> int:
        """Size of the largest file that `drop` takes."""
        ...

    def drop(self, name: str, chunks: Iterator[bytes]) -> None:
        """Take in one file that somebody dropped on the page, to be understood and searched.

        It is kept in the shelf "dropped", which is opened; the same file again changes nothing.

        Parameters
        ----------
        name : str
            Its path as the browser says it, as "Holidays/IMG_1.jpg"; never trusted.
        chunks : iterator of bytes
            Its content.

        Raises
        ------
        BadRequest
            If it is no picture of a kind that can be understood, too large, or empty.
        OutOfSpace
            If the disk is full; nothing is kept of it then.
        """
        ...
