"""The update log and the authoritative graph, as every other room sees them.

The log is the one place where writes are acknowledged; the graph is what the log's writes say of
friendships, blocks and audiences *now*. They change together: when `UpdateLog.append` has returned,
the write is on disk and counts in the graph, while the index may lag behind.

Who may see a photo, in this order (the first rule that fits decides):

1. its author, and nobody else before the rules below (OWN);
2. nobody who blocks the author or is blocked by the author;
3. everybody, if it is public (PUBLIC);
4. a friend of the author, if it is for friends (FRIEND): both halves of the friendship must stand;
5. a person on its list, if it is for a list (LISTED);
6. else nobody. A photo that is unknown, deleted, or of an unknown kind of audience is seen by
   nobody, and a graph that cannot be read raises: it never allows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from alicorn.log.entry import Entry
from alicorn.log.writes import Write

__all__ = [
    "Acknowledged",
    "AuthoritativeGraph",
    "Ids",
    "Person",
    "Reason",
    "Sight",
    "UpdateLog",
]

Ids: TypeAlias = npt.NDArray[np.uint64]
"""Ids of photos or people, one-dimensional."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A write that is on disk and counts."""

    sequence: int
    """Its place in the log."""
    id: int
    """Photo or person that it is about: the id assigned, for a new photo."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a name."""

    id: int
    name: str


class Reason(IntEnum):
    """Why a viewer may see a photo: the edge that made it visible."""

    NONE = 0
    """Not allowed."""
    OWN = 1
    PUBLIC = 2
    FRIEND = 3
    LISTED = 4


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What one viewer may see, of the photos asked about and in their order."""

    allowed: npt.NDArray[np.bool_]
    """Shape (photos,)."""
    reason: npt.NDArray[np.uint8]
    """Shape (photos,), values of `Reason`; NONE exactly where not allowed."""
    written: npt.NDArray[np.uint64]
    """Shape (photos,): `PhotoDocument.written` of the version that the sight is of; 0 where the
    photo is unknown or deleted. Another version was never checked, and must not be shown."""


class UpdateLog(Protocol):
    """Takes writes, keeps them, and gives them back in order. Safe for threads."""

    def append(self, entries: Sequence[Write]) -> list[Acknowledged]:
        """Append ``entries`` in order, all or none; return when they are on disk and count.

        A write whose idempotency key the log has seen is not written again: its first
        acknowledgement comes back.

        Returns
        -------
        list of Acknowledged
            One for each write, in their order.

        Raises
        ------
        BadRequest
            If a write names a person who is unknown, or a key that another write had.
        NotFound
            If a deletion or a new audience names a photo that is unknown.
        OutOfSpace
            If the disk is full or the log at its bound.
        TryElsewhere
            If the log is locked for too long, or closed.
        CorruptData
            If the log is damaged.
        """
        ...

    def read(
        self, after: int, limit: int, partitions: Collection[int] | None = None
    ) -> list[Entry]:
        """Return at most ``limit`` entries whose sequence is greater than ``after``, ascending.

        ``partitions`` keeps only those; name `GRAPH_PARTITION` among them to have people,
        friendships and blocks too. None means everything. The same call gives the same entries
        for ever, and entries never appear before one that was read.
        """
        ...

    def latest(self) -> int:
        """Return the sequence of the last entry; 0 for an empty log."""
        ...

    def wait(self, after: int, timeout_s: float) -> int:
        """Return `latest` as soon as it is greater than ``after``, or after ``timeout_s``.

        Raises
        ------
        TryElsewhere
            If the log is closed, also while waiting.
        """
        ...

    def close(self) -> None:
        """Give back files and connections. Other calls then raise TryElsewhere."""
        ...


class AuthoritativeGraph(Protocol):
    """Who is whose friend and who may see what, as the log has it. Safe for threads.

    Each call reads one consistent state: a batch of writes is seen whole or not at all. Every
    method raises TryElsewhere or CorruptData when the state cannot be read.
    """

    def people(self) -> list[Person]:
        """Return everybody, by ascending id."""
        ...

    def person(self, viewer: int) -> Person:
        """Return one person.

        Raises
        ------
        UnknownViewer
            If nobody has that id.
        """
        ...

    def friends(self, viewer: int) -> Ids:
        """Return the ids of the friends of ``viewer``, ascending, blocked ones included.

        Nobody for viewer 0. A friendship counts only when both of its halves are there.

        Raises
        ------
        UnknownViewer
            If nobody has that id.
        """
        ...

    def blocked(self, viewer: int) -> Ids:
        """Return whom ``viewer`` blocks and who blocks ``viewer``, ascending; nobody for 0.

        Raises
        ------
        UnknownViewer
            If nobody has that id.
        """
        ...

    def sight(self, viewer: int, ids: Ids) -> Sight:
        """Return which of the photos ``ids`` ``viewer`` may see, by the rules of this module.

        Parameters
        ----------
        viewer : int
            Person id; 0 is an anonymous viewer, who sees what is public.
        ids : uint64, shape (photos,)
            In any order; repeats are allowed.

        Raises
        ------
        UnknownViewer
            If ``viewer`` is not 0 and nobody has that id.
        ShapeError
            If ``ids`` is not one-dimensional.
        """
        ...

    def photo_of(self, author: int, content_hash: bytes) -> int:
        """Return the id that a new document of ``author`` with this content would get; 0 if none.

        The same photo as `PutDocument` finds for a document without an id: not deleted, the least
        of several. Empty content is no photo's.
        """
        ...

    def version(self) -> int:
        """Return the sequence of the last write that counts here."""
        ...

    def close(self) -> None:
        """Give back files and connections."""
        ...
