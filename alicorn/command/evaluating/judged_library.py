"""A library of judged photos in which nothing but the picture tells what it shows.

The folder names say what the photos of Caltech-101 show, so they must not be searchable: the judged
library gives every photo an empty album and caption. One person has taken all of them, another one
searches.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alicorn.command.index import fill
from alicorn.command.library import Library, LibrarySettings, create_library
from alicorn.command.tiers import LocalTiers
from alicorn.config.places import library_of_folder
from alicorn.config.serving import ServingConfig
from alicorn.documents import Audience, AudienceKind
from alicorn.errors import NotFound
from ranker.training.judgements import Judgements
from understanding.photos.scan import scan
from understanding.photos.sidecar import PhotoEntry, Shelf, ShelfPerson

__all__ = ["AUTHOR", "SHARDS", "VIEWER", "WHOLE", "judged_library", "uris_of"]

VIEWER: Final = 1
"""Who searches."""

AUTHOR: Final = 2
"""Whose photos they all are."""

SHARDS: Final = 2

WHOLE: Final = ServingConfig(
    retrieve_limit=5_000,
    shard_hits=2_500,
    rack_hits=5_000,
    search_timeout_s=60.0,
    shard_timeout_s=30.0,
)
"""Whole candidate sets: what is measured or learnt is the order, not where a page ends."""


def judged_library(photos: Path, path: Path | None) -> Library:
    """Return the judged library of the folder ``photos``, made or brought up to date.

    Raises
    ------
    NotFound
        If the folder has no photos at ``caltech101/<label>/``.
    """
    folder = photos.expanduser().resolve()
    if not folder.is_dir():
        raise NotFound(f"found no folder at {photos}, needed one with caltech101/<label>/")
    found = scan(folder).photos
    if not Judgements.of(photo.uri for photo in found).labels:
        raise NotFound(f"found no photos at {photos}/caltech101/<label>/, needed judged ones")
    where = path or Path(f"{library_of_folder(folder)}-judged")
    library = create_library(
        where, LibrarySettings(name="Judged photos", photos=str(folder), shards=SHARDS)
    )
    said = PhotoEntry(owner=AUTHOR, audience=Audience(AudienceKind.PUBLIC), album="")
    shelf = Shelf(
        people=(ShelfPerson(VIEWER, "Viewer"), ShelfPerson(AUTHOR, "Photographer")),
        photos={photo.uri: said for photo in found},
    )
    fill(library, workers=0, shelf=shelf)
    return library


def uris_of(tiers: LocalTiers) -> dict[int, str]:
    """Return the uri of every photo in the log, by id."""
    return {photo: document.uri for photo, document in tiers.documents()}
