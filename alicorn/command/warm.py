"""`alicorn warm`: compile every kernel, or load what was compiled before.

Kernels compile when they are first called, a minute or two in all, and are kept on disk; a process
still spends about a second on loading them. So a library of a few made-up photos is searched in
every way, in memory and from segments, before anybody waits for an answer.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from aggregator.top.models import TopModels
from alicorn.api.search.v1 import search_pb2
from alicorn.command.console import talk
from alicorn.command.library import LibrarySettings, create_library
from alicorn.command.tiers import LocalTiers
from alicorn.config.serving import ServingConfig
from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.errors import AlicornError, NotFound
from alicorn.log import PutBlock, PutDocument, PutFriendship, PutPerson, Write
from alicorn.query import parse
from indexserver.execution.answers import Order
from indexserver.search import ShardSearch
from indexserver.shard import Shard

__all__ = ["warm"]

_SILENT_S: Final = 4.0
"""Loading compiled kernels takes less; compiling them takes more."""

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


_CODE: Final = "visual:" + "0f" * 32

_EXPRESSIONS: Final = (
    "(or tag:cat tag:dog (and tag:cat text:dog) author:2)",
    "(and tag:ca* (range taken-at 0 *) (difference (all) author:3))",
    "(weak-and tag:cat (term tag:dog :optional-hits 1) "
    "(strong-or (term author:2 :optional-weight 0.5) tag:dog))",
    f"(or (nn {_CODE} :k 3 :within tag:cat) (nn {_CODE} :radius 9))",
    "(ids author: @0 :weight 0.5)",
    "(extract author: tag:cat)",
)
"""Operators that the queries above do not reach, straight to the shards."""


def warm(models: Callable[[], TopModels] | None = None) -> None:
    """Make this process, and by the cache on disk every later one, answer at full speed.

    The first time it says what it waits for.

    Parameters
    ----------
    models : callable, optional
        Gives the models where the process has them for something else, too.
    """
    notice = threading.Timer(
        _SILENT_S, lambda: talk.print("compiling the kernels: a minute or two, once")
    )
    notice.daemon = True
    notice.start()
    try:
        _ask_everything(models)
    finally:
        notice.cancel()


def _ask_everything(models: Callable[[], TopModels] | None) -> None:
    with tempfile.TemporaryDirectory(prefix="alicorn-warm-") as folder:
        library = create_library(
            Path(folder) / "library",
            LibrarySettings(name="warm", photos=folder, shards=1),
        )
        with LocalTiers(library, serving=_PATIENT, writable=True, shared=models) as tiers:
            tiers.log.append(_writes())
            tiers.catch_up()
            _search(tiers)
            tiers.tail.stop()
            _search(tiers)
            for shard in tiers.shards:
                _search_shard(shard)


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


def _search_shard(shard: Shard) -> None:
    arrays = (np.array([2, 3], dtype=np.uint64),)
    searches = [
        ShardSearch(expression=parse(text), id_arrays=arrays, order=order)
        for text in _EXPRESSIONS
        for order in Order
    ]
    for answer in (*map(shard.search, searches), *shard.search_many(searches)):
        if isinstance(answer, AlicornError):
            raise answer
