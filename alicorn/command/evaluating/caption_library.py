"""A library of captions: each image a document of four of its captions, without a picture.

The fifth is kept back to be asked for. Which one that is, a hash of the image's number decides, so
that it is the same for everybody and for ever. Captions come from the development data's
``captions/coco_val2017.jsonl``, one image a line:

    {"image": 139, "captions": ["A woman stands ...", ...]}
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from alicorn.command.evaluating.judged_library import AUTHOR, SHARDS, VIEWER
from alicorn.command.library import Library, LibrarySettings, create_library
from alicorn.command.tiers import LocalTiers
from alicorn.config.places import library_of_folder
from alicorn.documents import Audience, AudienceKind, PhotoDocument
from alicorn.errors import ConfigError, CorruptData, NotFound
from alicorn.files import write_whole
from alicorn.log import PutDocument, PutPerson, SqliteLog
from ranker.training.splits import coco_key

__all__ = ["FILE", "CaptionedImage", "caption_library", "read_captions"]

FILE = Path("captions") / "coco_val2017.jsonl"

_DIGEST_FILE = "captions.digest"


class _Line(msgspec.Struct):
    image: int
    captions: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionedImage:
    """An image that people have described."""

    key: str
    """As `ranker.training.splits` knows it, and its uri in the library."""
    asked: str
    """The caption that is asked for."""
    indexed: tuple[str, ...]
    """The others."""

    @property
    def text(self) -> str:
        """The indexed captions as one text."""
        return "\n".join(self.indexed)


def read_captions(path: Path) -> list[CaptionedImage]:
    """Return the images of ``path`` that have two captions at least, in the order of the file.

    Raises
    ------
    NotFound
        If there is no such file.
    CorruptData
        If a line is no image with captions, or an image stands in two.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise NotFound(f"found no captions at {path}: {error.strerror}") from None
    images = []
    for number, line in enumerate(lines, start=1):
        try:
            read = msgspec.json.decode(line, type=_Line)
        except msgspec.DecodeError as error:
            raise CorruptData(f"{path} line {number}: {error}") from None
        captions = [text for each in read.captions if (text := " ".join(each.split()))]
        if len(captions) > 1:
            images.append(_kept_back(coco_key(read.image), captions))
    if len({image.key for image in images}) < len(images):
        raise CorruptData(f"{path}: found an image in two lines, needed one line an image")
    return images


def _kept_back(key: str, captions: Sequence[str]) -> CaptionedImage:
    """Keep back the caption that the hash of the image's key names."""
    digest = hashlib.blake2b(f"{key}/asked".encode(), digest_size=8).digest()
    asked = int.from_bytes(digest, "big") % len(captions)
    others = tuple(text for place, text in enumerate(captions) if place != asked)
    return CaptionedImage(key=key, asked=captions[asked], indexed=others)


def caption_library(data: Path, images: Sequence[CaptionedImage], path: Path | None) -> Library:
    """Return the library of ``images``, made where there is none yet.

    Parameters
    ----------
    data : Path
        The development data; the library belongs to its captions.
    images : sequence of CaptionedImage
    path : Path or None
        Where it is kept; None is a place of the user's own.

    Raises
    ------
    ConfigError
        If the library there was made of other captions.
    """
    folder = (data / FILE).parent.expanduser().resolve()
    library = create_library(
        path or Path(f"{library_of_folder(folder)}-judged"),
        LibrarySettings(name="Captions", photos=str(folder), shards=SHARDS),
    )
    known = hashlib.blake2b(msgspec.json.encode([(i.key, i.text) for i in images])).hexdigest()
    digest = library.path / _DIGEST_FILE
    if digest.exists():
        if digest.read_text() != known:
            raise ConfigError(
                f"the library at {library.path} is of other captions; remove it, or choose another "
                "place with --library"
            )
        return library
    with closing(SqliteLog(library.log_path)) as log:
        if log.latest():
            raise ConfigError(
                f"the library at {library.path} was left half made; remove it, or choose another "
                "place with --library"
            )
        people = [PutPerson(VIEWER, "Viewer"), PutPerson(AUTHOR, "Writer")]
        log.append([*people, *_documents(images)])
    with LocalTiers(library, writable=True) as tiers:
        tiers.catch_up()
    write_whole(digest, known.encode())
    return library


def _documents(images: Sequence[CaptionedImage]) -> Iterator[PutDocument]:
    for image in images:
        yield PutDocument(
            PhotoDocument(
                uri=image.key,
                content_hash=hashlib.blake2b(image.key.encode(), digest_size=32).digest(),
                author=AUTHOR,
                audience=Audience(AudienceKind.PUBLIC),
                caption=image.text,
            )
        )
