"""Writes: every change that the world of photos and people can take.

A write is checked when it is made, so that whoever holds one holds a possible one; whether the
photos and people it names exist is for the log to say. Ids are in 1..2^63-1, so that every backend
can keep them as signed integers.

Each write may carry an ``idempotency_key``: two writes with the same key are one, however often a
caller tries again. Empty means none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from alicorn.documents import Audience, PhotoDocument
from alicorn.errors import BadRequest

__all__ = [
    "MAX_ID",
    "MAX_KEY_CHARS",
    "DeleteDocument",
    "PutBlock",
    "PutDocument",
    "PutFriendship",
    "PutPerson",
    "RemoveBlock",
    "RemoveFriendship",
    "SetAudience",
    "Write",
]

MAX_ID: Final = 2**63 - 1
"""Greatest id of a photo or person in the log."""

MAX_KEY_CHARS: Final = 128
"""Longest idempotency key, in characters."""


def _check_id(name: str, value: int) -> None:
    if not 1 <= value <= MAX_ID:
        raise BadRequest(f"{name} must be in 1..{MAX_ID}, got {value}")


def _check_key(key: str) -> None:
    if len(key) > MAX_KEY_CHARS:
        raise BadRequest(
            f"idempotency key must have at most {MAX_KEY_CHARS} characters, got {len(key)}"
        )


def _check_audience(audience: Audience) -> None:
    for member in audience.members:
        _check_id("member of an audience", member)


@dataclass(frozen=True, slots=True)
class PutDocument:
    """Add or replace a photo.

    With ``document.id`` 0 the log assigns the id: that of the author's live photo with the same
    content hash, which then also keeps its audience (a scanner that finds a moved file again must
    not widen what its owner narrowed), else the next free one. With an id, the document replaces
    whatever had it, audience included.
    """

    document: PhotoDocument
    idempotency_key: str = ""

    def __post_init__(self) -> None:
        if self.document.id:
            _check_id("photo", self.document.id)
        if self.document.author:
            _check_id("author", self.document.author)
        _check_audience(self.document.audience)
        _check_key(self.idempotency_key)


@dataclass(frozen=True, slots=True)
class DeleteDocument:
    """Remove a photo. Deleting it again is acknowledged again."""

    id: int
    idempotency_key: str = ""

    def __post_init__(self) -> None:
        _check_id("photo", self.id)
        _check_key(self.idempotency_key)


@dataclass(frozen=True, slots=True)
class PutPerson:
    """Add or rename a person."""

    id: int
    name: str
    idempotency_key: str = ""

    def __post_init__(self) -> None:
        _check_id("person", self.id)
        if not self.name.strip():
            raise BadRequest(f"person {self.id} must have a name, got {self.name!r}")
        _check_key(self.idempotency_key)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two different people."""

    a: int
    b: int
    idempotency_key: str = ""

    def __post_init__(self) -> None:
        _check_id("person", self.a)
        _check_id("person", self.b)
        if self.a == self.b:
            raise BadRequest(f"a pair must be two different people, got {self.a} twice")
        _check_key(self.idempotency_key)


@dataclass(frozen=True, slots=True)
class PutFriendship(_Pair):
    """Make two people friends, each of the other."""


@dataclass(frozen=True, slots=True)
class RemoveFriendship(_Pair):
    """End a friendship in both directions; without one, nothing changes."""


@dataclass(frozen=True, slots=True)
class PutBlock(_Pair):
    """``a`` blocks ``b``: neither sees the other's photos. A friendship is kept, but beaten."""


@dataclass(frozen=True, slots=True)
class RemoveBlock(_Pair):
    """``a`` no longer blocks ``b``; a block by ``b`` stays."""


@dataclass(frozen=True, slots=True)
class SetAudience:
    """Change who may see a photo, and nothing else of it."""

    id: int
    audience: Audience
    idempotency_key: str = ""

    def __post_init__(self) -> None:
        _check_id("photo", self.id)
        _check_audience(self.audience)
        _check_key(self.idempotency_key)


Write: TypeAlias = (
    PutDocument
    | DeleteDocument
    | PutPerson
    | PutFriendship
    | RemoveFriendship
    | PutBlock
    | RemoveBlock
    | SetAudience
)
"""Any change."""
