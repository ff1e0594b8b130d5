"""`shelf.toml`: whose photos a folder holds, who may see them, and what people say of them.

A picture does not say who owns it. A folder may carry this file at its root::

    [[people]]
    id = 1
    name = "Ada"

    [[people]]
    id = 2
    name = "Ben"

    [[friendships]]
    between = [1, 2]

    [photos."2024/beach.jpg"]
    owner = 1                        # default: the first person
    audience = "friends"             # public, friends, list, only-me (default)
    members = []                     # people of the list, for audience "list"
    caption = "Finally warm enough"
    taken_at = 2024-05-01T10:00:00   # local time; default: the camera's clock
    tagged = [2]                     # people in the picture
    album = "Beach"                  # default: the photo's folder
    place = "Lisbon, PT"             # default: the city nearest to the camera's position

Without the file, or for a photo that it does not name, everything belongs to the first person
("Me" where nobody is named) and nobody else sees it.
"""

from __future__ import annotations

import os
import stat
import tomllib
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Any, Final

from alicorn.documents import Audience, AudienceKind, PhotoDocument, Place
from alicorn.documents.model import static_rank
from alicorn.errors import ConfigError
from alicorn.log.writes import MAX_ID
from understanding.photos.geo import find_city

__all__ = ["SHELF_FILE", "PhotoEntry", "Shelf", "ShelfPerson", "load_shelf", "parse_shelf"]

SHELF_FILE: Final = "shelf.toml"

MAX_SHELF_BYTES: Final = 64 * 1024 * 1024
"""Some hundred thousand photos, each with its caption."""
MAX_CAPTION_CHARACTERS: Final = 2_000

_ONLY_ME: Final = Audience(AudienceKind.ONLY_ME)

_AUDIENCES: Final = {
    "public": AudienceKind.PUBLIC,
    "friends": AudienceKind.FRIENDS,
    "list": AudienceKind.LIST,
    "only-me": AudienceKind.ONLY_ME,
}
_SHELF_KEYS: Final = frozenset({"people", "friendships", "photos"})
_PHOTO_KEYS: Final = frozenset(
    {"owner", "audience", "members", "caption", "taken_at", "tagged", "album", "place"}
)


@dataclass(frozen=True, slots=True)
class ShelfPerson:
    """Somebody whom the shelf knows."""

    id: int
    name: str


ME: Final = ShelfPerson(1, "Me")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoEntry:
    """What is known of one photo from outside the picture."""

    owner: int
    audience: Audience = _ONLY_ME
    caption: str = ""
    taken_at: int | None = None
    """Naive local seconds since 1970-01-01; None leaves the camera's time."""
    tagged: tuple[int, ...] = ()
    """Ascending."""
    album: str | None = None
    """None is the photo's folder."""
    place: Place | None = None
    """None leaves the city nearest to the camera's position."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """People, friendships and what is said of photos."""

    people: tuple[ShelfPerson, ...] = (ME,)
    """At least one; the first owns what nobody is named for."""
    friendships: tuple[tuple[int, int], ...] = ()
    """Pairs of ids, the smaller first, ascending."""
    photos: Mapping[str, PhotoEntry] = field(default_factory=dict)
    """By uri."""

    def entry(self, uri: str) -> PhotoEntry:
        """Return what is said of the photo at ``uri``, or the defaults."""
        return self.photos.get(uri) or PhotoEntry(owner=self.people[0].id)

    def describe(self, document: PhotoDocument, uri: str) -> PhotoDocument:
        """Return ``document`` as the photo at ``uri``: with its owner, audience, caption ...

        Only what is not in the picture changes, so a photo that was moved, or of which the shelf
        now says something else, need not be understood again.
        """
        entry = self.entry(uri)
        taken_at = document.taken_at if entry.taken_at is None else entry.taken_at
        return replace(
            document,
            uri=uri,
            author=entry.owner,
            audience=entry.audience,
            caption=entry.caption,
            tagged=entry.tagged,
            album=_folder_of(uri) if entry.album is None else entry.album,
            place=document.place if entry.place is None else entry.place,
            taken_at=taken_at,
            sort_key=static_rank(taken_at),
        )

    def digest(self, uri: str) -> bytes:
        """Return 16 bytes that change whenever `describe` would say something else of ``uri``."""
        return blake2b(repr((uri, self.entry(uri))).encode(), digest_size=16).digest()


def load_shelf(folder: Path) -> Shelf:
    """Read ``folder/shelf.toml``; a folder without one has the default `Shelf`.

    Raises
    ------
    ConfigError
        If the file cannot be read, is no TOML, or says something that cannot be.
    """
    path = folder / SHELF_FILE
    try:
        text = _read(path)
    except FileNotFoundError:
        return Shelf()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return parse_shelf(text, str(path))


def parse_shelf(text: str, name: str = SHELF_FILE) -> Shelf:
    """Parse the text of a ``shelf.toml``; ``name`` is for the messages. Errors as `load_shelf`."""
    try:
        table = tomllib.loads(text)
    # Also what the parser trips over: numbers of thousands of digits, brackets without end.
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: not TOML: {error}") from error
    _known_keys(table, _SHELF_KEYS, name)
    people = _people(table.get("people", []), name)
    known = frozenset(person.id for person in people)
    photos = table.get("photos", {})
    if not isinstance(photos, dict):
        raise ConfigError(f'{name}: photos must be tables like [photos."a.jpg"]')
    return Shelf(
        people=people,
        friendships=_friendships(table.get("friendships", []), known, name),
        photos={
            _uri(uri, name): _photo(entry, people, known, f'{name}: photos."{uri}"')
            for uri, entry in photos.items()
        },
    )


def _read(path: Path) -> str:
    """Return the text of a regular file of at most `MAX_SHELF_BYTES`; OSError else."""
    # Not blocking, or a named pipe in the folder would hold everything up for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError("not a regular file")
        if found.st_size > MAX_SHELF_BYTES:
            raise OSError(f"{found.st_size} bytes, at most {MAX_SHELF_BYTES} are read")
        return file.read(MAX_SHELF_BYTES).decode("utf-8")


def _people(found: object, name: str) -> tuple[ShelfPerson, ...]:
    people: dict[int, ShelfPerson] = {}
    for entry in _tables(found, f"{name}: people"):
        where = f"{name}: people"
        _known_keys(entry, frozenset({"id", "name"}), where)
        number = _integer(entry.get("id"), f"{where}: id")
        if not 1 <= number <= MAX_ID:
            raise ConfigError(f"{where}: id must be in 1..{MAX_ID}, got {number}")
        if number in people:
            raise ConfigError(f"{where}: id {number} is given twice")
        called = _string(entry.get("name"), f"{where}: name of {number}").strip()
        if not called:
            raise ConfigError(f"{where}: person {number} needs a name")
        people[number] = ShelfPerson(number, called)
    return tuple(people.values()) or (ME,)


def _friendships(found: object, known: frozenset[int], name: str) -> tuple[tuple[int, int], ...]:
    pairs: set[tuple[int, int]] = set()
    for entry in _tables(found, f"{name}: friendships"):
        where = f"{name}: friendships"
        _known_keys(entry, frozenset({"between"}), where)
        between = _ids(entry.get("between"), known, f"{where}: between")
        if len(between) != 2:
            raise ConfigError(f"{where}: between needs two people, got {list(between)}")
        pairs.add((between[0], between[1]))
    return tuple(sorted(pairs))


def _photo(
    found: object, people: tuple[ShelfPerson, ...], known: frozenset[int], where: str
) -> PhotoEntry:
    if not isinstance(found, dict):
        raise ConfigError(f"{where} must be a table, got {type(found).__name__}")
    _known_keys(found, _PHOTO_KEYS, where)
    owner = _integer(found.get("owner", people[0].id), f"{where}: owner")
    if owner not in known:
        raise ConfigError(f"{where}: owner {owner} is not among the people {sorted(known)}")
    caption = _string(found.get("caption", ""), f"{where}: caption")
    if len(caption) > MAX_CAPTION_CHARACTERS:
        raise ConfigError(
            f"{where}: caption of {len(caption)} characters, at most {MAX_CAPTION_CHARACTERS}"
        )
    album = found.get("album")
    return PhotoEntry(
        owner=owner,
        audience=_audience(found, known, where),
        caption=caption,
        taken_at=_taken_at(found.get("taken_at"), f"{where}: taken_at"),
        tagged=_ids(found.get("tagged", []), known, f"{where}: tagged"),
        album=None if album is None else _string(album, f"{where}: album"),
        place=_place(found.get("place"), f"{where}: place"),
    )


def _audience(found: Mapping[str, object], known: frozenset[int], where: str) -> Audience:
    written = found.get("audience", "only-me")
    kind = _AUDIENCES.get(written) if isinstance(written, str) else None
    if kind is None:
        raise ConfigError(f"{where}: audience must be one of {list(_AUDIENCES)}, got {written!r}")
    members = _ids(found.get("members", []), known, f"{where}: members")
    if members and kind is not AudienceKind.LIST:
        raise ConfigError(f'{where}: members need audience "list", got {written!r}')
    return Audience(kind, members)


def _taken_at(found: object, where: str) -> int | None:
    if found is None:
        return None
    when = found
    if isinstance(found, str):
        try:
            when = datetime.fromisoformat(found)
        except ValueError:
            when = None
    if not isinstance(when, datetime) or when.tzinfo is not None:
        raise ConfigError(f"{where} must be a local time like 2024-05-01T10:00:00, got {found!s}")
    return timegm(when.timetuple())


def _place(found: object, where: str) -> Place | None:
    if found is None:
        return None
    written = _string(found, where)
    place = find_city(written)
    if place is None:
        raise ConfigError(f'{where} must be a city like "Paris" or "Paris, US", got {written!r}')
    return place


def _uri(written: str, name: str) -> str:
    path = PurePosixPath(written)
    if path.is_absolute() or ".." in path.parts or str(path) != written:
        raise ConfigError(f"{name}: photos are named by a path below the folder, got {written!r}")
    return written


def _folder_of(uri: str) -> str:
    """Return the folder of ``uri``, empty at the root."""
    return uri.rpartition("/")[0]


def _ids(found: object, known: frozenset[int], where: str) -> tuple[int, ...]:
    if not isinstance(found, list):
        raise ConfigError(f"{where} must be a list of people, got {found!r}")
    ids = {_integer(number, where) for number in found}
    if unknown := ids - known:
        raise ConfigError(f"{where}: {sorted(unknown)} are not among the people {sorted(known)}")
    return tuple(sorted(ids))


def _tables(found: object, where: str) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise ConfigError(f"{where} must be a list of tables")
    return found


def _integer(found: object, where: str) -> int:
    if not isinstance(found, int) or isinstance(found, bool):
        raise ConfigError(f"{where} must be a whole number, got {found!r}")
    return found


def _string(found: object, where: str) -> str:
    if not isinstance(found, str):
        raise ConfigError(f"{where} must be text, got {found!r}")
    return found


def _known_keys(table: Mapping[str, object], known: frozenset[str], where: str) -> None:
    if unknown := set(table) - known:
        raise ConfigError(f"{where}: unknown {sorted(unknown)}, known are {sorted(known)}")
