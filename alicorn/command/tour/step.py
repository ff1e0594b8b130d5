"""What a step of the tour is: texts, what would be typed, and what it does and checks.

A claim that does not hold ends the tour with an error, so a tour that is read to its end was true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from alicorn.api.search.v1 import search_pb2
from alicorn.command.tour.stage import BEN, Stage
from alicorn.errors import AlicornError

__all__ = ["THING", "Outcome", "Step", "claim", "friends_photo", "ids_of", "name_of", "photos_of"]

THING: Final = "coffee"
"""What is looked for: Ben, a friend, has a photo of it, for friends only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a step found, as a table and as data."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    found: dict[str, Any]
    """For programs."""
    lines: list[str] = field(default_factory=list)
    """Said under the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step; texts are for people who have read nothing else."""

    title: str
    says: str
    """What will happen."""
    typed: Callable[[Stage], list[str]]
    """Commands or calls that do the same."""
    play: Callable[[Stage], Outcome]
    notice: str
    """What to look at in the table."""


def claim(holds: bool, what: str) -> None:
    """Raise AlicornError unless what the tour says of itself ``holds``; ``what`` was found."""
    if not holds:
        raise AlicornError(f"the tour claims what does not hold: {what}")


def photos_of(answer: search_pb2.SearchResponse) -> list[search_pb2.Photo]:
    """Return the photos of an answer in page order."""
    return [photo for module in answer.modules for photo in module.photos]


def ids_of(answer: search_pb2.SearchResponse) -> list[int]:
    """Return every photo of an answer in page order, those folded behind one right after it."""
    return [
        number
        for photo in photos_of(answer)
        for number in (photo.id, *(copy.id for copy in photo.similar))
    ]


def name_of(photo: search_pb2.Photo) -> str:
    """Return what a photo is called, with how many stand behind it."""
    return photo.uri + (f" (+{len(photo.similar)})" if photo.similar else "")


def friends_photo(stage: Stage) -> search_pb2.Photo:
    """Return the photo of Ben's that answers the first step."""
    photos = photos_of(stage.search(THING))
    claim(
        bool(photos) and photos[0].author == BEN,
        f"“{THING}” found {photos[0].uri if photos else 'nothing'} first, needed a photo of Ben's",
    )
    return photos[0]
