"""The tiers of one library in one process: top, rack and shards as plain calls.

The same objects that `processes` starts one by one. Here the rack's one index server holds every
shard, and nobody opens a socket unless asked to.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from google.protobuf.message import Message

from aggregator.rack.handler import RackHandler
from aggregator.rack.merge import KnownServer
from aggregator.rack.policy import Rack
from aggregator.top.handler import TopHandler
from aggregator.top.models import TopModels
from aggregator.top.tokens import TokenKey
from aggregator.top.top import Top
from alicorn.api.index.v1 import index_pb2
from alicorn.api.search.v1 import search_pb2
from alicorn.command.library import Library
from alicorn.config.serving import ServingConfig
from alicorn.documents import PhotoDocument
from alicorn.errors import ShardLoading, Unsupported
from alicorn.log import PutDocument, SqliteGraph, SqliteLog, UpdateLog
from alicorn.telemetry import Metrics
from indexserver.config import ShardConfig
from indexserver.handler import IndexHandler
from indexserver.scoring.scorers import FIRST_STAGE_SCORER, Scorers
from indexserver.scoring.statistics import SHIPPED
from indexserver.shard import Shard
from indexserver.tail import LogTail
from ranker.models.shipped import FIRST_STAGE_FILE, FOLDER

__all__ = [
    "IndexCall",
    "LibrarySurroundings",
    "LocalTiers",
    "local_now",
    "open_shards",
    "tell_sequences",
]

_INDEX: Final = "index/0"
_LOG_BATCH: Final = 1_000
_MIB: Final = 1 << 20


def local_now() -> int:
    """Return this machine's local time as naive seconds since 1970-01-01."""
    return int((datetime.now().replace(microsecond=0) - datetime(1970, 1, 1)).total_seconds())


def open_shards(
    library: Library,
    shards: tuple[int, ...],
    *,
    writable: bool,
    models: Path = FOLDER,
    serving: ServingConfig | None = None,
) -> list[Shard]:
    """Open some shards of ``library``; only one process may open a shard ``writable``."""
    serving = serving or ServingConfig()
    budget = serving.shard_memory_mib * _MIB if serving.shard_memory_mib else None
    scorers = Scorers({FIRST_STAGE_SCORER: models / FIRST_STAGE_FILE})
    return [
        Shard(
            ShardConfig(
                directory=library.shard_path(shard),
                shard=shard,
                shards=library.settings.shards,
                memory_budget_bytes=budget,
                threads=serving.shard_threads,
                statistics=SHIPPED,
                writable=writable,
            ),
            scorers=scorers,
        ).open()
        for shard in shards
    ]


def tell_sequences(metrics: Metrics, log: UpdateLog, shards: Sequence[Shard]) -> None:
    """Let ``metrics`` tell how far the log is, and what of it each shard has made searchable."""

    def reached(shard: Shard) -> Callable[[], int]:
        return lambda: shard.sequence

    metrics.log_part("log", log.latest)
    for shard in shards:
        metrics.log_part(f"shard-{shard.config.shard}", reached(shard))


class LibrarySurroundings:
    """What the top needs of a library (`aggregator.top.top.Surroundings`)."""

    def __init__(self, library: Library) -> None:
        self._library = library

    @property
    def name(self) -> str:
        """Name of the library, for people."""
        return self._library.settings.name

    @property
    def sample(self) -> bool:
        """Whether the viewer may be switched."""
        return self._library.settings.sample

    @property
    def default_viewer(self) -> int:
        """Who is served when a request names nobody."""
        return self._library.settings.default_viewer

    def picture(self, photo_id: int) -> bytes:
        """Return the small picture of a photo."""
        return self._library.read_thumbnail(photo_id)

    def understanding(self) -> search_pb2.Understanding:
        """Return how far the photos have been understood."""
        progress = self._library.read_progress()
        return search_pb2.Understanding(
            found=progress.found,
            done=progress.done,
            failed=progress.failed,
            per_second=progress.per_second,
            running=progress.running,
            message=progress.message,
        )


class IndexCall:
    """An index server's handler as the rack calls it (`aggregator.direct.Handler`)."""

    def __init__(self, handler: IndexHandler, ready: threading.Event) -> None:
        self._handler = handler
        self._ready = ready

    def __call__(self, method: str, request: Message, allowed_s: float) -> Message:
        """Answer ``method``; raises `AlicornError`, ShardLoading until it is ready."""
        if not self._ready.is_set():
            raise ShardLoading("kernels are being prepared; try again in a few seconds")
        if isinstance(request, index_pb2.SearchRequest):
            return self._handler.search(request, deadline_s=allowed_s)
        if isinstance(request, index_pb2.FetchRequest):
            return self._handler.fetch(request)
        if isinstance(request, index_pb2.StatusRequest):
            return self._handler.status()
        raise Unsupported(f"an index server answers Search, Fetch and Status, got {method}")


class LocalTiers:
    """A library, open in this process.

    Parameters
    ----------
    library : Library
    serving : ServingConfig
    writable : bool
        Keep what is read from the log in segments. Only one process may; others replay it in
        memory.
    viewer_secret : str
        Empty serves this machine without tokens.
    models : Path
        Folder of the rankers' files.
    metrics : Metrics or None
        Where searches are counted, and how far the log and each shard are is told.
    """

    def __init__(
        self,
        library: Library,
        *,
        serving: ServingConfig | None = None,
        writable: bool,
        viewer_secret: str = "",
        models: Path = FOLDER,
        metrics: Metrics | None = None,
    ) -> None:
        serving = serving or ServingConfig()
        self.library = library
        self.log = SqliteLog(library.log_path)
        self.graph = SqliteGraph(library.log_path)
        self.shards = open_shards(
            library,
            tuple(range(library.settings.shards)),
            writable=writable,
            models=models,
            serving=serving,
        )
        self.tail = LogTail(self.shards, self.log)
        rack = Rack(
            [KnownServer(_INDEX, library.settings.shards)],
            shard_timeout_s=serving.shard_timeout_s,
        )
        self.top = Top(
            graph=self.graph,
            models=TopModels.load(models),
            serving=serving,
            surroundings=LibrarySurroundings(library),
            now_local=local_now,
            key=TokenKey(viewer_secret) if viewer_secret else None,
        )
        self.ready = threading.Event()
        """Set by default; cleared, the shards answer that they are loading."""
        self.ready.set()
        self.rack = RackHandler(rack, {_INDEX: IndexCall(IndexHandler(self.shards), self.ready)})
        self.search = TopHandler(
            self.top, self.rack, allowed_s=serving.search_timeout_s, metrics=metrics
        )
        if metrics is not None:
            tell_sequences(metrics, self.log, self.shards)

    def catch_up(self, timeout_s: float = 60.0) -> None:
        """Apply everything that the log has, and wait for it."""
        deadline = time.monotonic() + timeout_s
        self.tail.catch_up()
        while self.tail.sequence < self.log.latest() and time.monotonic() < deadline:
            self.tail.catch_up()

    def documents(self) -> Iterator[tuple[int, PhotoDocument]]:
        """Yield id and document of every photo that the log was given, in its order."""
        after = 0
        while entries := self.log.read(after, _LOG_BATCH):
            for entry in entries:
                write = entry.write()
                if isinstance(write, PutDocument):
                    yield entry.id, write.document
            after = entries[-1].sequence

    def close(self) -> None:
        """Seal what is in memory and give everything back."""
        self.tail.stop()
        for shard in self.shards:
            shard.close()
        self.graph.close()
        self.log.close()

    def __enter__(self) -> LocalTiers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
