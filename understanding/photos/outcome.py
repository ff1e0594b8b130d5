"""What goes into understanding a photo and what comes out: the types that processes exchange."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from alicorn.documents import PhotoDocument

__all__ = ["Failed", "FailureKind", "Item", "Outcome", "Understood"]


@dataclass(frozen=True, slots=True)
class Item:
    """One photo to understand."""

    path: str
    """Where the file is now."""
    uri: str
    """Path below the photo folder, with slashes: what the document says."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A photo that was understood."""

    document: PhotoDocument
    """Id 0; author, audience and caption are not in the picture, and are set by a `Shelf`."""
    thumbnail: bytes | None
    """JPEG; None when the same bytes were understood before, so that a thumbnail exists."""


class FailureKind(Enum):
    """Why a photo was not understood, by whether another try may help."""

    UNREADABLE = "unreadable"
    """The file is damaged, too large or no picture; it stays so until it changes."""
    TOO_COSTLY = "too-costly"
    """It took more time or memory than allowed; it stays so until it changes."""
    UNAVAILABLE = "unavailable"
    """The file or the model could not be used just now; the next run tries again."""
    VANISHED = "vanished"
    """The file went away meanwhile; nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A photo that was not understood; the others are not affected."""

    uri: str
    kind: FailureKind
    reason: str
    """One line, lower case, without the path."""


Outcome: TypeAlias = Understood | Failed
