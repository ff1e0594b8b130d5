"""`alicorn warm`: compile every kernel, or load what was compiled before.

Kernels compile when they are first called, some ten seconds in all, and are kept on disk; a process
still spends about a second on loading them. So a library of a few made-up photos is searched in
every way, in memory and from segments, before anybody waits for an answer.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from alicorn.api.search.v1 import search_pb2
from alicorn.command.library import LibrarySettings, create_library
from alicorn.command.tiers import LocalTiers
from alicorn.config.serving import ServingConfig
from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.errors import NotFound
from alicorn.log import PutBlock, PutDocument, PutFriendship, PutPerson, Write

__all__ = ["warm"]

_PATIENT: Final = ServingConfig(shard_timeout_s=600.0, search_timeout_s=600.0)

_PHOTO: Final = PhotoDocument(
    author=2,
    audience=Audience(AudienceKind.PUBLIC),
    caption="a cat and a dog",
    tags=(Tag("cat", 0.9), Tag("dog", 0.4)),
    visual=b"\x0f" * 32,
    fingerprint=b"\x33" * 32,
    fingerprint_quality=100,
    taken_at=0,
    width=4,
    height=3,
)

_QUERIES: Final = (
    ("cat dog", False),
    ("(all)", True),
    ("(difference (or tag:cat text:ca*) (and tag:dog author:3))", True),
)


def warm() -> None:
    """Make this process, and by the cache on disk every later one, answer at full speed."""
    with tempfile.TemporaryDirectory(prefix="alicorn-warm-") as folder:
        library = create_library(
            Path(folder) / "library",
            LibrarySettings(name="warm", photos=folder, shards=1),
        )
        with LocalTiers(library, serving=_PATIENT, writable=True) as tiers:
            tiers.log.append(_writes())
            tiers.catch_up()
            _search(tiers)
            tiers.tail.stop()
            _search(tiers)


def _writes() -> list[Write]:
    people: list[Write] = [PutPerson(number, f"Person {number}") for number in (1, 2, 3, 4)]
    photos: list[Write] = [
        PutDocument(
            replace(_PHOTO, content_hash=bytes([number]) * 32, author=author, sort_key=number)
        )
        for number, author in enumerate((2, 2, 3, 1, 4))
    ]
    return [*people, PutFriendship(1, 2), PutBlock(4, 1), *photos]


def _search(tiers: LocalTiers) -> None:
    for query, is_expression in _QUERIES:
        request = search_pb2.SearchRequest(
            query=query, is_expression=is_expression, without_cutoff=True
        )
        response = tiers.search.search(request)
        for module in response.modules:
            explained = search_pb2.ExplainRequest(search=request, photo_id=module.photos[0].id)
            try:
                tiers.search.explain(explained)
            except NotFound:
                continue
